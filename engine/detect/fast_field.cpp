// SPDX-License-Identifier: Apache-2.0
// Energy, rows, columns: three passes over the picture in tiles of rows.
#include "engine/detect/fast_field.h"

#include "engine/detect/field_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace fovea {

namespace {

constexpr std::size_t fieldRows = 32;
constexpr std::size_t smoothedPerTile = 8;  ///< rows

std::size_t roundUp(std::size_t count, std::size_t step) {
    return (count + step - 1) / step * step;
}

}  // namespace

FastField::FastField(int attentionSize, PlaneShape shape, TilePool *pool)
    : shape_(shape), pool_(pool), reach_(static_cast<std::size_t>(attentionSize)),
      stride_(roundUp(shape.width, field_kernels::rowStep)), active_(shape.height) {
    const double sigma = std::nearbyint(attentionSize / 2.0) + 1;
    for (int i = 0; i <= attentionSize; ++i)
        weight_.push_back(static_cast<float>(std::exp(-i * i / (2 * sigma * sigma))));
    const double corner = std::exp(-attentionSize * attentionSize / (sigma * sigma));
    byGauss_ = static_cast<float>(1 / (1 - corner));
    byBox_ = static_cast<float>(corner / (1 - corner));
    smooth_.resize(shape.height * stride_);
    box_.resize(shape.height * stride_);
    input_.resize(roundUp(shape.height, smoothedPerTile) / smoothedPerTile *
                  (stride_ + 2 * reach_));
    reset();
}

void FastField::reset() {
    potential_.assign(shape_.height * stride_, 0.0F);
    energy_.assign(shape_.height, 0.0F);
}

// Tiles also without a pool: the sums along columns begin anew in each.
template <class Work> void FastField::forRows(std::size_t tile, Work &&work) {
    if (pool_ != nullptr) {
        pool_->run(shape_.height, tile, work);
        return;
    }
    for (std::size_t row = 0; row < shape_.height; row += tile)
        work(row, std::min<std::size_t>(shape_.height, row + tile));
}

void FastField::addSpikes(const std::uint64_t *spikes, float weight, std::size_t row, float *in,
                          field_kernels::Span &span) const {
    const std::size_t begin = row * shape_.width;
    const std::size_t end = begin + shape_.width;
    for (std::size_t word = begin / 64; word * 64 < end; ++word)
        for (std::uint64_t bits = spikes[word]; bits != 0; bits &= bits - 1) {
            const std::size_t pixel = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
            if (pixel < begin || pixel >= end)
                continue;
            const std::size_t x = pixel - begin;
            in[x] += weight;
            span = {std::min(span.first, x), std::max(span.last, x + 1)};
        }
}

void FastField::smooth(std::size_t row, PlanePointers spikes, float scale) {
    float *in = input_.data() + row / smoothedPerTile * (stride_ + 2 * reach_) + reach_;
    field_kernels::Span span =
        field_kernels::relax(potential_.data() + row * stride_, scale, leastInput, in, stride_);
    float weight = 1;
    for (std::size_t i = spikes.size(); i-- > 0;)
        addSpikes(spikes[i], weight /= 2, row, in, span);
    if (span.first < span.last) {
        const std::size_t first = span.first - std::min(span.first, reach_);
        span = {first / field_kernels::rowStep * field_kernels::rowStep,
                std::min(stride_, roundUp(span.last + reach_, field_kernels::rowStep))};
        field_kernels::smoothRow(in, weight_.data(), reach_, smooth_.data() + row * stride_,
                                 box_.data() + row * stride_, span);
    }
    active_[row] = span;
}

void FastField::update(PlanePointers spikes) {
    const float keep = std::ldexp(1.0F, -static_cast<int>(spikes.size()));
    const double sum = std::accumulate(energy_.begin(), energy_.end(), 0.0);
    const auto scale = static_cast<float>((1 - keep) / (1 + 0.01 * sum));
    forRows(smoothedPerTile, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin; row < end; ++row)
            smooth(row, spikes, scale);
    });
    const field_kernels::FieldRows rows{smooth_.data(),    box_.data(), active_.data(),
                                        potential_.data(), stride_,     shape_.height};
    forRows(fieldRows, [&](std::size_t begin, std::size_t end) {
        field_kernels::stepRows(rows, weight_.data(), reach_, {keep, byGauss_, byBox_}, begin, end);
        for (std::size_t row = begin; row < end; ++row) {
            float *potential = potential_.data() + row * stride_;
            std::fill(potential + shape_.width, potential + stride_, 0.0F);  // none out there
            energy_[row] = field_kernels::energy(potential, stride_);
        }
    });
}

void FastField::setPotential(std::span<const float> potential) {
    for (std::size_t row = 0; row < shape_.height; ++row) {
        float *target = potential_.data() + row * stride_;
        std::copy_n(potential.data() + row * shape_.width, shape_.width, target);
        energy_[row] = field_kernels::energy(target, stride_);
    }
}

std::span<const AttentionBox> FastField::boxes() {
    return boxes_.find(potential_.data(), static_cast<int>(shape_.width),
                       static_cast<int>(shape_.height), stride_);
}

}  // namespace fovea
