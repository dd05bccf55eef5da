// SPDX-License-Identifier: Apache-2.0
// The idx files in which MNIST and its relatives come, packed by gzip or not.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace fovea {

/// Bytes in C order; the first side counts items.
struct IdxFile {
    std::vector<std::uint32_t> sides;
    std::vector<std::uint8_t> values;
};

/// Most bytes of one item (a picture).
constexpr std::uint64_t maxIdxItemBytes = std::uint64_t{1} << 24;

/// The first `items` items of a file of unsigned bytes (type 0x08), 1 to 4 sides. Memory grows with
/// what is really there. BadFile names the file, what was found and what is expected.
[[nodiscard]] Result<IdxFile> readIdx(const std::filesystem::path &path, std::uint64_t items);

}  // namespace fovea
