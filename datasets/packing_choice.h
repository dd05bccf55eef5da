// SPDX-License-Identifier: Apache-2.0
// Whether a recording is packed: measured on its first planes.
#pragma once

#include "datasets/block_writer.h"
#include "engine/core/spike_block.h"

#include <string>
#include <string_view>

namespace fovea {

enum class PackingWish : std::uint8_t {
    None,
    Auto,  ///< when it saves room and a core has the time
    Zstd,
};
/// "none", "auto", "zstd"
[[nodiscard]] std::string_view toString(PackingWish wish);
/// The inverse; an unknown name is ErrorCode::Usage and lists the known ones.
[[nodiscard]] Result<PackingWish> parsePackingWish(std::string_view text);

/// What packing some planes showed.
struct PackingTrial {
    double share = 1;           ///< packed bytes for each plain one
    double bytesPerSecond = 0;  ///< plain bytes packed in a second of one core
};
/// Packs up to 2 MiB of the block. Takes some milliseconds.
[[nodiscard]] PackingTrial tryPacking(const SpikeBlock &block, bool flip);

struct PackingChoice {
    Packing packing = Packing::None;
    std::string why;  ///< "zstd: 43 % of the room, 21 % of a core"
};
/// Packs when that saves at least a tenth of the room and takes at most half of a core.
[[nodiscard]] PackingChoice choosePacking(const PackingTrial &trial, double bytesPerSecond);

}  // namespace fovea
