// SPDX-License-Identifier: Apache-2.0
// Before recording: do link, disk and engine keep up with this camera?
#pragma once

#include "engine/pipeline/config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

enum class BudgetLight : std::uint8_t {
    Green,  ///< with a fifth to spare
    Amber,  ///< just so, or not known
    Red,    ///< planes will be lost
};
[[nodiscard]] std::string_view toString(BudgetLight light);

/// What a recording needs and what there is. What is empty is not known.
struct PreflightInput {
    PlaneShape shape;
    double planeRateHz = 0;
    bool live = true;           ///< it does not wait: what is too slow loses planes
    double seconds = 0;         ///< length wanted; 0 = until somebody stops it
    double packedShare = 1;     ///< bytes on the disk for each byte of planes
    bool hasLink = true;        ///< false: nothing between the source and this machine
    std::string link;           ///< what it is, for people
    double linkExtraBytes = 0;  ///< that come with every plane
    std::optional<double> linkBytesPerSecond;
    std::optional<double> diskBytesPerSecond;
    std::optional<std::uint64_t> freeBytes;
    std::optional<double> enginePlanesPerSecond;
};

struct Budget {
    std::string name;  ///< link, disk, room, engine
    BudgetLight light = BudgetLight::Green;
    double needed = 0;              ///< bytes/s; planes/s of the engine; bytes of room
    std::optional<double> present;  ///< in the same unit
    std::string text;               ///< "needs 500 MB/s, takes 300 MB/s"
};

struct Preflight {
    std::vector<Budget> budgets;
    double slowness = 1;  ///< of a source that waits: how many times as long as it plays
    /// The worst of all.
    [[nodiscard]] BudgetLight light() const;
    /// One sentence for people.
    [[nodiscard]] std::string verdict() const;
};

[[nodiscard]] Preflight checkBudgets(const PreflightInput &input);

/// "3:07 h", or "42 s", until `freeBytes` are full; "more than 99 h"; empty without a rate.
[[nodiscard]] std::string fullInText(std::uint64_t freeBytes, double bytesPerSecond);

/// Planes a second that the stages of `config` get through on this machine, measured on planes of
/// noise. Takes about `seconds`.
[[nodiscard]] Result<double> measureEngine(const Config &config, PlaneShape shape,
                                           double planeRateHz, double seconds = 0.25);

}  // namespace fovea
