// SPDX-License-Identifier: Apache-2.0
// Tables, memory and tiles around the batch kernels.
#include "engine/detect/batch_filter.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr std::size_t chunksPerTile = 4;
constexpr std::size_t filterRows = 8;
constexpr std::size_t widestVector = 16;

}  // namespace

BatchFilter::BatchFilter(const StpSettings &stp, const LifSettings &lif, PlaneShape shape,
                         TilePool *pool)
    : stp_(stp), shape_(shape),
      pool_(pool), rule_{lif.weight, lif.leak, lif.least, lif.threshold, lif.keep},
      chunks_(shape.wordStride() * 64 / timeWordChunk),
      margin_((shape.width + 2 * widestVector) / widestVector * widestVector) {
    factors_ = factorsOf(stp);
    reset();
}

batch_kernels::StpFactors BatchFilter::factorsOf(const StpSettings &stp) {
    batch_kernels::StpFactors factors;
    for (std::size_t n = 0; n < maxPlanes; ++n) {
        const float time = static_cast<float>(n) / stp.timeUnit;
        factors.deficit[n] = std::exp(-time / stp.D);
        factors.drive[n] = std::exp(-time / stp.F);
        factors.half[n] = std::ldexp(1.0F, -static_cast<int>(n));
    }
    factors.u0 = stp.u0;
    factors.f = stp.f;
    factors.threshold = stp.threshold;
    return factors;
}

void BatchFilter::reset() {
    const std::size_t pixels = chunks_ * timeWordChunk;
    // As if a spike had come one plane before the first one, with R = 1 and u = u0.
    deficit_.assign(pixels, stp_.u0 * factors_.deficit[1]);
    drive_.assign(pixels, stp_.f * (1 - stp_.u0) * factors_.drive[1]);
    gradient_.assign(pixels, 0.0F);
    before_.assign(pixels, 0.0F);
    potential_.assign(pixels, 0.0F);
    passed_.assign(pixels + 2 * margin_, 0U);
    fired_.assign(pixels, 0U);
    planes_ = 0;
}

template <class Work>
void BatchFilter::run(std::size_t count, std::size_t tile, Work &&work) const {
    if (pool_ != nullptr)
        pool_->run(count, tile, work);
    else
        work(std::size_t{0}, count);
}

void BatchFilter::filter(PlanePointers planes) {
    planes_ = planes.size();
    const batch_kernels::StpState state{deficit_.data(), drive_.data(), gradient_.data(),
                                        before_.data()};
    run(chunks_, chunksPerTile, [&](std::size_t begin, std::size_t end) {
        batch_kernels::stpBatch(factors_, state, planes, begin, end, passedWords());
    });
}

void BatchFilter::fire() {
    if (planes_ == 0)
        return;
    run(shape_.height, filterRows, [&](std::size_t begin, std::size_t end) {
        batch_kernels::lifBatch(rule_, potential_.data(), passedWords(), shape_, planes_, begin,
                                end, fired_.data());
    });
}

void BatchFilter::skip(std::uint64_t planes) {
    if (planes == 0)
        return;
    const float time = static_cast<float>(planes) / stp_.timeUnit;
    const float deficit = std::exp(-time / stp_.D);
    const float drive = std::exp(-time / stp_.F);
    for (float &value : deficit_)
        value *= deficit;
    for (float &value : drive_)
        value *= drive;
}

void BatchFilter::passed(std::size_t first, std::span<std::uint64_t *const> planes) const {
    wordsToPlanes(passedWords(), first, planes, 0, chunks_);
}

void BatchFilter::fired(std::size_t first, std::span<std::uint64_t *const> planes) const {
    wordsToPlanes(fired_.data(), first, planes, 0, chunks_);
}

void BatchFilter::copyState(std::vector<float> &deficit, std::vector<float> &drive,
                            std::vector<float> &gradient, std::vector<float> &before,
                            std::vector<float> &potential) const {
    const auto copy = [this](const AlignedVector<float> &from, std::vector<float> &to) {
        to.assign(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(shape_.pixels()));
    };
    copy(deficit_, deficit);
    copy(drive_, drive);
    copy(gradient_, gradient);
    copy(before_, before);
    copy(potential_, potential);
}

void BatchFilter::setState(std::span<const float> deficit, std::span<const float> drive,
                           std::span<const float> gradient, std::span<const float> before,
                           std::span<const float> potential) {
    std::copy(deficit.begin(), deficit.end(), deficit_.begin());
    std::copy(drive.begin(), drive.end(), drive_.begin());
    std::copy(gradient.begin(), gradient.end(), gradient_.begin());
    std::copy(before.begin(), before.end(), before_.begin());
    std::copy(potential.begin(), potential.end(), potential_.begin());
}

std::span<const float> BatchFilter::deficit() const {
    return std::span(before_).first(shape_.pixels());
}

std::span<const float> BatchFilter::drive() const {
    return std::span(drive_).first(shape_.pixels());
}

std::span<const float> BatchFilter::potential() const {
    return std::span(potential_).first(shape_.pixels());
}

}  // namespace fovea
