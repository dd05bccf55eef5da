// SPDX-License-Identifier: Apache-2.0
// Names of formats and of the sidecar.
#include "datasets/descriptor.h"

#include <array>

namespace fovea {

namespace {
constexpr std::array<std::string_view, 5> formatNames{"auto", "raw", "head", "m1k40", "npz"};
}

std::string_view toString(FileFormat format) {
    return formatNames.at(static_cast<std::size_t>(format));
}

Result<FileFormat> parseFileFormat(std::string_view text) {
    for (std::size_t i = 0; i < formatNames.size(); ++i)
        if (text == formatNames[i])
            return static_cast<FileFormat>(i);
    return fail(ErrorCode::Usage, "format '{}': expected auto, raw, head, m1k40 or npz", text);
}

std::filesystem::path sidecarPath(const std::filesystem::path &recording) {
    return std::filesystem::path(recording.native() + ".yaml");
}

}  // namespace fovea
