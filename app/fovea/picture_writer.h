// SPDX-License-Identifier: Apache-2.0
// Many pictures to one place: a folder of PNG files or a video.
#pragma once

#include "engine/core/error.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace cv {
class Mat;
}

namespace fovea {

/// Takes pictures in order. What was written is removed again when finish() is never called.
///
/// Threads: one at a time.
class PictureWriter {
public:
    PictureWriter() = default;
    PictureWriter(const PictureWriter &) = delete;
    PictureWriter &operator=(const PictureWriter &) = delete;
    virtual ~PictureWriter() = default;
    /// Grey or BGR, 8 bits a channel; grey of 16 bits too, but not in a video.
    [[nodiscard]] virtual Result<void> add(const cv::Mat &picture, std::uint64_t plane) = 0;
    [[nodiscard]] virtual Result<void> finish() = 0;
};

/// Whether makePictureWriter() makes a video of it.
[[nodiscard]] bool isVideo(const std::filesystem::path &path);
/// `path` ending in .avi (motion JPEG) or .mp4 is a video of `framesPerSecond`; anything else is a
/// folder that gets one plane_<number>.png a picture and must be empty or not there yet.
/// Errors as checkDocument(); ErrorCode::Unsupported when OpenCV here cannot write such a video.
[[nodiscard]] Result<std::unique_ptr<PictureWriter>>
makePictureWriter(const std::string &path, PlaneShape shape, double framesPerSecond,
                  std::span<const std::filesystem::path> inputs);

}  // namespace fovea
