// SPDX-License-Identifier: Apache-2.0
// One function for each form of set.
#include "datasets/labelled_pictures.h"

#include "datasets/idx_file.h"

#include <algorithm>
#include <optional>

namespace fovea {

namespace {

/// The first file by name that begins and ends so, ".gz" or not.
std::optional<std::filesystem::path> findFile(const std::filesystem::path &folder,
                                              const std::string &begin, const std::string &end) {
    std::vector<std::filesystem::path> found;
    std::error_code unknown;
    for (const auto &entry : std::filesystem::directory_iterator(folder, unknown)) {
        std::string name = entry.path().filename().string();
        if (name.ends_with(".gz"))
            name.resize(name.size() - 3);
        if (name.starts_with(begin) && name.ends_with(end))
            found.push_back(entry.path());
    }
    if (found.empty())
        return std::nullopt;
    return *std::min_element(found.begin(), found.end());
}

Result<LabelledPictures> openMnist(const std::filesystem::path &folder, PictureSplit split,
                                   std::size_t most) {
    const std::string begin = split == PictureSplit::Train ? "train" : "t10k";
    const auto images = findFile(folder, begin, "images-idx3-ubyte");
    const auto labels = findFile(folder, begin, "labels-idx1-ubyte");
    if (!images || !labels)
        return fail(ErrorCode::BadFile, "{}: no {}*-{}-ubyte, packed by gzip or not",
                    folder.string(), begin, images ? "labels-idx1" : "images-idx3");
    auto pixels = readIdx(*images, most);
    if (!pixels)
        return failed(pixels);
    auto names = readIdx(*labels, most);
    if (!names)
        return failed(names);
    if (pixels->sides.size() != 3 || names->sides.size() != 1)
        return fail(ErrorCode::BadFile, "{}: {} sides, expected 3", images->string(),
                    pixels->sides.size());
    if (pixels->sides[0] != names->sides[0])
        return fail(ErrorCode::BadFile, "{}: {} labels for {} pictures", labels->string(),
                    names->sides[0], pixels->sides[0]);
    LabelledPictures pictures;
    pictures.height = pixels->sides[1];
    pictures.width = pixels->sides[2];
    pictures.classes = 10;
    pictures.pixels = std::move(pixels->values);
    pictures.labels = std::move(names->values);
    const auto largest = *std::max_element(pictures.labels.begin(), pictures.labels.end());
    if (largest >= pictures.classes)
        return fail(ErrorCode::BadFile, "{}: label {}, allowed are 0 to 9", labels->string(),
                    largest);
    return pictures;
}

}  // namespace

std::vector<float> LabelledPictures::values(std::size_t first, std::size_t count) const {
    const auto from = pixels.begin() + static_cast<std::ptrdiff_t>(first * pictureSize());
    std::vector<float> all(count * pictureSize());
    std::transform(from, from + static_cast<std::ptrdiff_t>(all.size()), all.begin(),
                   [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0F; });
    return all;
}

Result<LabelledPictures> openPictures(const std::string &name, PictureSplit split,
                                      std::size_t most) {
    constexpr std::string_view mnist = "mnist:";
    if (most == 0)
        return fail(ErrorCode::Usage, "{}: no pictures are asked for", name);
    if (name.starts_with(mnist))
        return openMnist(name.substr(mnist.size()), split, most);
    return fail(ErrorCode::Usage, "'{}': no set of pictures, expected {}", name, pictureSetForms);
}

}  // namespace fovea
