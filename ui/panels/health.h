// SPDX-License-Identifier: Apache-2.0
// When a figure is worth worrying about (the limits of OBS Studio's statistics).
#pragma once

#include "engine/core/counters.h"

#include <QColor>
#include <QString>
#include <cstdint>

namespace fovea {

enum class Health { Good, Amber, Red };

/// Amber above 1 % lost, red above 5 %. Nothing offered yet is good.
[[nodiscard]] Health lossHealth(std::uint64_t lost, std::uint64_t total);
/// Amber under 95 % of the target, red under 80 %.
[[nodiscard]] Health rateHealth(double rate, double target);
/// Amber above 75 % of the budget, red above all of it.
[[nodiscard]] Health timeHealth(double seconds, double budget);

/// Planes lost against anybody's will: not those that replay skips or noise takes on purpose, and
/// not those that were on their way when a person stopped or jumped.
[[nodiscard]] std::uint64_t lostPlanes(const PlaneCounts &counts);
/// "ring 1,200, link 34"; empty when nothing was dropped.
[[nodiscard]] QString dropsByPlace(const PlaneCounts &counts);

[[nodiscard]] QColor healthColour(Health health);
/// "40.0k", "1.25M", "812"
[[nodiscard]] QString compact(double value);
/// "12.4 ms"
[[nodiscard]] QString milliseconds(double seconds);

}  // namespace fovea
