// SPDX-License-Identifier: Apache-2.0
// Convolutions by tensor cores: weights in bf16 or int8, packed spikes, neurons fused over time.
#pragma once

#include "engine/cuda/tensor_tiles.h"
#include "engine/snn/snn_bodies.h"

namespace fovea::snn_bodies {

/// How a convolution of packed spikes lies for tensor cores. A row of weights is an output, a
/// column one step of one place: as implicit GEMM the taps (row, column, then channels in blocks of
/// a tile's length) are multiplied with the bits of the bytes that they see, spikes as ones; their
/// sizes are in the weights. Column n of tile j of a group of four places is step 2 j + n % 2 of
/// place n / 2: so the sums of all steps of a neuron come to one lane, which charges it.
struct TensorLayer {
    Window window;
    SignalView in;
    const std::uint32_t *weights;  ///< WeightTile [rows of 16][block][lane]
    const float *scales;           ///< of an output's integers; null: bf16
    const float *bias;             ///< null: none
    std::uint32_t outputs;
    std::uint32_t tapBlocks;  ///< of a tap
    std::uint32_t places;     ///< of all samples
    Finish finish;
};

/// A warp makes `rowTiles` x 16 outputs of `groups` x 4 places in `stepTiles` x 2 steps.
/// Threads (warps): tensorWarps().
template <class Tiles, int rowTiles, int groups, int stepTiles> struct TensorBody {
    static constexpr const char *name() { return Tiles::name(); }
    static constexpr std::uint32_t lanes = 32;
    static constexpr int architecture = 80;

    TensorLayer layer;

    FOVEA_BOTH void operator()(std::uint64_t warp) const {
        const std::uint32_t across = (layer.places + 4 * groups - 1) / (4 * groups);
        const std::uint32_t rows = static_cast<std::uint32_t>(warp / across) * rowTiles;
        const std::uint32_t first = static_cast<std::uint32_t>(warp % across) * 4 * groups;
        Sums sums[rowTiles][groups * stepTiles] = {};
        const std::uint32_t taps = layer.window.kernelHeight * layer.window.kernelWidth;
        for (std::uint32_t tap = 0; tap < taps; ++tap) {
            PerLane<std::uint64_t> from[groups];
            for (int g = 0; g < groups; ++g)
                look(first + 4 * static_cast<std::uint32_t>(g), tap, from[g]);
            for (std::uint32_t block = 0; block < layer.tapBlocks; ++block)
                add(rows, tap * layer.tapBlocks + block, block, from, sums);
        }
        FOVEA_UNROLL
        for (int r = 0; r < rowTiles; ++r)
            FOVEA_UNROLL
        for (int g = 0; g < groups; ++g)
            store(rows + static_cast<std::uint32_t>(r), first + 4 * static_cast<std::uint32_t>(g),
                  &sums[r][g * stepTiles]);
    }

private:
    using Sums = PerLane<SumTile<typename Tiles::Sum>>;
    static constexpr std::uint64_t nowhere = ~std::uint64_t{0};
    /// Channels of a block that a lane sees.
    static constexpr std::uint32_t own = Tiles::length / 4;

    /// Where each lane's place sees the tap.
    FOVEA_BOTH void look(std::uint32_t place, std::uint32_t tap,
                         PerLane<std::uint64_t> &from) const {
        for (std::uint32_t slot = 0; slot < playedLanes; ++slot) {
            const std::uint32_t lane = laneOf(slot);
            const std::uint32_t at = place + lane / 8;
            const std::uint32_t inPlane = at % layer.finish.places;
            const std::uint32_t row =
                layer.window.row(inPlane / layer.window.outWidth, tap / layer.window.kernelWidth);
            const std::uint32_t column = layer.window.column(inPlane % layer.window.outWidth,
                                                             tap % layer.window.kernelWidth);
            const bool there =
                at < layer.places && row < layer.window.inHeight && column < layer.window.inWidth;
            from[slot] = there ? layer.in.offset(at / layer.finish.places, lane % 4 * own,
                                                 row * layer.window.inWidth + column)
                               : nowhere;
        }
    }
    FOVEA_BOTH void add(std::uint32_t rows, std::uint32_t weightBlock, std::uint32_t block,
                        const PerLane<std::uint64_t> (&from)[groups],
                        Sums (&sums)[rowTiles][groups * stepTiles]) const {
        PerLane<ColumnTile> bytes[groups];
        PerLane<std::uint32_t> any;
        for (std::uint32_t slot = 0; slot < playedLanes; ++slot) {
            any[slot] = 0;
            for (int g = 0; g < groups; ++g)
                any[slot] |= load(from[g][slot], block, bytes[g][slot]);
        }
        if (!anyLane(any))
            return;
        PerLane<WeightTile> weights[rowTiles];
        for (int r = 0; r < rowTiles; ++r)
            for (std::uint32_t slot = 0; slot < playedLanes; ++slot)
                weights[r][slot] =
                    weight(rows + static_cast<std::uint32_t>(r), weightBlock, laneOf(slot));
        for (int g = 0; g < groups; ++g)
            for (int s = 0; s < stepTiles; ++s) {
                PerLane<ColumnTile> columns;
                for (std::uint32_t slot = 0; slot < playedLanes; ++slot)
                    columns[slot] = ones(bytes[g][slot],
                                         2 * static_cast<std::uint32_t>(s) + laneOf(slot) / 4 % 2);
                for (int r = 0; r < rowTiles; ++r)
                    multiplyTiles<Tiles>(sums[r][g * stepTiles + s], weights[r], columns);
            }
    }
    /// The lane's bytes of a block; all of them together.
    FOVEA_BOTH std::uint32_t load(std::uint64_t from, std::uint32_t block,
                                  ColumnTile &bytes) const {
        bytes = {};
        if (from == nowhere)
            return 0;
        const std::uint8_t *at = layer.in.bits + from + std::uint64_t{block} * Tiles::length;
        bytes.words[0] = *reinterpret_cast<const std::uint32_t *>(at);
        if constexpr (Tiles::length == 32)
            bytes.words[1] = *reinterpret_cast<const std::uint32_t *>(at + 4);
        return bytes.words[0] | bytes.words[1];
    }
    [[nodiscard]] FOVEA_BOTH WeightTile weight(std::uint32_t row, std::uint32_t block,
                                               std::uint32_t lane) const {
        if (row * 16 >= layer.outputs)
            return {};
        const std::uint32_t blocks =
            layer.tapBlocks * layer.window.kernelHeight * layer.window.kernelWidth;
        return reinterpret_cast<const AlignedTile *>(
            layer.weights)[(std::uint64_t{row} * blocks + block) * 32 + lane];
    }
    struct alignas(16) AlignedTile : WeightTile {};

    /// Bit `step` of every byte as a number 0 or 1.
    [[nodiscard]] FOVEA_BOTH static ColumnTile ones(const ColumnTile &bytes, std::uint32_t step) {
        const std::uint32_t low = (bytes.words[0] >> step) & 0x01010101U;
        if constexpr (Tiles::length == 32)
            return {{low, (bytes.words[1] >> step) & 0x01010101U}};
        constexpr std::uint32_t one = 0x3F80;
        const std::uint32_t high = low >> 16;
        return {{((low & 1U) | ((low << 8) & 0x10000U)) * one,
                 ((high & 1U) | ((high << 8) & 0x10000U)) * one}};
    }
    FOVEA_BOTH void store(std::uint32_t row, std::uint32_t place, const Sums *sums) const {
        for (std::uint32_t slot = 0; slot < playedLanes; ++slot) {
            const std::uint32_t lane = laneOf(slot);
            const std::uint32_t at = place + lane % 4;
            if (at >= layer.places)
                continue;
            FOVEA_UNROLL
            for (std::uint32_t half = 0; half < 2; ++half) {
                const std::uint32_t output = row * 16 + lane / 4 + 8 * half;
                if (output >= layer.outputs)
                    continue;
                const float bias = layer.bias != nullptr ? layer.bias[output] : 0.0F;
                const float scale = layer.scales != nullptr ? layer.scales[output] : 1.0F;
                float values[2 * stepTiles];
                FOVEA_UNROLL
                for (int t = 0; t < 2 * stepTiles; ++t)
                    values[t] =
                        scale * static_cast<float>(sums[t / 2][slot].sums[half * 2 + t % 2]) + bias;
                layer.finish.store(
                    Position{at / layer.finish.places, output, at % layer.finish.places}, values);
            }
        }
    }
};

}  // namespace fovea::snn_bodies
