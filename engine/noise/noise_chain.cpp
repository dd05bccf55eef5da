// SPDX-License-Identifier: Apache-2.0
// Runs the injectors over blocks and turns lost planes into gaps.
#include "engine/noise/noise_chain.h"

#include "engine/core/random.h"
#include "engine/noise/device_noise.h"

#include <cassert>
#include <cstring>

namespace fovea {

Result<std::unique_ptr<NoiseChain>> NoiseChain::create(NoiseSettings settings, PlaneShape shape,
                                                       Backend *backend) {
    if (auto good = validate(settings); !good)
        return failed(good);
    if (!shape.valid())
        return fail(ErrorCode::InvalidArgument, "shape {}: expected 1x1 to {}x{}", toString(shape),
                    PlaneShape::maxSide, PlaneShape::maxSide);
    return std::unique_ptr<NoiseChain>(new NoiseChain(std::move(settings), shape, backend));
}

NoiseChain::NoiseChain(NoiseSettings settings, PlaneShape shape, Backend *backend)
    : settings_(std::move(settings)), backend_(backend),
      injectors_(makePlaneInjectors(settings_, shape)) {
    if (backend_ != nullptr && !injectors_.empty())
        if (std::unique_ptr<Device> device = backend_->device())
            device_ = std::make_unique<DeviceNoise>(settings_, shape, std::move(device));
    for (const InjectorSettings &injector : settings_.injectors) {
        if (injector.kind == InjectorKind::Drop && isActive(injector))
            drop_ = injector.strength;
        if (injector.kind == InjectorKind::Burst && isActive(injector))
            burst_ = injector.strength;
    }
}

NoiseChain::~NoiseChain() = default;

void NoiseChain::reset() {
    if (device_ != nullptr)
        device_->reset();
    for (const auto &injector : injectors_)
        injector->reset();
}

bool NoiseChain::isLost(std::uint64_t plane) const {
    const auto below = [&](InjectorKind kind, std::uint64_t position, double fraction) {
        const auto stream = static_cast<std::uint64_t>(kind);
        return unitInterval(randomAt(settings_.seed, stream, position)) < fraction;
    };
    if (drop_ > 0 && below(InjectorKind::Drop, plane, drop_))
        return true;
    // Runs begin anywhere: the grid of runs is shifted by the seed.
    const std::uint64_t shift = mixBits(settings_.seed) % burstPlanes;
    return burst_ > 0 && below(InjectorKind::Burst, (plane + shift) / burstPlanes, burst_);
}

std::uint64_t NoiseChain::losePlanes(SpikeBlock &block) {
    const std::uint32_t planes = block.planeCount();
    const SpikeBlock::TimePoint time = block.captureTime();
    oldGaps_.assign(block.gaps().begin(), block.gaps().end());
    std::uint64_t number = block.firstPlane();
    std::uint64_t lost = 0;
    auto gap = oldGaps_.begin();
    // The block is written anew over itself: a plane never moves to a later place.
    block.begin(number, block.planeRateHz(), block.epoch());
    for (std::uint32_t i = 0; i <= planes; ++i) {
        for (; gap != oldGaps_.end() && gap->beforeIndex == i; ++gap) {
            block.appendGap(gap->planes, gap->reason);
            number += gap->planes;
        }
        if (i == planes)
            break;
        if (isLost(number)) {
            block.appendGap(1, DropReason::Injected);
            ++lost;
        } else {
            std::uint64_t *target = block.append();
            if (target != block.plane(i))
                std::memcpy(target, block.plane(i), block.shape().wordStride() * 8);
        }
        ++number;
    }
    block.setCaptureTime(time);
    return lost;
}

void NoiseChain::disturb(SpikeBlock &block) {
    if (device_ != nullptr) {
        const Result<void> done = device_->apply(block, places_);
        if (done)
            return;
        backend_->giveUp(done.error());
        for (const auto &injector : injectors_)
            injector->carryOver(device_->late(), device_->next());
        device_.reset();
    }
    const std::size_t words = block.shape().wordStride();
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        for (const auto &injector : injectors_)
            injector->apply({block.plane(i), words}, places_[i]);
}

std::uint64_t NoiseChain::apply(SpikeBlock &block) {
    places_.clear();
    auto gap = block.gaps().begin();
    std::uint64_t number = block.firstPlane();
    for (std::uint32_t i = 0; i < block.planeCount(); ++i, ++number) {
        for (; gap != block.gaps().end() && gap->beforeIndex <= i; ++gap)
            number += gap->planes;
        places_.push_back({number, block.epoch()});
    }
    if (!injectors_.empty() && !places_.empty())
        disturb(block);
    return losesPlanes() ? losePlanes(block) : 0;
}

}  // namespace fovea
