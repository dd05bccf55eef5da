// SPDX-License-Identifier: Apache-2.0
// Expanding spikes so that the rows of a tile lie at even distances, and multiplying.
#include "engine/snn/dense_layer.h"

#include "engine/snn/weight_blocks.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace fovea {

namespace {

constexpr std::size_t tileSize = dense::tileRows * dense::tileBytes;

/// Sums of one product, kept by each thread.
void *sumsFor(std::size_t tiles) {
    thread_local AlignedVector<std::int32_t> sums;
    const std::size_t needed = tiles * dense::tileRows * dense::columns;
    if (sums.size() < needed)
        sums.resize(needed);
    return sums.data();
}

const dense::Kernels *kernelsFor(Precision precision) {
    return precision == Precision::Int8   ? dense::forBytes()
           : precision == Precision::Bf16 ? dense::forBfloats()
                                          : nullptr;
}

std::size_t tilesOf(std::size_t rows) {
    return (rows + dense::tileRows - 1) / dense::tileRows;
}

}  // namespace

bool DenseLayer::can(const ConvForm &form, Precision precision) {
    return kernelsFor(precision) != nullptr && form.groups == 1;
}

DenseLayer::DenseLayer(const ConvForm &form, const QuantisedWeights &weights)
    : DenseLayer(form, weights, *kernelsFor(weights.check.precision)) {}

DenseLayer::DenseLayer(const ConvForm &form, const QuantisedWeights &weights,
                       const dense::Kernels &kernels)
    : form_(form), kernels_(kernels), bytes_(weights.check.precision == Precision::Int8),
      words_((form.in.channels + 63) / 64), placeBytes_(words_ * (bytes_ ? 64 : 128)) {
    pack(weights);
}

std::size_t DenseLayer::columnBlocks() const {
    return (form_.out.channels + dense::columns - 1) / dense::columns;
}

void DenseLayer::pack(const QuantisedWeights &weights) {
    const std::size_t blocks = placeBytes_ / dense::tileBytes;
    const std::size_t perBlock = bytes_ ? 64 : 32;  // numbers in a row of a tile
    const std::size_t group = bytes_ ? 4 : 2;       // numbers of a column side by side
    weights_.assign(columnBlocks() * form_.taps() * blocks * 2 * tileSize, 0);
    for (std::size_t o = 0; o < form_.out.channels; ++o)
        for (std::size_t c = 0; c < form_.in.channels; ++c)
            for (std::size_t tap = 0; tap < form_.taps(); ++tap) {
                const float w = weights.weights[o * form_.rows() + c * form_.taps() + tap];
                const std::size_t block =
                    (o / dense::columns * form_.taps() + tap) * blocks + c / perBlock;
                std::uint8_t *tile =
                    weights_.data() + (block * 2 + o % dense::columns / 16) * tileSize;
                const std::size_t k = c % perBlock;
                const std::size_t at = (k / group * 16 + o % 16) * group + k % group;
                if (bytes_)
                    tile[at] = static_cast<std::uint8_t>(static_cast<std::int8_t>(w));
                else {
                    const auto upper =
                        static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(w) >> 16);
                    std::memcpy(tile + at * 2, &upper, sizeof upper);
                }
            }
}

void DenseLayer::setSteps(std::size_t steps, std::size_t samples) {
    if (steps == steps_ && samples == samples_)
        return;
    steps_ = steps;
    samples_ = samples;
    taps_.clear();
    // A tile reads up to 15 rows and a second tile more than there are.
    const std::size_t spare = 2 * dense::tileRows;
    if (form_.linear) {
        for (std::size_t tap = 0; tap < form_.taps(); ++tap)
            taps_.push_back(tap * placeBytes_);
        rows_.assign((samples * steps + spare) * form_.taps() * placeBytes_, 0);
        return;
    }
    const auto span = [](std::size_t outputs, std::size_t stride, std::size_t kernel,
                         std::size_t dilation) {
        return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
    };
    const std::size_t width = std::max(
        span(form_.out.width, form_.stride.width, form_.kernel.width, form_.dilation.width),
        form_.left + form_.in.width);
    const std::size_t height = std::max(
        span(form_.out.height, form_.stride.height, form_.kernel.height, form_.dilation.height),
        form_.top + form_.in.height);
    columns_ = (width + form_.stride.width - 1) / form_.stride.width;
    const std::size_t step = steps * placeBytes_;
    for (std::size_t ky = 0; ky < form_.kernel.height; ++ky)
        for (std::size_t kx = 0; kx < form_.kernel.width; ++kx) {
            const std::size_t x = kx * form_.dilation.width;
            const std::size_t row = ky * form_.dilation.height * form_.stride.width;
            taps_.push_back(((row + x % form_.stride.width) * columns_ + x / form_.stride.width) *
                            step);
        }
    rows_.assign(height * form_.stride.width * columns_ * step + spare * placeBytes_, 0);
    seen_.assign(height, 0);
}

void DenseLayer::expand(const std::uint64_t *words, std::uint8_t *target, std::size_t count) const {
    (bytes_ ? kernels_.expandToBytes : kernels_.expandToBfloats)(words, count, target);
}

void DenseLayer::expandRow(const SpikeGrid &in, std::size_t sample, std::size_t row) {
    const std::size_t y = row + form_.top;
    const std::size_t step = steps_ * placeBytes_;
    std::uint64_t any = 0;
    for (std::size_t column = 0; column < in.grid.width; ++column) {
        const std::size_t x = column + form_.left;
        const std::uint64_t *words = in.at(sample, row * in.grid.width + column);
        const std::size_t at =
            (y * form_.stride.width + x % form_.stride.width) * columns_ + x / form_.stride.width;
        expand(words, rows_.data() + at * step, steps_ * words_);
        for (std::size_t i = 0; i < steps_ * words_; ++i)
            any |= words[i];
    }
    seen_[y] = any != 0 ? 1 : 0;
}

void DenseLayer::multiply(const std::uint8_t *rows, std::size_t columns, std::size_t count,
                          void *sums) const {
    const std::size_t blocks = placeBytes_ / dense::tileBytes;
    dense::Product product{};
    product.rows = rows;
    product.rowBytes = form_.linear ? form_.taps() * placeBytes_ : placeBytes_;
    product.taps = taps_.data();
    product.tapCount = taps_.size();
    product.blocks = blocks;
    product.weights = weights_.data() + columns * taps_.size() * blocks * 2 * tileSize;
    product.rowCount = count;
    product.sums = sums;
    (bytes_ ? kernels_.multiplyBytes : kernels_.multiplyBfloats)(product);
}

void DenseLayer::runRows(std::size_t sample, std::size_t first, std::size_t last, SumBlock block,
                         SumSink &sink) const {
    const std::size_t count = form_.out.width * steps_;
    const std::size_t tiles = tilesOf(count);
    void *sums = sumsFor(tiles);
    block.sums = bytes_ ? nullptr : static_cast<const float *>(sums);
    block.integers = bytes_ ? static_cast<const std::int32_t *>(sums) : nullptr;
    block.sample = sample;
    block.pixels = form_.out.width;
    block.pixelStride = steps_ * dense::columns;
    const float *scale = block.scale;
    const float *bias = block.bias;
    for (std::size_t columns = 0; columns < columnBlocks(); ++columns)
        for (std::size_t y = first; y < last; ++y) {
            const std::size_t top = y * form_.stride.height;
            const auto begin = seen_.begin() + static_cast<std::ptrdiff_t>(top);
            const auto reach = (form_.kernel.height - 1) * form_.dilation.height + 1;
            if (std::find(begin, begin + static_cast<std::ptrdiff_t>(reach), 1) ==
                begin + static_cast<std::ptrdiff_t>(reach))
                std::memset(sums, 0, tiles * dense::tileRows * dense::columns * 4);
            else
                multiply(rows_.data() + top * form_.stride.width * columns_ * steps_ * placeBytes_,
                         columns, count, sums);
            block.pixel = y * form_.out.width;
            block.channel = columns * dense::columns;
            block.channels = std::min(dense::columns, form_.out.channels - block.channel);
            block.scale = scale + block.channel;
            block.bias = bias + block.channel;
            sink.take(block);
        }
}

void DenseLayer::runLinear(const SpikeGrid &in, SumBlock block, SumSink &sink, TilePool *pool) {
    const std::size_t row = form_.taps() * placeBytes_;
    for (std::size_t sample = 0; sample < in.batch; ++sample)
        for (std::size_t tap = 0; tap < form_.taps(); ++tap)
            for (std::size_t t = 0; t < steps_; ++t)
                expand(in.at(sample, tap, t),
                       rows_.data() + (sample * steps_ + t) * row + tap * placeBytes_, words_);
    const std::size_t count = in.batch * steps_;
    const auto work = [&](std::size_t first, std::size_t last) {
        SumBlock own = block;
        void *sums = sumsFor(tilesOf(count));
        for (std::size_t columns = first; columns < last; ++columns) {
            multiply(rows_.data(), columns, count, sums);
            own.channel = columns * dense::columns;
            own.channels = std::min(dense::columns, form_.out.channels - own.channel);
            own.scale = block.scale + own.channel;
            own.bias = block.bias + own.channel;
            for (own.sample = 0; own.sample < in.batch; ++own.sample) {
                const std::size_t at = own.sample * steps_ * dense::columns;
                own.sums = bytes_ ? nullptr : static_cast<const float *>(sums) + at;
                own.integers = bytes_ ? static_cast<const std::int32_t *>(sums) + at : nullptr;
                sink.take(own);
            }
        }
    };
    shareOut(pool, columnBlocks(), 4, work);
}

void DenseLayer::run(const SpikeGrid &in, const float *scale, const float *bias, SumSink &sink,
                     TilePool *pool) {
    setSteps(in.steps, form_.linear ? in.batch : 1);
    SumBlock block;
    block.stepStride = in.steps == 1 ? 0 : dense::columns;
    block.scale = scale;
    block.bias = bias;
    if (form_.linear) {
        runLinear(in, block, sink, pool);
        return;
    }
    for (std::size_t sample = 0; sample < in.batch; ++sample) {
        for (std::size_t row = 0; row < in.grid.height; ++row)
            expandRow(in, sample, row);
        const auto work = [&](std::size_t first, std::size_t last) {
            runRows(sample, first, last, block, sink);
        };
        shareOut(pool, form_.out.height, 4, work);
    }
}

}  // namespace fovea
