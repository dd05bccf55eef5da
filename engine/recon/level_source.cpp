// SPDX-License-Identifier: Apache-2.0
// Methods that know only 8 bits are asked twice: for the upper and for the lower byte.
#include "engine/recon/level_source.h"

#include "engine/recon/recon_methods.h"

#include "engine/recon/adaptive_levels.h"
#include "engine/recon/device_adaptive.h"
#include "engine/recon/device_levels.h"
#include "engine/recon/interval_reconstructor.h"
#include "engine/recon/plasticity_reconstructor.h"
#include "engine/recon/rate_reconstructor.h"
#include "engine/recon/snn_levels.h"
#include "engine/recon/stability_levels.h"

namespace fovea {

namespace {

/// Raw, TFP and TFI look their grey up in a table; the table may as well hold one half of a level.
class TwoByteLevels final : public LevelSource {
public:
    TwoByteLevels(std::unique_ptr<Reconstructor> upper, std::unique_ptr<Reconstructor> lower)
        : LevelSource(upper->shape()), upper_(std::move(upper)), lower_(std::move(lower)),
          bytes_(shape().pixels()) {}
    [[nodiscard]] PlaneReach reach() const override { return upper_->reach(); }

    void fill(const PlaneWindow &window, std::span<std::uint16_t> levels) override {
        std::fill(levels.begin(), levels.end(), std::uint16_t{0});
        if (!upper_->reconstruct(window, bytes_))
            return;
        for (std::size_t i = 0; i < levels.size(); ++i)
            levels[i] = static_cast<std::uint16_t>(bytes_[i] << 8);
        if (!lower_->reconstruct(window, bytes_))
            return;
        for (std::size_t i = 0; i < levels.size(); ++i)
            levels[i] = static_cast<std::uint16_t>(levels[i] | bytes_[i]);
    }

private:
    std::unique_ptr<Reconstructor> upper_, lower_;
    std::vector<std::uint8_t> bytes_;
};

template <class Method>
std::unique_ptr<LevelSource> twoBytes(const ReconSettings &settings, PlaneShape shape) {
    return std::make_unique<TwoByteLevels>(
        std::make_unique<Method>(settings, shape, GreyPart::UpperByte),
        std::make_unique<Method>(settings, shape, GreyPart::LowerByte));
}

/// With a twin where there is a device.
template <class Cpu, class Twin>
std::unique_ptr<LevelSource> withTwin(const ReconSettings &settings, PlaneShape shape,
                                      Backend *backend) {
    auto cpu = std::make_unique<Cpu>(settings, shape);
    std::unique_ptr<Device> device = backend != nullptr ? backend->device() : nullptr;
    if (device == nullptr)
        return cpu;
    return std::make_unique<DeviceLevels>(
        std::move(cpu), std::make_unique<Twin>(settings.mode, shape, std::move(device)), *backend);
}

}  // namespace

Result<std::unique_ptr<LevelSource>> makeLevelSource(const ReconSettings &settings,
                                                     PlaneShape shape, Backend *backend) {
    if (auto good = validate(settings, shape); !good)
        return failed(good);
    switch (settings.method) {
    case ReconMethod::Adaptive:
        return withTwin<AdaptiveLevels, DeviceAdaptive>(settings, shape, backend);
    case ReconMethod::Stability:
        return withTwin<StabilityLevels, DeviceStability>(settings, shape, backend);
    case ReconMethod::Snn:
        return SnnLevels::make(settings.model, shape);
    case ReconMethod::Tfi:
        return twoBytes<IntervalReconstructor>(settings, shape);
    case ReconMethod::Tfstp: {
        // Equalised to 8 bits: the same byte twice is its level.
        ReconSettings neutral = settings;
        neutral.gain = neutral.gamma = 1;
        return std::make_unique<TwoByteLevels>(
            std::make_unique<PlasticityReconstructor>(neutral, shape),
            std::make_unique<PlasticityReconstructor>(neutral, shape));
    }
    case ReconMethod::Raw:
    case ReconMethod::Tfp:
        break;
    }
    return twoBytes<RateReconstructor>(settings, shape);
}

Result<DeepReconstructor> DeepReconstructor::make(const ReconSettings &settings, PlaneShape shape) {
    auto source = makeLevelSource(settings, shape);
    if (!source)
        return failed(source);
    return DeepReconstructor(settings, std::move(*source));
}

Result<void> DeepReconstructor::reconstruct(const PlaneWindow &window,
                                            std::span<std::uint16_t> grey) {
    if (auto fits = checkArguments(window, grey.size(), source_->shape()); !fits)
        return fits;
    source_->fill(window, levels_);
    tone_.map(levels_, grey);
    return {};
}

}  // namespace fovea
