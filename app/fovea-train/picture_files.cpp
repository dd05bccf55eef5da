// SPDX-License-Identifier: Apache-2.0
// Reads picture files through OpenCV.
#include "app/fovea-train/picture_files.h"

#include <algorithm>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>

namespace fovea {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sorted(const fs::path &folder, bool folders) {
    std::vector<fs::path> found;
    std::error_code unknown;
    for (const auto &entry : fs::directory_iterator(folder, unknown))
        if (entry.is_directory() == folders && entry.path().filename().string()[0] != '.')
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

cv::Mat read(const fs::path &path, int flags) {
    try {
        return cv::imread(path.string(), flags);
    } catch (const cv::Exception &) {
        return {};
    }
}

}  // namespace

Result<LabelledPictures> openClassFolder(const std::string &folder,
                                         std::vector<std::string> &names) {
    LabelledPictures pictures;
    const auto classes = sorted(folder, true);
    if (classes.size() < 2 || classes.size() > 256)
        return fail(ErrorCode::BadFile, "{}: {} sub-folders, expected 2 to 256: one a class",
                    folder, classes.size());
    for (const fs::path &one : classes) {
        names.push_back(one.filename().string());
        for (const fs::path &file : sorted(one, false)) {
            const cv::Mat picture = read(file, cv::IMREAD_COLOR);
            if (picture.empty())
                continue;  // a list or a note among the pictures
            if (pictures.width == 0) {
                pictures.channels = 3;
                pictures.width = static_cast<std::uint32_t>(picture.cols);
                pictures.height = static_cast<std::uint32_t>(picture.rows);
            }
            if (picture.cols != static_cast<int>(pictures.width) ||
                picture.rows != static_cast<int>(pictures.height))
                return fail(ErrorCode::BadFile, "{}: {}x{}, but others are {}x{}", file.string(),
                            picture.cols, picture.rows, pictures.width, pictures.height);
            for (const int channel : {2, 1, 0})
                for (int y = 0; y < picture.rows; ++y)
                    for (int x = 0; x < picture.cols; ++x)
                        pictures.pixels.push_back(picture.at<cv::Vec3b>(y, x)[channel]);
            pictures.labels.push_back(static_cast<std::uint8_t>(names.size() - 1));
        }
    }
    pictures.classes = static_cast<std::uint32_t>(names.size());
    if (pictures.count() == 0)
        return fail(ErrorCode::BadFile, "{}: no pictures in its sub-folders", folder);
    return pictures;
}

Result<std::vector<GreyPicture>> openGreyFolder(const std::string &folder, std::size_t most) {
    std::vector<GreyPicture> pictures;
    for (const fs::path &file : sorted(folder, false)) {
        if (pictures.size() == most)
            break;
        const cv::Mat picture = read(file, cv::IMREAD_GRAYSCALE);
        if (picture.empty())
            continue;
        pictures.push_back({static_cast<std::uint32_t>(picture.cols),
                            static_cast<std::uint32_t>(picture.rows),
                            {picture.datastart, picture.dataend}});
    }
    if (pictures.empty())
        return fail(ErrorCode::BadFile, "{}: no pictures", folder);
    return pictures;
}

}  // namespace fovea
