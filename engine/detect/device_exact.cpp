// SPDX-License-Identifier: Apache-2.0
// Plane after plane on the device, frames that come down later.
#include "engine/detect/device_exact.h"

#include "engine/detect/attention_field.h"
#include "engine/detect/exact_bodies.h"
#include "engine/detect/lif_layer.h"
#include "engine/detect/stp_filter.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::size_t framesAhead = 8;

}  // namespace

DeviceExact::DeviceExact(const AttentionSettings &settings, PlaneShape shape,
                         std::unique_ptr<Device> device)
    : settings_(settings), shape_(shape), work_(std::move(device)), upload_(work_, shape),
      frames_(work_, shape, framesAhead, settings.fitBoxes) {
    const std::size_t pixels = shape.pixels();
    const std::size_t words = shape.wordStride();
    for (Batch &batch : batches_) {
        batch.planes = work_.onDevice<std::uint64_t>(maxPlanes * words);
        batch.used = work_.event();
    }
    for (Checkpoint &checkpoint : checkpoints_) {
        for (auto &value : checkpoint.values)
            value = work_.pinned<float>(pixels);
        for (auto &count : checkpoint.counts)
            count = work_.pinned<std::uint32_t>(pixels);
    }
    for (DeviceArray<float> *array : {&R_, &u_, &gradient_, &potential_, &field_})
        *array = work_.onDevice<float>(pixels);
    for (DeviceArray<std::uint32_t> *array : {&silent_, &history_, &passed_})
        *array = work_.onDevice<std::uint32_t>(pixels);
    for (DeviceArray<double> *array : {&in_, &smooth_, &box_})
        *array = work_.onDevice<double>(pixels);
    above_ = work_.onDevice<std::uint8_t>(pixels);
    sums_ = work_.onDevice<double>(exact_bodies::EnergyBody::lanes * std::size_t{shape.height});
    energy_ = work_.onDevice<double>(shape.height);
    scale_ = work_.onDevice<double>(1);
    makeTables();
    if (!work_.failed())
        reset();
}

void DeviceExact::makeTables() {
    const StpFilter::Factors factors = StpFilter::factorsOf({});
    factors_ = static_cast<std::uint32_t>(factors.R.size());
    const std::vector<double> weight = AttentionField::weights(settings_.attentionSize);
    corner_ = weight.front() * weight.front();
    kept_ = work_.onDevice<float>(2 * factors.R.size());
    pinnedKept_ = work_.pinned<float>(2 * factors.R.size());
    weight_ = work_.onDevice<double>(weight.size());
    pinnedWeight_ = work_.pinned<double>(weight.size());
    if (work_.failed())
        return;
    std::copy(factors.u.begin(), factors.u.end(),
              std::copy(factors.R.begin(), factors.R.end(), pinnedKept_.get()));
    std::copy(weight.begin(), weight.end(), pinnedWeight_.get());
    work_.copy(DeviceStream::Upload, kept_.get(), std::as_const(pinnedKept_).get(),
               2 * factors.R.size());
    work_.copy(DeviceStream::Upload, weight_.get(), std::as_const(pinnedWeight_).get(),
               weight.size());
}

std::array<const float *, 5> DeviceExact::values() const {
    return {R_.get(), u_.get(), gradient_.get(), potential_.get(), field_.get()};
}

void DeviceExact::reset() {
    frames_.drop();
    begun_ = false;
    work_.launch(exact_bodies::ResetBody{R_.get(), u_.get(), gradient_.get(), potential_.get(),
                                         field_.get(), silent_.get(), history_.get(),
                                         StpSettings().u0},
                 shape_.pixels());
}

void DeviceExact::skip(std::uint64_t planes) {
    if (planes == 0)
        return;
    const std::uint32_t most = factors_ - 1;
    work_.launch(
        exact_bodies::SkipBody{
            silent_.get(), static_cast<std::uint32_t>(std::min<std::uint64_t>(planes, most)), most},
        shape_.pixels());
}

void DeviceExact::take(PlanePointers planes, std::uint64_t first, bool fire,
                       const DetectionHandler &emit) {
    const StpSettings stp;
    const LifSettings lif;
    Batch &batch = batches_[batch_++ % batches_.size()];
    work_.waitFor(DeviceStream::Upload, batch.used);
    upload_.upload(planes, batch.planes.get());
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
    const auto count = static_cast<std::uint32_t>(planes.size());
    work_.launch(exact_bodies::StpBody{{reinterpret_cast<const std::uint32_t *>(batch.planes.get()),
                                        static_cast<std::uint32_t>(2 * shape_.wordStride()), count},
                                       {stp.u0, stp.D, stp.F, stp.f},
                                       stp.threshold,
                                       kept_.get(),
                                       factors_,
                                       R_.get(),
                                       u_.get(),
                                       gradient_.get(),
                                       silent_.get(),
                                       passed_.get()},
                 shape_.pixels());
    work_.record(DeviceStream::Compute, batch.used);
    if (!fire)
        return;
    work_.launch(attention_bodies::LifBody{passed_.get(), potential_.get(), history_.get(),
                                           shape_.width, shape_.height, count, lif.weight, lif.leak,
                                           lif.least, lif.threshold, lif.keep},
                 shape_.pixels());
    for (std::uint32_t t = 0; t < count; ++t)
        finishPlane(first + t, count - 1 - t, emit);
}

void DeviceExact::launchField(std::uint32_t ago) {
    const std::size_t pixels = shape_.pixels();
    const auto reach = static_cast<std::uint32_t>(settings_.attentionSize);
    work_.launch(exact_bodies::EnergyBody{field_.get(), sums_.get(), shape_.width},
                 exact_bodies::EnergyBody::lanes * std::uint64_t{shape_.height});
    work_.launch(exact_bodies::RowEnergyBody{sums_.get(), energy_.get()}, shape_.height);
    work_.launch(exact_bodies::ScaleBody{energy_.get(), scale_.get(), shape_.height}, 1);
    work_.launch(
        exact_bodies::InputBody{field_.get(), scale_.get(), history_.get(), in_.get(), ago},
        pixels);
    work_.launch(exact_bodies::RowBody{in_.get(), weight_.get(), smooth_.get(), box_.get(),
                                       shape_.width, reach},
                 pixels);
    work_.launch(exact_bodies::StepBody{smooth_.get(), box_.get(), weight_.get(), field_.get(),
                                        shape_.width, shape_.height, reach, corner_},
                 pixels);
}

void DeviceExact::finishPlane(std::uint64_t plane, std::uint32_t ago,
                              const DetectionHandler &emit) {
    const std::size_t frame = frames_.next(emit);
    std::uint32_t *const masks = frames_.masks(frame);
    launchField(ago);
    work_.launch(attention_bodies::MaskBody{field_.get(), above_.get(), shape_.width,
                                            AttentionBoxes::threshold},
                 shape_.pixels());
    work_.launch(attention_bodies::ErodeBody{above_.get(), history_.get(), masks,
                                             masks + frames_.recentOffset(), shape_.width,
                                             shape_.height, ago, BoxFitter::memoryPlanes},
                 (shape_.pixels() + 31) / 32);
    frames_.send(frame, plane);
}

Result<void> DeviceExact::finishBlock(const DetectionHandler &emit) {
    frames_.finish(emit);
    Checkpoint &next = checkpoints_[1 - good_];
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    const auto from = values();
    for (std::size_t i = 0; i < from.size(); ++i)
        work_.copy(DeviceStream::Download, next.values[i].get(), from[i], shape_.pixels());
    work_.copy(DeviceStream::Download, next.counts[0].get(), std::as_const(silent_).get(),
               shape_.pixels());
    work_.copy(DeviceStream::Download, next.counts[1].get(), std::as_const(history_).get(),
               shape_.pixels());
    if (work_.finishAll()) {
        good_ = 1 - good_;
        begun_ = true;
    }
    return work_.result();
}

ExactState DeviceExact::state() const {
    const std::size_t pixels = shape_.pixels();
    ExactState state;
    if (!begun_) {
        state.R.assign(pixels, 1.0F);
        state.u.assign(pixels, StpSettings().u0);
        for (auto *zeros : {&state.gradient, &state.potential, &state.field})
            zeros->assign(pixels, 0.0F);
        state.silent.assign(pixels, 0);
        state.history.assign(pixels, 0);
        return state;
    }
    const Checkpoint &good = checkpoints_[good_];
    std::vector<float> *to[] = {&state.R, &state.u, &state.gradient, &state.potential,
                                &state.field};
    for (std::size_t i = 0; i < good.values.size(); ++i)
        to[i]->assign(good.values[i].get(), good.values[i].get() + pixels);
    state.silent.assign(good.counts[0].get(), good.counts[0].get() + pixels);
    state.history.assign(good.counts[1].get(), good.counts[1].get() + pixels);
    return state;
}

}  // namespace fovea
