// SPDX-License-Identifier: Apache-2.0
// Chunks of planes, two on their way, through all steps in acting order.
#include "engine/noise/device_noise.h"

#include "engine/core/plane_bits.h"

#include <algorithm>
#include <cstring>

namespace fovea {

using namespace noise_bodies;

namespace {

constexpr std::size_t chunkBytes = std::size_t{8} << 20;
constexpr std::size_t mostPlanes = 64;
constexpr std::uint64_t half = std::uint64_t{1} << 31;

std::size_t chunkOf(std::size_t stride) {
    return std::clamp<std::size_t>(chunkBytes / (stride * 8), 1, mostPlanes);
}

/// For what goes up once.
template <class T> DeviceArray<T> uploaded(DeviceWork &work, std::span<const T> values) {
    auto pinned = work.pinned<T>(values.size());
    auto array = work.onDevice<T>(values.size());
    if (!work.failed())
        std::copy(values.begin(), values.end(), pinned.get());
    work.copy(DeviceStream::Upload, array.get(), std::as_const(pinned).get(), values.size());
    (void)work.finishAll();
    return array;
}

/// Pixels of the first column, then those of the last one.
std::vector<std::uint64_t> edgesOf(PlaneShape shape) {
    std::vector<std::uint64_t> edges(2 * shape.wordStride());
    for (std::size_t row = 0; row < shape.height; ++row) {
        setBit(edges.data(), row * shape.width);
        setBit(edges.data() + shape.wordStride(), row * shape.width + shape.width - 1);
    }
    return edges;
}

}  // namespace

DeviceNoise::DeviceNoise(const NoiseSettings &settings, PlaneShape shape,
                         std::unique_ptr<Device> device)
    : settings_(settings), shape_(shape), stride_(shape.wordStride()),
      chunkPlanes_(chunkOf(stride_)), work_(std::move(device)), upload_(work_, shape),
      download_(work_, chunkPlanes_ * stride_ * 8), late_(stride_) {
    const std::size_t words = chunkPlanes_ * stride_;
    bool brightens = false;
    for (const NoiseStep &what : noiseSteps(settings)) {
        RandomMask random(what.action == NoiseAction::Brighten || what.action == NoiseAction::Stick
                              ? 0
                              : what.strength);
        brightens = brightens || what.action == NoiseAction::Brighten;
        DeviceArray<std::uint32_t> distances;
        if (random.rare())
            distances = uploaded<std::uint32_t>(work_, random.distances());
        if (what.action == NoiseAction::Stick) {
            StuckPixels pixels = stuckPixels(settings, shape);
            pixels.silent.insert(pixels.silent.end(), pixels.firing.begin(), pixels.firing.end());
            stuck_ = uploaded<std::uint64_t>(work_, pixels.silent);
        }
        steps_.push_back({what, random, std::move(distances)});
    }
    for (Chunk &chunk : chunks_) {
        chunk.planes = work_.onDevice<std::uint64_t>(words);
        chunk.seeds = work_.onDevice<std::uint64_t>(chunkPlanes_ * steps_.size());
        chunk.fresh = work_.onDevice<std::uint32_t>(chunkPlanes_);
        chunk.pinnedSeeds = work_.pinned<std::uint64_t>(chunkPlanes_ * steps_.size());
        chunk.pinnedFresh = work_.pinned<std::uint32_t>(chunkPlanes_);
        chunk.taken = work_.event();
        chunk.down = work_.event();
    }
    masks_[0] = work_.onDevice<std::uint64_t>(words);
    lateWords_ = work_.onDevice<std::uint64_t>(stride_);
    pinnedLate_ = work_.pinned<std::uint64_t>(stride_);
    if (!brightens)
        return;
    edges_ = uploaded<std::uint64_t>(work_, edgesOf(shape));
    source_ = work_.onDevice<std::uint64_t>(words);
    masks_[1] = work_.onDevice<std::uint64_t>(words);
    masks_[2] = work_.onDevice<std::uint64_t>(words);
    probabilities_ = work_.onDevice<std::uint64_t>(chunkPlanes_);
    rounds_ = work_.onDevice<std::uint32_t>(chunkPlanes_);
}

void DeviceNoise::reset() {
    forget_ = true;
    std::fill(late_.begin(), late_.end(), 0);
}

PlaneRow DeviceNoise::row(const DeviceArray<std::uint64_t> &words, const Chunk &chunk) const {
    return {words.get(), static_cast<std::uint32_t>(stride_),
            static_cast<std::uint32_t>(chunk.count), shape_.pixels()};
}

void DeviceNoise::put(Chunk &chunk, PlanePointers planes, std::span<const PlanePlace> places) {
    chunk.count = planes.size();
    if (!work_.finish(chunk.taken))
        return;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const bool follows =
            places[i].number == expected_.number && places[i].epoch == expected_.epoch;
        chunk.pinnedFresh[i] = follows && !forget_ ? 0 : 1;
        forget_ = false;
        expected_ = {places[i].number + 1, places[i].epoch};
        for (std::size_t step = 0; step < steps_.size(); ++step)
            chunk.pinnedSeeds[step * chunkPlanes_ + i] =
                planeSeed(settings_.seed, steps_[step].what.kind, places[i].number);
    }
    work_.waitFor(DeviceStream::Upload, chunk.down);
    work_.copy(DeviceStream::Upload, chunk.seeds.get(), std::as_const(chunk.pinnedSeeds).get(),
               chunkPlanes_ * steps_.size());
    work_.copy(DeviceStream::Upload, chunk.fresh.get(), std::as_const(chunk.pinnedFresh).get(),
               places.size());
    work_.record(DeviceStream::Upload, chunk.taken);
    upload_.upload(planes, chunk.planes.get());
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
}

void DeviceNoise::draw(const Step &step, const Chunk &chunk, const std::uint64_t *seeds) {
    const PlaneRow masks = row(masks_[0], chunk);
    const PlaneSeeds from{seeds, nullptr, 0, 0};
    if (!step.random.rare()) {
        work_.launch(DenseMaskBody{from, masks, step.random.probability(), nullptr},
                     DenseMaskBody::lanes * chunk.count);
        return;
    }
    work_.clear(DeviceStream::Compute, masks_[0].get(), chunk.count * stride_);
    if (step.random.probability() != 0)
        work_.launch(RareMaskBody{from, masks, step.distances.get()}, chunk.count);
}

void DeviceNoise::brighten(const Step &step, const Chunk &chunk, const std::uint64_t *seeds) {
    const PlaneRow planes = row(chunk.planes, chunk);
    work_.copy(DeviceStream::Compute, source_.get(),
               const_cast<const std::uint64_t *>(chunk.planes.get()), chunk.count * stride_);
    work_.launch(BrightBody{planes, step.what.strength, rounds_.get(), probabilities_.get()},
                 chunk.count);
    for (std::uint32_t round = 0; round < BrightBody::maxRounds; ++round) {
        for (std::uint32_t which = 0; which < 3; ++which)
            work_.launch(DenseMaskBody{{seeds, rounds_.get(), round, which},
                                       row(masks_[which], chunk),
                                       half,
                                       which == 2 ? probabilities_.get() : nullptr},
                         DenseMaskBody::lanes * chunk.count);
        work_.launch(TakeOverBody{planes, source_.get(), masks_[0].get(), masks_[1].get(),
                                  masks_[2].get(), edges_.get(), edges_.get() + stride_,
                                  rounds_.get(), round, shape_.width},
                     chunk.count * stride_);
    }
}

void DeviceNoise::disturb(const Chunk &chunk) {
    const PlaneRow planes = row(chunk.planes, chunk);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const Step &step = steps_[i];
        const std::uint64_t *seeds = chunk.seeds.get() + i * chunkPlanes_;
        if (step.what.action == NoiseAction::Brighten) {
            brighten(step, chunk, seeds);
        } else if (step.what.action == NoiseAction::Stick) {
            work_.launch(StuckBody{planes, stuck_.get(), stuck_.get() + stride_}, stride_);
        } else {
            const MaskAction action = step.what.action == NoiseAction::Clear   ? MaskAction::Clear
                                      : step.what.action == NoiseAction::Set   ? MaskAction::Set
                                      : step.what.action == NoiseAction::Delay ? MaskAction::Delay
                                                                               : MaskAction::Invert;
            draw(step, chunk, seeds);
            work_.launch(
                ApplyBody{planes, masks_[0].get(), action, lateWords_.get(), chunk.fresh.get()},
                stride_);
        }
    }
}

Result<void> DeviceNoise::apply(SpikeBlock &block, std::span<const PlanePlace> places) {
    if (work_.failed())
        return work_.result();  // there was no memory
    const std::size_t planes = places.size();
    std::vector<const std::uint64_t *> pointers;
    for (std::uint32_t i = 0; i < planes; ++i)
        pointers.push_back(block.plane(i));
    result_.resize(planes * stride_);
    for (std::size_t first = 0; first < planes; first += chunkPlanes_) {
        const std::size_t count = std::min(chunkPlanes_, planes - first);
        Chunk &chunk = chunks_[first / chunkPlanes_ % chunks_.size()];
        put(chunk, PlanePointers(pointers).subspan(first, count), places.subspan(first, count));
        disturb(chunk);
        download_.download(reinterpret_cast<const std::uint8_t *>(chunk.planes.get()),
                           count * stride_ * 8, [this, first, count](const std::uint8_t *bytes) {
                               std::memcpy(result_.data() + first * stride_, bytes,
                                           count * stride_ * 8);
                           });
        work_.record(DeviceStream::Download, chunk.down);
    }
    work_.copy(DeviceStream::Download, pinnedLate_.get(), std::as_const(lateWords_).get(), stride_);
    download_.finish();
    if (!work_.finishAll())
        return work_.result();
    std::copy_n(pinnedLate_.get(), stride_, late_.data());
    next_ = expected_;
    std::memcpy(block.plane(0), result_.data(), result_.size() * 8);
    return {};
}

}  // namespace fovea
