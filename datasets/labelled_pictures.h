// SPDX-License-Identifier: Apache-2.0
// Public sets of pictures with a class each: what networks are judged and calibrated with.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace fovea {

enum class PictureSplit { Train, Test };

/// Pictures of one size; pixels (picture, channel, row, column), 0 to 255.
struct LabelledPictures {
    std::uint32_t channels = 1;
    std::uint32_t height = 0;
    std::uint32_t width = 0;
    std::uint32_t classes = 0;
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint8_t> labels;

    [[nodiscard]] std::size_t count() const { return labels.size(); }
    [[nodiscard]] std::size_t pictureSize() const { return std::size_t{channels} * height * width; }
    /// Pictures `first` up to `first + count` as numbers from 0 to 1.
    [[nodiscard]] std::vector<float> values(std::size_t first, std::size_t count) const;
};

/// Forms of set names, for help texts.
inline constexpr const char *pictureSetForms = "mnist:DIR";

/// `name` is "mnist:DIR": a folder with MNIST's idx files (or those of a relative: Fashion-MNIST),
/// packed or not; the test set may be there in part ("t10k-first5k-images-idx3-ubyte.gz"). The
/// first `most` pictures. Usage for a name of no known form, else BadFile.
[[nodiscard]] Result<LabelledPictures>
openPictures(const std::string &name, PictureSplit split,
             std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace fovea
