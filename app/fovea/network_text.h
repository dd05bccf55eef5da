// SPDX-License-Identifier: Apache-2.0
// What a network decided and took, as text and JSON: for fovea run.
#pragma once

#include "app/frame_json.h"

#include <string>
#include <vector>

namespace fovea {

/// Adds up the decisions of a run.
///
/// Threads: one at a time.
class NetworkSummary {
public:
    /// The newest report; those that tell of no new decision are only the newest counters.
    /// True when there was a new decision.
    bool add(const NetworkReport &report);
    [[nodiscard]] std::uint64_t decisions() const { return seen_; }
    /// {"type":"summary","model":...,"decisions":..,"layers":[{"name":..,"rate":..},...]}
    [[nodiscard]] Json json() const;
    /// Several lines: totals, then a table of layers.
    [[nodiscard]] std::string table() const;

private:
    NetworkReport last_;
    std::vector<double> rates_;  ///< of each layer, sums over decisions
    std::uint64_t seen_ = 0;
};

/// "planes 0 to 15: 7 (0.982)", or only the planes where there is no class.
[[nodiscard]] std::string decisionLine(const NetworkReport &report);

}  // namespace fovea
