// SPDX-License-Identifier: Apache-2.0
// Header-less recordings (.dat), with or without 16 header bits at the end of each row.
#pragma once

#include "datasets/file_handle.h"
#include "datasets/spike_file.h"

namespace fovea {

/// Layout of a header-less recording.
struct RawLayout {
    PlaneShape shape;
    std::uint32_t headBits = 0;  ///< after the pixels of every row
    bool flip = false;

    [[nodiscard]] std::uint64_t rowBits() const { return std::uint64_t{shape.width} + headBits; }
    [[nodiscard]] std::uint64_t planeBits() const { return rowBits() * shape.height; }
    /// Whole planes in `bytes`.
    [[nodiscard]] std::uint64_t planesIn(std::uint64_t bytes) const;
    /// Bytes that `planes` planes take, the last one rounded up.
    [[nodiscard]] std::uint64_t bytesOf(std::uint64_t planes) const;
};

/// Header bits per row of RawWithHead.
inline constexpr std::uint32_t rowHeadBits = 16;

[[nodiscard]] std::unique_ptr<PlaneStore> makeRawPlanes(FileHandle file, RawLayout layout);

}  // namespace fovea
