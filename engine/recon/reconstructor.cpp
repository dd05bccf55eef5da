// SPDX-License-Identifier: Apache-2.0
// Names, limits and the factory of the reconstruction methods.
#include "engine/recon/reconstructor.h"

#include "engine/recon/adaptive_levels.h"
#include "engine/recon/device_plasticity.h"
#include "engine/recon/device_reconstructor.h"
#include "engine/recon/grey_pictures.h"
#include "engine/recon/interval_reconstructor.h"
#include "engine/recon/plasticity_reconstructor.h"
#include "engine/recon/rate_reconstructor.h"
#include "engine/recon/recon_methods.h"
#include "engine/recon/snn_levels.h"
#include "engine/recon/stability_levels.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

template <class Value, std::size_t count>
Result<Value> parseName(std::string_view text, std::string_view what,
                        const std::array<Value, count> &values) {
    for (const Value value : values)
        if (text == toString(value))
            return value;
    return fail(ErrorCode::Usage, "{} '{}': expected {} or {}", what, text, toString(values[0]),
                toString(values[1]));
}

}  // namespace

std::string_view toString(ReconMethod method) {
    return infoOf(method).name;
}

Result<ReconMethod> parseReconMethod(std::string_view text) {
    for (const ReconMethodInfo &info : reconMethods())
        if (text == info.name)
            return info.method;
    return fail(ErrorCode::Usage, "method '{}': expected one of {}", text, reconMethodNames());
}

std::string_view toString(ReconMode mode) {
    return mode == ReconMode::Centred ? "centred" : "causal";
}

Result<ReconMode> parseReconMode(std::string_view text) {
    return parseName(text, "mode", std::array{ReconMode::Centred, ReconMode::Causal});
}

std::string_view toString(ReconRange range) {
    return range == ReconRange::Fixed ? "fixed" : "auto";
}

Result<ReconRange> parseReconRange(std::string_view text) {
    return parseName(text, "range", std::array{ReconRange::Fixed, ReconRange::Auto});
}

std::string_view toString(TfiConvention convention) {
    return convention == TfiConvention::Single ? "single" : "stack";
}

Result<TfiConvention> parseTfiConvention(std::string_view text) {
    return parseName(text, "convention", std::array{TfiConvention::Single, TfiConvention::Stack});
}

std::string_view toString(TfstpForm form) {
    return form == TfstpForm::Online ? "online" : "offline";
}

Result<TfstpForm> parseTfstpForm(std::string_view text) {
    for (const TfstpForm form : {TfstpForm::Online, TfstpForm::Offline})
        if (text == toString(form))
            return form;
    return fail(ErrorCode::Usage, "form '{}': expected online or offline", text);
}

Result<void> validate(const ReconSettings &settings) {
    if (settings.window % 2 == 0 || settings.window > ReconSettings::maxWindow)
        return fail(ErrorCode::Usage, "window {}: expected an odd number of planes, 1 to {}",
                    settings.window, ReconSettings::maxWindow);
    if (settings.reach < 1 || settings.reach > ReconSettings::maxReach)
        return fail(ErrorCode::Usage, "reach {}: expected 1 to {} planes", settings.reach,
                    ReconSettings::maxReach);
    if (settings.history < 1 || settings.history > ReconSettings::maxHistory)
        return fail(ErrorCode::Usage, "history {}: expected 1 to {} planes", settings.history,
                    ReconSettings::maxHistory);
    if (!(settings.gain >= 0.01 && settings.gain <= 1000))
        return fail(ErrorCode::Usage, "gain {}: expected 0.01 to 1000", settings.gain);
    if (!(settings.gamma >= 0.1 && settings.gamma <= 10))
        return fail(ErrorCode::Usage, "gamma {}: expected 0.1 to 10", settings.gamma);
    return {};
}

PlaneReach reachOf(const ReconSettings &settings) {
    switch (settings.method) {
    case ReconMethod::Raw:
        return {};
    case ReconMethod::Tfp:
        return {settings.window / 2, settings.window / 2};
    case ReconMethod::Tfstp:
        return {settings.history, 0};
    case ReconMethod::Stability:
        return StabilityLevels::reachOf(settings.mode);
    case ReconMethod::Adaptive:
        return AdaptiveLevels::reachOf(settings.mode);
    case ReconMethod::Snn:
        return SnnLevels::reachOf(settings.model);
    case ReconMethod::Tfi:
        break;
    }
    return IntervalReconstructor::reachOf(settings.convention, settings.reach);
}

Result<void> validate(const ReconSettings &settings, PlaneShape shape) {
    if (auto good = validate(settings); !good)
        return good;
    if (!shape.valid())
        return fail(ErrorCode::InvalidArgument, "shape {}: expected 1x1 to {}x{}", toString(shape),
                    PlaneShape::maxSide, PlaneShape::maxSide);
    return {};
}

Result<std::unique_ptr<Reconstructor>> makeReconstructor(const ReconSettings &settings,
                                                         PlaneShape shape, Backend *backend) {
    if (auto good = validate(settings, shape); !good)
        return failed(good);
    const bool hasLevels = settings.method == ReconMethod::Stability ||
                           settings.method == ReconMethod::Adaptive ||
                           settings.method == ReconMethod::Snn;
    if (hasLevels || settings.range == ReconRange::Auto) {
        auto source = makeLevelSource(settings, shape, backend);
        if (!source)
            return failed(source);
        return std::make_unique<TonedReconstructor>(settings, std::move(*source));
    }
    std::unique_ptr<Device> device = backend != nullptr ? backend->device() : nullptr;
    if (settings.method == ReconMethod::Tfstp) {
        if (device != nullptr)
            return std::make_unique<DevicePlasticity>(settings, shape, std::move(device), *backend);
        return std::make_unique<PlasticityReconstructor>(settings, shape);
    }
    std::unique_ptr<Reconstructor> cpu;
    if (settings.method == ReconMethod::Tfi)
        cpu = std::make_unique<IntervalReconstructor>(settings, shape);
    else
        cpu = std::make_unique<RateReconstructor>(settings, shape);
    if (device == nullptr)
        return cpu;
    return std::make_unique<DeviceReconstructor>(settings, std::move(cpu), std::move(device),
                                                 *backend);
}

Result<void> checkArguments(const PlaneWindow &window, std::size_t pixels, PlaneShape shape) {
    if (window.key >= window.planes.size())
        return fail(ErrorCode::InvalidArgument, "shown plane is number {} of {} given ones",
                    window.key, window.planes.size());
    if (pixels != shape.pixels())
        return fail(ErrorCode::InvalidArgument, "picture of {} values for {} pixels", pixels,
                    shape.pixels());
    return {};
}

Result<void> Reconstructor::reconstruct(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    if (auto fits = checkArguments(window, grey.size(), shape_); !fits)
        return fits;
    fill(window, grey);
    return {};
}

Result<void> Reconstructor::reconstruct(const PictureRun &run, GreyPictures &pictures,
                                        TilePool &pool) {
    if (run.hop == 0 || run.count > pictures.count() || pictures.shape() != shape_)
        return fail(ErrorCode::InvalidArgument,
                    "{} pictures {} planes apart, room for {} of {} pixels", run.count, run.hop,
                    pictures.count(), toString(pictures.shape()));
    if (run.count == 0)
        return {};
    const std::size_t planes = run.window.planes.size();
    if (run.window.key >= planes || (planes - 1 - run.window.key) / run.hop < run.count - 1)
        return fail(ErrorCode::InvalidArgument,
                    "{} pictures {} planes apart from plane number {} of {} given ones", run.count,
                    run.hop, run.window.key, planes);
    fillRun(run, pictures, pool);
    return {};
}

void Reconstructor::fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &) {
    for (std::size_t i = 0; i < run.count; ++i)
        fill(run.at(i), pictures[i]);
}

Result<void> checkPlane(const ReconSettings &settings, std::uint64_t at, std::uint64_t planes) {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    if (settings.method == ReconMethod::Tfp) {
        before = after = settings.window / 2;
    } else if (settings.method == ReconMethod::Tfi) {
        after = settings.reach;
        before = settings.convention == TfiConvention::Single ? after / 2 : after;
    } else if (settings.method == ReconMethod::Snn) {
        before = SnnLevels::reachOf(settings.model).before;
        after = SnnLevels::reachOf(settings.model).after;
    }
    if (before + after >= planes)
        return fail(ErrorCode::Usage, "{} needs {} planes around the shown one; there are {}",
                    toString(settings.method), before + 1 + after, planes);
    if (at < before || at >= planes - after)
        return fail(ErrorCode::Usage, "plane {}: {} of this recording can show planes {} to {}", at,
                    toString(settings.method), before, planes - after - 1);
    return {};
}

}  // namespace fovea
