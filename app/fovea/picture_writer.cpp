// SPDX-License-Identifier: Apache-2.0
// PNG sequences and, where the module for them is, videos.
#include "app/fovea/picture_writer.h"

#include "app/fovea/pictures.h"
#include "app/fovea/video/video_file.h"
#include "app/output_file.h"

#include <algorithm>
#include <array>
#include <dlfcn.h>
#include <opencv2/core.hpp>

namespace fovea {

namespace fs = std::filesystem;

namespace {

/// Pictures and videos that we do not write: nobody means a folder by such a name.
bool isOtherMedium(std::string_view extension) {
    constexpr std::array<std::string_view, 10> others = {".png", ".jpg",  ".jpeg", ".gif", ".bmp",
                                                         ".tif", ".tiff", ".mov",  ".mkv", ".webm"};
    return std::find(others.begin(), others.end(), extension) != others.end();
}

class PngFolder final : public PictureWriter {
public:
    PngFolder(fs::path folder, bool created) : folder_(std::move(folder)), created_(created) {}
    ~PngFolder() override {
        std::error_code ignored;
        for (const fs::path &file : written_)
            fs::remove(file, ignored);
        if (created_ && !finished_)
            fs::remove(folder_, ignored);
    }

    static Result<std::unique_ptr<PictureWriter>> create(const fs::path &folder) {
        std::error_code error;
        const bool there = fs::exists(folder, error);
        if (!there && isOtherMedium(folder.extension().string()))
            return fail(ErrorCode::Usage,
                        "{}: found {}, expected .avi or .mp4 for a video or the name of a folder",
                        folder.string(), folder.extension().string());
        if (there && !fs::is_directory(folder, error))
            return fail(ErrorCode::Io, "{}: is a file; pictures go to a folder, or to .avi or .mp4",
                        folder.string());
        if (there && !fs::is_empty(folder, error))
            return fail(ErrorCode::Io, "{}: the folder is not empty", folder.string());
        if (!there && !fs::create_directories(folder, error))
            return fail(ErrorCode::Io, "{}: {}", folder.string(), error.message());
        return std::make_unique<PngFolder>(folder, !there);
    }

    Result<void> add(const cv::Mat &picture, std::uint64_t plane) override {
        const fs::path file = folder_ / fmt::format("plane_{:08}.png", plane);
        const auto bytes = encodePng(picture);
        if (!bytes)
            return tl::make_unexpected(bytes.error());
        Result<ProgramOutput> output = ProgramOutput::create(file.string());
        if (!output)
            return failed(output);
        if (auto written = output->write(*bytes); !written)
            return written;
        written_.push_back(file);
        return output->finish();
    }

    Result<void> finish() override {
        finished_ = true;
        written_.clear();
        return {};
    }

private:
    fs::path folder_;
    bool created_;
    bool finished_ = false;
    std::vector<fs::path> written_;
};

/// The module lies beside the program; it stays loaded.
Result<std::unique_ptr<VideoFile>> loadVideoFile() {
    std::error_code ignored;
    const fs::path module = fs::read_symlink("/proc/self/exe", ignored).parent_path() / videoModule;
    void *handle = ::dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return fail(ErrorCode::Unsupported,
                    "no videos are written here ({}); name a folder instead", ::dlerror());
    const auto make = reinterpret_cast<MakeVideoFile *>(::dlsym(handle, makeVideoFileName));
    ::dlclose(handle);
    if (make == nullptr)
        return fail(ErrorCode::Unsupported, "{} belongs to another version", module.string());
    return std::unique_ptr<VideoFile>(make());
}

class Video final : public PictureWriter {
public:
    Video(const fs::path &path, std::unique_ptr<VideoFile> video)
        : name_(path.string()), file_(path), video_(std::move(video)) {}

    Result<void> open(PlaneShape shape, double framesPerSecond) {
        const bool mp4 = file_.path().extension() == ".mp4";
        const cv::Size size(static_cast<int>(shape.width), static_cast<int>(shape.height));
        try {
            if (video_->open(file_.path().string(), mp4 ? "mp4v" : "MJPG", framesPerSecond, size))
                return {};
        } catch (const cv::Exception &error) {
            return fail(ErrorCode::Unsupported, "{}: {}", name_, error.what());
        }
        return fail(ErrorCode::Unsupported,
                    "{}: no video of {} can be written here; .avi and folders always work", name_,
                    toString(shape));
    }

    Result<void> add(const cv::Mat &picture, std::uint64_t) override {
        try {
            video_->write(picture);
        } catch (const cv::Exception &error) {
            return fail(ErrorCode::Io, "{}: {}", name_, error.what());
        }
        return {};
    }

    Result<void> finish() override {
        video_->close();
        std::error_code error;
        if (fs::file_size(file_.path(), error) == 0 || error)
            return fail(ErrorCode::Io, "{}: the video could not be written", name_);
        return file_.commit();
    }

private:
    std::string name_;
    UnfinishedFile file_;
    std::unique_ptr<VideoFile> video_;
};

Result<std::unique_ptr<PictureWriter>> makeVideo(const fs::path &path, PlaneShape shape,
                                                 double framesPerSecond) {
    Result<std::unique_ptr<VideoFile>> file = loadVideoFile();
    if (!file)
        return fail(file.error().code, "{}: {}", path.string(), file.error().message);
    auto video = std::make_unique<Video>(path, std::move(*file));
    if (auto opened = video->open(shape, framesPerSecond); !opened)
        return failed(opened);
    return video;
}

}  // namespace

bool isVideo(const fs::path &path) {
    return path.extension() == ".avi" || path.extension() == ".mp4";
}

Result<std::unique_ptr<PictureWriter>> makePictureWriter(const std::string &path, PlaneShape shape,
                                                         double framesPerSecond,
                                                         std::span<const fs::path> inputs) {
    const fs::path target = path;
    if (!isVideo(target))
        return PngFolder::create(target);
    if (auto checked = checkDocument(target, inputs); !checked)
        return failed(checked);
    return makeVideo(target, shape, framesPerSecond);
}

}  // namespace fovea
