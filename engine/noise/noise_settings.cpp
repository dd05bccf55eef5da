// SPDX-License-Identifier: Apache-2.0
// The table of injectors; reading, checking and naming settings.
#include "engine/noise/noise_settings.h"

#include "engine/core/text.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

constexpr std::array<InjectorInfo, injectorKindCount> infos{{
    {InjectorKind::Brightness, "brightness", 1, 4,
     "scales the light: below 1 darker, above lighter"},
    {InjectorKind::Jitter, "jitter", 0, 1, "probability that a spike comes one plane late"},
    {InjectorKind::Missing, "missing", 0, 1, "probability that a spike is lost"},
    {InjectorKind::Extra, "extra", 0, 1, "probability that a silent pixel fires"},
    {InjectorKind::Dead, "dead", 0, 1, "fraction of pixels that never fire"},
    {InjectorKind::Hot, "hot", 0, 1, "fraction of pixels that always fire"},
    {InjectorKind::Rows, "rows", 0, 1, "fraction of rows that are stuck"},
    {InjectorKind::Columns, "columns", 0, 1, "fraction of columns that are stuck"},
    {InjectorKind::Flip, "flip", 0, 1, "probability that a pixel's bit is inverted"},
    {InjectorKind::Drop, "drop", 0, 1, "fraction of planes that are lost one by one"},
    {InjectorKind::Burst, "burst", 0, 1, "fraction of planes that are lost in bursts"},
}};

std::string kindList() {
    std::string list;
    for (const InjectorInfo &info : infos)
        list += (list.empty() ? "" : ", ") + std::string(info.name);
    return list;
}

Result<void> checkStrength(InjectorKind kind, double strength) {
    const InjectorInfo &info = infoOf(kind);
    if (!(strength >= 0 && strength <= info.maximum))
        return fail(ErrorCode::Usage, "{} strength {}: expected 0 to {} ({})", info.name, strength,
                    info.maximum, info.what);
    return {};
}

Result<InjectorSettings> parseInjector(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const auto *info = std::find_if(infos.begin(), infos.end(),
                                    [&](const InjectorInfo &one) { return one.name == name; });
    if (info == infos.end())
        return fail(ErrorCode::Usage, "injector '{}': unknown kind '{}'; kinds are {}", text, name,
                    kindList());
    const std::string_view number =
        colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    InjectorSettings injector{info->kind, 0, true};
    if (const auto strength = parseNumber<double>(number))
        injector.strength = *strength;
    else
        return fail(ErrorCode::Usage,
                    "injector '{}': strength '{}' is not a number; expected {}:STRENGTH with 0 to "
                    "{} ({})",
                    text, number, info->name, info->maximum, info->what);
    if (auto good = checkStrength(info->kind, injector.strength); !good)
        return failed(good);
    return injector;
}

}  // namespace

std::span<const InjectorInfo> injectorInfos() {
    return infos;
}

const InjectorInfo &infoOf(InjectorKind kind) {
    return infos[static_cast<std::size_t>(kind)];
}

bool isActive(const InjectorSettings &injector) {
    return injector.enabled && injector.strength != infoOf(injector.kind).neutral;
}

Result<void> validate(const NoiseSettings &settings) {
    std::array<bool, injectorKindCount> named{};
    for (const InjectorSettings &injector : settings.injectors) {
        const auto kind = static_cast<std::size_t>(injector.kind);
        if (kind >= injectorKindCount)
            return fail(ErrorCode::Usage, "injector kind {}: kinds are {}", kind, kindList());
        if (auto good = checkStrength(injector.kind, injector.strength); !good)
            return good;
        if (named[kind])
            return fail(ErrorCode::Usage, "injector {} is given more than once",
                        toString(injector.kind));
        named[kind] = true;
    }
    return {};
}

Result<std::vector<InjectorSettings>> parseInjectors(std::string_view text) {
    NoiseSettings settings;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        auto injector = parseInjector(text.substr(begin, comma - begin));
        if (!injector)
            return failed(injector);
        settings.injectors.push_back(*injector);
        begin = comma + 1;
    }
    if (auto good = validate(settings); !good)
        return failed(good);
    return std::move(settings.injectors);
}

std::string noiseTag(const NoiseSettings &settings) {
    std::string tag;
    for (const InjectorInfo &info : infos)
        for (const InjectorSettings &injector : settings.injectors)
            if (injector.kind == info.kind && isActive(injector))
                tag += fmt::format("{}:{} ", info.name, injector.strength);
    return tag.empty() ? tag : tag + fmt::format("seed {}", settings.seed);
}

}  // namespace fovea
