// SPDX-License-Identifier: Apache-2.0
// Batches of planes that take turns; the state stays on the device until the last one.
#include "engine/recon/device_plasticity.h"

#include "engine/recon/level_bodies.h"

#include <algorithm>

namespace fovea {

using level_bodies::FollowBody;

DevicePlasticity::Twin::Twin(std::unique_ptr<Device> device, PlaneShape shape)
    : work(std::move(device)), upload(work, shape),
      download(work, 2 * shape.pixels() * sizeof(float)) {
    for (Batch &batch : batches) {
        batch.planes = work.onDevice<std::uint64_t>(FollowBody::mostPlanes * shape.wordStride());
        batch.used = work.event();
    }
    state = work.onDevice<float>(2 * shape.pixels());
    last = work.onDevice<std::uint32_t>(shape.pixels());
}

DevicePlasticity::DevicePlasticity(const ReconSettings &settings, PlaneShape shape,
                                   std::unique_ptr<Device> device, Backend &backend)
    : Reconstructor(shape), cpu_(settings, shape), backend_(backend),
      twin_(std::make_unique<Twin>(std::move(device), shape)) {
    DeviceWork &work = twin_->work;
    const std::size_t factors = cpu_.keptR().size();
    twin_->kept = work.onDevice<float>(2 * factors);
    twin_->pinnedKept = work.pinned<float>(2 * factors);
    if (!work.failed()) {
        float *kept = twin_->pinnedKept.get();
        kept = std::copy(cpu_.keptR().begin(), cpu_.keptR().end(), kept);
        std::copy(cpu_.keptU().begin(), cpu_.keptU().end(), kept);
        work.copy(DeviceStream::Upload, twin_->kept.get(), std::as_const(twin_->pinnedKept).get(),
                  2 * factors);
    }
    if (const Result<void> made = work.result(); !made)
        lose(made);
}

void DevicePlasticity::lose(const Result<void> &why) {
    backend_.giveUp(why.error());
    twin_.reset();
}

void DevicePlasticity::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    if (twin_ != nullptr) {
        const Result<void> made = make(window, grey);
        if (made)
            return;
        lose(made);
    }
    // The arguments were checked.
    (void)cpu_.reconstruct(window, grey);
}

/// Planes from number `first` of the window on.
void DevicePlasticity::follow(PlanePointers planes, std::uint32_t first, std::uint32_t begun) {
    Twin &twin = *twin_;
    Batch &batch = twin.batches[twin.next++ % twin.batches.size()];
    twin.work.waitFor(DeviceStream::Upload, batch.used);
    twin.upload.upload(planes, batch.planes.get());
    twin.work.follow(DeviceStream::Compute, DeviceStream::Upload);
    std::uint64_t lost = 0;
    for (std::size_t i = 0; i < planes.size(); ++i)
        lost |= (planes[i] == nullptr ? std::uint64_t{1} : 0) << i;
    const std::size_t pixels = shape().pixels();
    twin.work.launch(FollowBody{{reinterpret_cast<const std::uint32_t *>(batch.planes.get()),
                                 static_cast<std::uint32_t>(2 * shape().wordStride())},
                                lost,
                                static_cast<std::uint32_t>(planes.size()),
                                first + 2,
                                begun,
                                first == 0,
                                twin.kept.get(),
                                static_cast<std::uint32_t>(cpu_.keptR().size()),
                                PlasticityReconstructor::rule,
                                twin.state.get(),
                                twin.state.get() + pixels,
                                twin.last.get()},
                     pixels);
    twin.work.record(DeviceStream::Compute, batch.used);
}

Result<void> DevicePlasticity::make(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    Twin &twin = *twin_;
    const std::size_t planes = window.key + 1;
    const std::uint32_t begun = cpu_.beginning(window);
    for (std::size_t done = 0; done < planes; done += FollowBody::mostPlanes)
        follow(window.planes.subspan(done,
                                     std::min<std::size_t>(FollowBody::mostPlanes, planes - done)),
               static_cast<std::uint32_t>(done), begun);
    const std::size_t pixels = shape().pixels();
    twin.download.download(reinterpret_cast<const std::uint8_t *>(twin.state.get()),
                           2 * pixels * sizeof(float), [&](const std::uint8_t *bytes) {
                               const auto *state = reinterpret_cast<const float *>(bytes);
                               cpu_.show({state, pixels}, {state + pixels, pixels}, grey);
                           });
    twin.download.finish();
    return twin.work.result();
}

}  // namespace fovea
