// SPDX-License-Identifier: Apache-2.0
// Grey pictures to PNG, with boxes when wanted.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/error.h"
#include "engine/core/picture.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace cv {
class Mat;
}

namespace fovea {

/// A view of the picture, to be read only while the picture lives.
[[nodiscard]] cv::Mat asMat(const Picture &picture);
[[nodiscard]] cv::Mat asMat(const DeepPicture &picture);

/// The picture with each track's box and identity drawn in colour (BGR, 8 bits a channel). Coasting
/// boxes are thin.
[[nodiscard]] cv::Mat drawTracks(const Picture &picture, std::span<const Track> tracks);

/// PNG of as many bits as the picture has.
[[nodiscard]] Result<std::vector<unsigned char>> encodePng(const cv::Mat &picture);

/// Writes a whole file or none; "-" is stdout. Usage, too, where the name says another kind of
/// picture.
[[nodiscard]] Result<void> writePng(const std::string &path, const cv::Mat &picture,
                                    std::span<const std::filesystem::path> inputs = {});

}  // namespace fovea
