// SPDX-License-Identifier: Apache-2.0
// Times and planes as people write and read them.
#pragma once

#include <QString>
#include <cstdint>
#include <optional>

namespace fovea {

/// "12.345 ms" below a second, "3.210 s" below a minute, "2:03.210" above.
[[nodiscard]] QString timeText(double seconds);
/// "1,234,567"
[[nodiscard]] QString planeText(std::uint64_t plane);
/// Reads "1234" (plane), "12.5 ms", "0.3 s", "250 us" or "1:02.5"; nothing when it is none of them.
[[nodiscard]] std::optional<std::uint64_t> parsePlace(const QString &text, double planeRateHz);

}  // namespace fovea
