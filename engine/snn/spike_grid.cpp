// SPDX-License-Identifier: Apache-2.0
// Counting, unpacking and pooling of packed spikes.
#include "engine/snn/spike_grid.h"

#include "engine/snn/cpu_kernels.h"

#include <algorithm>
#include <array>
#include <bit>

namespace fovea {

namespace {

/// Bit c of word r becomes bit r of word c, 64 x 64: blocks of half the size change places, then
/// blocks in these.
void transpose(std::array<std::uint64_t, 64> &words) {
    std::uint64_t mask = 0xffffffff;
    for (std::size_t half = 32; half > 0; half /= 2, mask ^= mask << half)
        for (std::size_t r = 0; r < 64; r = (r + half + 1) & ~half) {
            const std::uint64_t swapped = ((words[r] >> half) ^ words[r + half]) & mask;
            words[r] ^= swapped << half;
            words[r + half] ^= swapped;
        }
}

}  // namespace

Grid spikeGridOf(const SignalShape &shape) {
    if (shape.rank == 2 || shape.rank == 3)
        return gridOf(shape);
    return {shape.channels(), shape.channelElements(), 1};
}

SpikeGrid::SpikeGrid(const Grid &size, std::size_t samples, float spike)
    : grid(size), batch(samples), amplitude(spike), bits(samples * pixels() * words()) {}

void SpikeGrid::setSteps(std::size_t count) {
    if (steps == count)
        return;
    steps = count;
    bits.assign(batch * pixels() * steps * words(), 0);
}

void SpikeGrid::takePlanes(PlanePointers planes) {
    std::array<std::uint64_t, 64> square;
    for (std::size_t i = 0; i < steps * batch; ++i)
        for (std::size_t w = 0; w < words(); ++w) {
            const auto channels = planes.subspan(i * grid.channels + w * 64,
                                                 std::min<std::size_t>(64, grid.channels - w * 64));
            for (std::size_t first = 0; first < pixels(); first += 64) {
                square.fill(0);
                for (std::size_t c = 0; c < channels.size(); ++c)
                    square[c] = channels[c][first / 64];
                transpose(square);
                const std::size_t last = std::min(first + 64, pixels());
                for (std::size_t pixel = first; pixel < last; ++pixel)
                    at(i % batch, pixel, i / batch)[w] = square[pixel - first];
            }
        }
}

void SpikeGrid::count(std::vector<std::uint32_t> &counts) const {
    counts.resize(batch * pixels());
    const std::size_t each = steps * words();
    for (std::size_t i = 0; i < counts.size(); ++i)
        counts[i] =
            static_cast<std::uint32_t>(cpu_kernels::countBits(bits.data() + i * each, each));
}

void SpikeGrid::toValues(std::span<float> values) const {
    std::fill(values.begin(), values.end(), 0.0F);
    const std::size_t elements = grid.channels * pixels();
    const std::uint64_t *word = bits.data();
    for (std::size_t sample = 0; sample < batch; ++sample)
        for (std::size_t pixel = 0; pixel < pixels(); ++pixel)
            for (std::size_t t = 0; t < steps; ++t) {
                float *to = values.data() + (t * batch + sample) * elements + pixel;
                for (std::size_t w = 0; w < words(); ++w, ++word)
                    for (std::uint64_t left = *word; left != 0; left &= left - 1) {
                        const auto bit = static_cast<std::size_t>(std::countr_zero(left));
                        to[(w * 64 + bit) * pixels()] = amplitude;
                    }
            }
}

void orPool(const Pool2d &pool, const SpikeGrid &from, SpikeGrid &to) {
    const std::size_t each = from.steps * from.words();
    std::fill(to.bits.begin(), to.bits.end(), 0);
    for (std::size_t sample = 0; sample < to.batch; ++sample)
        for (std::size_t y = 0; y < to.grid.height; ++y)
            for (std::size_t ky = 0; ky < pool.kernel.height; ++ky) {
                const std::size_t row = y * pool.stride.height + ky - pool.padding.top;
                if (row >= from.grid.height)
                    continue;
                for (std::size_t x = 0; x < to.grid.width; ++x) {
                    std::uint64_t *target = to.at(sample, y * to.grid.width + x);
                    for (std::size_t kx = 0; kx < pool.kernel.width; ++kx) {
                        const std::size_t column = x * pool.stride.width + kx - pool.padding.left;
                        if (column >= from.grid.width)
                            continue;
                        const std::uint64_t *seen = from.at(sample, row * from.grid.width + column);
                        for (std::size_t i = 0; i < each; ++i)
                            target[i] |= seen[i];
                    }
                }
            }
}

}  // namespace fovea
