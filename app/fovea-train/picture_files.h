// SPDX-License-Identifier: Apache-2.0
// Folders of picture files.
#pragma once

#include "datasets/labelled_pictures.h"

namespace fovea {

/// A folder whose sub-folders are classes (in the order of their names) with pictures of one size;
/// `names` becomes theirs. BadFile names what is wrong.
[[nodiscard]] Result<LabelledPictures> openClassFolder(const std::string &folder,
                                                       std::vector<std::string> &names);

struct GreyPicture {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint8_t> grey;
};
/// Every picture of a folder in the order of the names, at most `most`, as grey.
[[nodiscard]] Result<std::vector<GreyPicture>> openGreyFolder(const std::string &folder,
                                                              std::size_t most);

}  // namespace fovea
