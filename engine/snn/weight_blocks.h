// SPDX-License-Identifier: Apache-2.0
// How weights that are added row by row are cut into blocks of outputs.
#pragma once

#include "engine/core/tile_pool.h"
#include "engine/snn/conv_form.h"

namespace fovea {

/// Neighbouring outputs of a group whose weights lie together, a row for each input and tap.
struct WeightBlock {
    static constexpr std::size_t lanes = 16;         ///< widths are a multiple of this
    static constexpr std::size_t mostOutputs = 128;  ///< of a block
    std::size_t group = 0;
    std::size_t first = 0, outputs = 0;
    std::size_t width = 0;    ///< of a row
    std::size_t weights = 0;  ///< where they begin

    [[nodiscard]] std::size_t end(const ConvForm &form) const {
        return weights + form.rows() * width;
    }
    /// Columns of all blocks before it.
    [[nodiscard]] std::size_t column(const ConvForm &form) const { return weights / form.rows(); }
    /// In the order of the outputs.
    [[nodiscard]] static std::vector<WeightBlock> cut(const ConvForm &form);
    /// Sums of one step: a block may write beyond the last channel, up to a multiple of `lanes`.
    [[nodiscard]] static std::size_t pitch(const ConvForm &form);
    /// Places of a row whose sums of `steps` steps stay in the nearest cache, at least one.
    [[nodiscard]] static std::size_t nearPlaces(const ConvForm &form, std::size_t steps);
    /// So many bytes stay in no cache of a core.
    [[nodiscard]] static bool far(std::size_t bytes) { return bytes > std::size_t{1} << 20; }
};

/// Work on [0, count) in pieces of `tile`, by the pool if there is one.
template <class Work>
void shareOut(TilePool *pool, std::size_t count, std::size_t tile, Work &&work) {
    if (pool == nullptr)
        work(std::size_t{0}, count);
    else
        pool->run(count, tile, work);
}

}  // namespace fovea
