// SPDX-License-Identifier: Apache-2.0
// Buffers that take turns, launches in order, and frames that come down later.
#include "engine/detect/device_attention.h"

#include "engine/detect/attention_bodies.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fovea {

using namespace attention_bodies;

namespace {

constexpr std::size_t factorCount = 3 * timeWordPlanes;

}  // namespace

DeviceAttention::DeviceAttention(const AttentionSettings &settings, PlaneShape shape,
                                 std::unique_ptr<Device> device)
    : settings_(settings), shape_(shape), work_(std::move(device)), upload_(work_, shape),
      frames_(work_, shape, framesAhead, settings.fitBoxes) {
    const std::size_t pixels = shape.pixels();
    const std::size_t words = shape.wordStride();
    for (Batch &batch : batches_) {
        batch.planes = work_.onDevice<std::uint64_t>(BatchFilter::maxPlanes * words);
        batch.used = work_.event();
    }
    for (Checkpoint &checkpoint : checkpoints_) {
        for (auto &value : checkpoint.values)
            value = work_.pinned<float>(pixels);
        checkpoint.history = work_.pinned<std::uint32_t>(pixels);
    }
    for (DeviceArray<float> *array :
         {&deficit_, &drive_, &gradient_, &before_, &potential_, &field_, &in_, &smooth_, &box_})
        *array = work_.onDevice<float>(pixels);
    passed_ = work_.onDevice<std::uint32_t>(pixels);
    history_ = work_.onDevice<std::uint32_t>(pixels);
    above_ = work_.onDevice<std::uint8_t>(pixels);
    sums_ = work_.onDevice<float>(EnergyBody::lanes * std::size_t{shape.height});
    energy_ = work_.onDevice<float>(shape.height);
    scale_ = work_.onDevice<float>(1);
    makeTables();
    if (!work_.failed())
        reset();
}

void DeviceAttention::makeTables() {
    const FastField field(settings_.attentionSize, {1, 1});  // for its constants
    const std::size_t tables = factorCount + field.weight().size();
    tables_ = work_.onDevice<float>(tables);
    pinnedTables_ = work_.pinned<float>(tables);
    if (work_.failed())
        return;
    const batch_kernels::StpFactors factors = BatchFilter::factorsOf(stp_);
    float *table = pinnedTables_.get();
    table = std::copy_n(factors.deficit, timeWordPlanes, table);
    table = std::copy_n(factors.drive, timeWordPlanes, table);
    table = std::copy_n(factors.half, timeWordPlanes, table);
    std::copy(field.weight().begin(), field.weight().end(), table);
    work_.copy(DeviceStream::Upload, tables_.get(), std::as_const(pinnedTables_).get(), tables);
    firstDeficit_ = stp_.u0 * factors.deficit[1];
    firstDrive_ = stp_.f * (1 - stp_.u0) * factors.drive[1];
    byGauss_ = field.byGauss();
    byBox_ = field.byBox();
}

std::array<float *, 6> DeviceAttention::values() const {
    return {deficit_.get(), drive_.get(),     gradient_.get(),
            before_.get(),  potential_.get(), field_.get()};
}

void DeviceAttention::reset() {
    frames_.drop();
    begun_ = false;
    work_.launch(ResetBody{deficit_.get(), drive_.get(), gradient_.get(), before_.get(),
                           potential_.get(), field_.get(), history_.get(), firstDeficit_,
                           firstDrive_},
                 shape_.pixels());
}

void DeviceAttention::take(PlanePointers planes, bool fire) {
    Batch &batch = batches_[batch_++ % batches_.size()];
    work_.waitFor(DeviceStream::Upload, batch.used);
    upload_.upload(planes, batch.planes.get());
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
    const auto count = static_cast<std::uint32_t>(planes.size());
    const PlaneBatch up{reinterpret_cast<const std::uint32_t *>(batch.planes.get()),
                        static_cast<std::uint32_t>(2 * shape_.wordStride()), count};
    const StpRule rule{tables_.get(), stp_.u0, stp_.f, stp_.threshold};
    work_.launch(StpBody{up, rule, deficit_.get(), drive_.get(), gradient_.get(), before_.get(),
                         passed_.get()},
                 shape_.pixels());
    work_.record(DeviceStream::Compute, batch.used);
    if (fire)
        work_.launch(LifBody{passed_.get(), potential_.get(), history_.get(), shape_.width,
                             shape_.height, count, lif_.weight, lif_.leak, lif_.least,
                             lif_.threshold, lif_.keep},
                     shape_.pixels());
}

void DeviceAttention::skip(std::uint64_t planes) {
    if (planes == 0)
        return;
    const float time = static_cast<float>(planes) / stp_.timeUnit;
    work_.launch(
        SkipBody{deficit_.get(), drive_.get(), std::exp(-time / stp_.D), std::exp(-time / stp_.F)},
        shape_.pixels());
}

void DeviceAttention::launchUpdate(std::uint32_t ago, std::uint32_t planes) {
    const std::size_t pixels = shape_.pixels();
    const float keep = std::ldexp(1.0F, -static_cast<int>(planes));
    const auto reach = static_cast<std::uint32_t>(settings_.attentionSize);
    const float *weight = tables_.get() + factorCount;
    work_.launch(EnergyBody{field_.get(), sums_.get(), shape_.width},
                 EnergyBody::lanes * std::uint64_t{shape_.height});
    work_.launch(RowEnergyBody{sums_.get(), energy_.get()}, shape_.height);
    work_.launch(ScaleBody{energy_.get(), scale_.get(), shape_.height, keep}, 1);
    work_.launch(RelaxBody{field_.get(), scale_.get(), history_.get(), in_.get(), ago, planes,
                           FastField::leastInput},
                 pixels);
    work_.launch(SmoothBody{in_.get(), weight, smooth_.get(), box_.get(), shape_.width, reach},
                 pixels);
    const std::uint64_t tiles = (shape_.height + StepBody::rowsPerTile - 1) / StepBody::rowsPerTile;
    work_.launch(StepBody{smooth_.get(), box_.get(), weight, field_.get(), shape_.width,
                          shape_.height, reach, keep, byGauss_, byBox_},
                 tiles * shape_.width);
}

void DeviceAttention::launchStep(std::size_t frame, std::size_t planes) {
    for (std::size_t i = 0; i < planes; i += planesPerUpdate) {
        const std::size_t some = std::min(planesPerUpdate, planes - i);
        launchUpdate(static_cast<std::uint32_t>(planes - i - some),
                     static_cast<std::uint32_t>(some));
    }
    const std::size_t words = (shape_.pixels() + 31) / 32;
    work_.launch(MaskBody{field_.get(), above_.get(), shape_.width, AttentionBoxes::threshold},
                 shape_.pixels());
    std::uint32_t *const masks = frames_.masks(frame);
    work_.launch(ErodeBody{above_.get(), history_.get(), masks, masks + frames_.recentOffset(),
                           shape_.width, shape_.height, 0, BoxFitter::memoryPlanes},
                 words);
}

void DeviceAttention::finishStep(std::uint64_t end, std::size_t planes,
                                 const DetectionHandler &emit) {
    const std::size_t frame = frames_.next(emit);
    if (planes == fieldPlanes && warm_) {
        // Twenty small kernels: as one launch.
        if (graphs_[frame] == nullptr)
            graphs_[frame] = work_.graph([&] { launchStep(frame, planes); });
        work_.run(graphs_[frame]);
    } else {
        launchStep(frame, planes);
        warm_ = true;
    }
    frames_.send(frame, end - 1);
}

Result<void> DeviceAttention::finishBlock(const DetectionHandler &emit) {
    frames_.finish(emit);
    Checkpoint &next = checkpoints_[1 - good_];
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    const auto from = values();
    for (std::size_t i = 0; i < from.size(); ++i)
        work_.copy(DeviceStream::Download, next.values[i].get(), const_cast<const float *>(from[i]),
                   shape_.pixels());
    work_.copy(DeviceStream::Download, next.history.get(), std::as_const(history_).get(),
               shape_.pixels());
    if (work_.finishAll()) {
        good_ = 1 - good_;
        begun_ = true;
    }
    return work_.result();
}

AttentionState DeviceAttention::state() const {
    const std::size_t pixels = shape_.pixels();
    AttentionState state;
    if (!begun_) {
        state.deficit.assign(pixels, firstDeficit_);
        state.drive.assign(pixels, firstDrive_);
        for (auto *zeros : {&state.gradient, &state.before, &state.potential, &state.field})
            zeros->assign(pixels, 0.0F);
        state.history.assign(pixels, 0);
        return state;
    }
    const Checkpoint &good = checkpoints_[good_];
    std::vector<float> *to[] = {&state.deficit, &state.drive,     &state.gradient,
                                &state.before,  &state.potential, &state.field};
    for (std::size_t i = 0; i < good.values.size(); ++i)
        to[i]->assign(good.values[i].get(), good.values[i].get() + pixels);
    state.history.assign(good.history.get(), good.history.get() + pixels);
    return state;
}

}  // namespace fovea
