// SPDX-License-Identifier: Apache-2.0
// Spikes between two layers: a bit each, some steps at once.
#pragma once

#include "engine/core/aligned_vector.h"
#include "engine/core/plane_bits.h"
#include "engine/snn/layers.h"

namespace fovea {

/// (channels, height, width) of any signal; one without places has one.
[[nodiscard]] Grid spikeGridOf(const SignalShape &shape);

/// Bits in the order [sample][row][column][step][channel]; the channels of a step fill whole words.
/// So all steps of a place lie together: a layer reads its weights once for all of them, and a
/// maximum over places is an OR of neighbours.
struct SpikeGrid {
    Grid grid;
    std::size_t batch = 1;
    std::size_t steps = 1;
    float amplitude = 1;  ///< what a spike stands for
    AlignedVector<std::uint64_t> bits;

    SpikeGrid() = default;
    SpikeGrid(const Grid &grid, std::size_t batch, float amplitude);

    [[nodiscard]] std::size_t pixels() const { return grid.height * grid.width; }
    /// Of the channels of one step.
    [[nodiscard]] std::size_t words() const { return (grid.channels + 63) / 64; }
    [[nodiscard]] std::uint64_t *at(std::size_t sample, std::size_t pixel, std::size_t step = 0) {
        return bits.data() + ((sample * pixels() + pixel) * steps + step) * words();
    }
    [[nodiscard]] const std::uint64_t *at(std::size_t sample, std::size_t pixel,
                                          std::size_t step = 0) const {
        return bits.data() + ((sample * pixels() + pixel) * steps + step) * words();
    }
    /// Room for so many steps; what was there is lost when the number changes.
    void setSteps(std::size_t count);
    /// One plane of height x width bits for each channel, sample and step, the channels of a sample
    /// together, then the samples of a step.
    void takePlanes(PlanePointers planes);
    /// Spikes of all steps at each place, sample by sample.
    void count(std::vector<std::uint32_t> &counts) const;
    /// Steps x batch x elements, in the order of signals; `values` holds them.
    void toValues(std::span<float> values) const;
};

/// Maximum pooling: a place fires when one of those it sees does. `to` has its grid and steps.
void orPool(const Pool2d &pool, const SpikeGrid &from, SpikeGrid &to);

}  // namespace fovea
