// SPDX-License-Identifier: Apache-2.0
// Which disturbances are injected, how strong, and their texts ("flip:0.01").
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// The injectors in the order in which they act: light, then sensor, then link. The order in which
/// they are listed in the settings does not matter.
enum class InjectorKind : std::uint8_t {
    Brightness,  ///< light times the strength; 1 changes nothing
    Jitter,      ///< a spike comes one plane late, with this probability
    Missing,     ///< a spike is lost, with this probability
    Extra,       ///< a silent pixel fires, with this probability for each pixel and plane
    Dead,        ///< this fraction of the pixels never fires
    Hot,         ///< this fraction of the pixels always fires
    Rows,        ///< this fraction of the rows is stuck, silent or firing
    Columns,     ///< the same for columns
    Flip,        ///< a bit is inverted, with this probability for each pixel and plane
    Drop,        ///< this fraction of the planes is lost, each by itself
    Burst,       ///< this fraction of the planes is lost, in runs of burstPlanes or more
};
constexpr std::size_t injectorKindCount = 11;
/// Burst loss loses this many planes at a time, or several times as many.
constexpr std::uint64_t burstPlanes = 32;

/// What people may know about a kind: lists, sliders and error messages are made from it.
struct InjectorInfo {
    InjectorKind kind;
    std::string_view name;  ///< "flip"
    double neutral;         ///< the strength that changes nothing
    double maximum;         ///< strengths go from 0 to here
    std::string_view what;  ///< one line for people
};
/// All kinds, in the order in which they act.
[[nodiscard]] std::span<const InjectorInfo> injectorInfos();
[[nodiscard]] const InjectorInfo &infoOf(InjectorKind kind);
[[nodiscard]] inline std::string_view toString(InjectorKind kind) {
    return infoOf(kind).name;
}

struct InjectorSettings {
    InjectorKind kind = InjectorKind::Flip;
    double strength = 0;
    bool enabled = true;

    friend bool operator==(const InjectorSettings &, const InjectorSettings &) = default;
};
/// Enabled and not neutral.
[[nodiscard]] bool isActive(const InjectorSettings &injector);

struct NoiseSettings {
    std::uint64_t seed = 1;
    std::vector<InjectorSettings> injectors;  ///< each kind at most once

    friend bool operator==(const NoiseSettings &, const NoiseSettings &) = default;
};
/// ErrorCode::Usage: names the kind, the strength found and the allowed ones.
[[nodiscard]] Result<void> validate(const NoiseSettings &settings);

/// Reads "KIND:STRENGTH", or several with commas between them: "flip:0.01,hot:0.001".
/// ErrorCode::Usage: says what was found and lists the kinds or the allowed strengths.
[[nodiscard]] Result<std::vector<InjectorSettings>> parseInjectors(std::string_view text);

/// "flip:0.01 hot:0.001 seed 3", the active injectors in acting order; empty when there are none.
[[nodiscard]] std::string noiseTag(const NoiseSettings &settings);

}  // namespace fovea
