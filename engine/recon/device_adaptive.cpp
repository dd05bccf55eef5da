// SPDX-License-Identifier: Apache-2.0
// Launches in order; what decides about the next ones is waited for.
#include "engine/recon/device_adaptive.h"

#include "engine/recon/adaptive_bodies.h"

#include <algorithm>
#include <cstring>

namespace fovea {

using namespace adaptive_bodies;

namespace {

constexpr std::size_t pieces = AdaptivePlan::mostPieces;
static_assert(pieces == mostPieces);
static_assert(blockSide == AlignBody::blockSide);

std::size_t samplesAlong(std::size_t side) {
    constexpr std::size_t step = AdaptivePlan::sampleStep;
    return (side + step - 1 - step / 2) / step;
}
/// Patches for the noise along a side.
std::size_t patchesAlong(std::size_t side) {
    constexpr std::size_t patch = PatchBody::side;
    return side < patch ? 0 : (side - patch) / (2 * patch) + 1;
}
std::size_t mostSums(PlaneShape shape) {
    return 2 * std::max((pieces - 1) * samplesAlong(shape.width) * samplesAlong(shape.height),
                        patchesAlong(shape.width) * patchesAlong(shape.height));
}
std::size_t mostBytes(PlaneShape shape) {
    const std::size_t cells = std::size_t{shape.width / 4} * (shape.height / 4);
    return std::max({shape.pixels() * sizeof(std::uint16_t), pieces * cells * sizeof(float),
                     mostSums(shape) * sizeof(std::int32_t)});
}
PictureSize sizeOf(PlaneShape shape) {
    return {static_cast<std::int32_t>(shape.width), static_cast<std::int32_t>(shape.height)};
}

}  // namespace

DeviceAdaptive::DeviceAdaptive(ReconMode mode, PlaneShape shape, std::unique_ptr<Device> device)
    : shape_(shape), plan_(mode), motion_(shape, pieces),
      cells_(std::size_t{shape.width / 4} * (shape.height / 4)),
      columns_(samplesAlong(shape.width)), rows_(samplesAlong(shape.height)),
      means_(pieces * cells_), velocities_(blocksAlong(shape.width) * blocksAlong(shape.height)),
      sums_(mostSums(shape)), work_(std::move(device)), upload_(work_, shape),
      download_(work_, mostBytes(shape)) {
    deviations_.reserve(sums_.size() / 2);
    const PlaneReach reach = AdaptivePlan::reachOf(mode);
    const std::size_t planes = std::size_t{reach.before} + 1 + reach.after;
    const std::size_t pixels = shape.pixels();
    planes_ = work_.onDevice<std::uint64_t>(planes * shape.wordStride());
    rates_ = work_.onDevice<std::int16_t>(pieces * pixels);
    aligned_ = work_.onDevice<std::int16_t>(pieces * pixels);
    reference_ = work_.onDevice<std::int16_t>(pixels);
    merged_ = work_.onDevice<std::int16_t>(pixels);
    trust_ = work_.onDevice<std::uint16_t>(pixels);
    levels_ = work_.onDevice<std::uint16_t>(pixels);
    deviceMeans_ = work_.onDevice<float>(means_.size());
    deviceSums_ = work_.onDevice<std::int32_t>(sums_.size());
    shifts_ = work_.onDevice<BlockShift>(pieces * velocities_.size());
    pinnedShifts_ = work_.pinned<BlockShift>(pieces * velocities_.size());
    makeTables();
}

void DeviceAdaptive::makeTables() {
    constexpr std::size_t size = sizeof(rates::cubic.weights) / sizeof(std::int16_t);
    table_ = work_.onDevice<std::int16_t>(size);
    pinnedTable_ = work_.pinned<std::int16_t>(size);
    if (work_.failed())
        return;
    std::memcpy(pinnedTable_.get(), rates::cubic.weights, sizeof(rates::cubic.weights));
    work_.copy(DeviceStream::Upload, table_.get(), std::as_const(pinnedTable_).get(), size);
}

template <class T>
bool DeviceAdaptive::fetch(const DeviceArray<T> &from, std::size_t count, T *to) {
    const std::size_t bytes = count * sizeof(T);
    download_.download(reinterpret_cast<const std::uint8_t *>(from.get()), bytes,
                       [to, bytes](const std::uint8_t *taken) { std::memcpy(to, taken, bytes); });
    download_.finish();
    return !work_.failed();
}

/// The rates of all pieces.
void DeviceAdaptive::measure() {
    upload_.upload(plan_.planes(), planes_.get());
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
    SegmentBody body{};
    body.planes = {reinterpret_cast<const std::uint32_t *>(planes_.get()),
                   static_cast<std::uint32_t>(2 * shape_.wordStride())};
    body.planeCount = static_cast<std::uint32_t>(plan_.planes().size());
    body.pieces = static_cast<std::uint32_t>(plan_.pieces().size());
    const auto bounds = plan_.bounds();
    std::copy(bounds.begin(), bounds.end(), body.bounds);
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
        const std::size_t planes = std::size_t{bounds[i + 1]} - bounds[i];
        body.bits[i] = rates::phaseBits(planes);
        body.scale[i] = rates::phaseScale(planes);
    }
    body.rates = rates_.get();
    body.stride = shape_.pixels();
    work_.launch(body, shape_.pixels());
}

/// Velocities of the blocks, from means of 4x4 pixels.
void DeviceAdaptive::estimate() {
    const std::size_t count = plan_.pieces().size();
    motion_.clear();
    if (motion_.measures()) {
        work_.launch(QuarterBody{rates_.get(), shape_.pixels(), sizeOf(shape_), deviceMeans_.get()},
                     count * cells_);
        if (!fetch(deviceMeans_, count * cells_, means_.data()))
            return;
        for (const AdaptivePlan::Piece &piece : plan_.pieces())
            if (plan_.movesWith(piece))
                motion_.add(std::span(means_).subspan(piece.picture * cells_, cells_), piece.time,
                            piece.planes());
    }
    motion_.estimate(plan_.motionReach(), velocities_);
}

void DeviceAdaptive::align() {
    const auto all = plan_.pieces();
    const std::size_t blocks = velocities_.size();
    AlignBody body{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        AdaptivePlan::shifts(all[i], velocities_,
                             std::span(pinnedShifts_.get() + i * blocks, blocks));
        body.pictureOf[i] = static_cast<std::uint32_t>(all[i].picture);
    }
    work_.copy(DeviceStream::Upload, shifts_.get(), std::as_const(pinnedShifts_).get(),
               all.size() * blocks);
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
    body.rates = rates_.get();
    body.stride = shape_.pixels();
    body.shifts = reinterpret_cast<const std::int32_t *>(shifts_.get());
    body.weights = table_.get();
    body.size = sizeOf(shape_);
    body.aligned = aligned_.get();
    work_.launch(body, all.size() * shape_.pixels());
    ReferenceBody reference{aligned_.get(),
                            shape_.pixels(),
                            static_cast<std::uint32_t>(plan_.shares().size()),
                            {},
                            reference_.get()};
    std::copy(plan_.shares().begin(), plan_.shares().end(), reference.shares);
    work_.launch(reference, shape_.pixels());
}

/// What each piece counts, from samples of how far it is from the reference.
void DeviceAdaptive::weigh() {
    const std::size_t count = plan_.pieces().size();
    const std::size_t samples = columns_ * rows_;
    if (count > 1 && samples > 0) {
        work_.launch(DeviationBody{aligned_.get(), reference_.get(), sizeOf(shape_),
                                   static_cast<std::int32_t>(AdaptivePlan::sampleStep),
                                   static_cast<std::uint32_t>(columns_),
                                   static_cast<std::uint32_t>(rows_), deviceSums_.get()},
                     (count - 1) * samples);
        if (!fetch(deviceSums_, 2 * (count - 1) * samples, sums_.data()))
            return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        deviations_.clear();
        for (std::size_t k = 0; i > 0 && k < samples; ++k) {
            const std::int32_t *sum = sums_.data() + 2 * ((i - 1) * samples + k);
            deviations_.push_back(deviationOf(sum[0], sum[1]));
        }
        weights_[i] = AdaptivePlan::weightOf(plan_.pieces()[i], deviations_);
    }
}

void DeviceAdaptive::merge() {
    MergeBody body{};
    body.aligned = aligned_.get();
    body.reference = reference_.get();
    body.size = sizeOf(shape_);
    body.pictures = static_cast<std::uint32_t>(plan_.pieces().size());
    for (std::size_t i = 0; i < plan_.pieces().size(); ++i)
        body.weights[i] = {weights_[i].whole, weights_[i].limit, weights_[i].shift,
                           weights_[i].scale};
    body.merged = merged_.get();
    body.trust = trust_.get();
    work_.launch(body, shape_.pixels());
}

/// See measureNoise().
double DeviceAdaptive::noise() {
    const std::size_t columns = patchesAlong(shape_.width);
    const std::size_t patches = columns * patchesAlong(shape_.height);
    deviations_.clear();
    if (patches > 0) {
        work_.launch(PatchBody{merged_.get(), trust_.get(), sizeOf(shape_),
                               static_cast<std::uint32_t>(columns), deviceSums_.get()},
                     patches);
        if (!fetch(deviceSums_, 2 * patches, sums_.data()))
            return 1;
        for (std::size_t i = 0; i < patches; ++i)
            deviations_.push_back(
                patchNoise(sums_[2 * i], static_cast<std::uint16_t>(sums_[2 * i + 1])));
    }
    return noiseOf(deviations_);
}

Result<void> DeviceAdaptive::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    if (!plan_.cut(window)) {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        return {};
    }
    measure();
    estimate();
    if (work_.failed())
        return work_.result();
    align();
    weigh();
    merge();
    const auto strictness = static_cast<std::uint16_t>(65535 / noise());
    work_.launch(SmoothBody{merged_.get(), trust_.get(), sizeOf(shape_), strictness, levels_.get()},
                 shape_.pixels());
    (void)fetch(levels_, levels.size(), levels.data());
    return work_.result();
}

}  // namespace fovea
