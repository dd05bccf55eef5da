// SPDX-License-Identifier: Apache-2.0
// The bar on stderr that says how far long work has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fovea {

/// Draws only when stderr is a terminal and `quiet` is off; otherwise does nothing. The line is
/// wiped when the work ends, so nothing of it mixes with messages.
///
/// Threads: one at a time.
class Progress {
public:
    /// `total` in `unit`s; 0 = unknown: counts without a bar.
    Progress(std::string label, std::uint64_t total, std::string unit, bool quiet);
    ~Progress();
    Progress(const Progress &) = delete;
    Progress &operator=(const Progress &) = delete;

    /// Redraws at most ten times a second; `more` goes behind the line.
    void update(std::uint64_t done, std::string_view more = {});
    /// Wipes the line; update() draws it again.
    void clear();

private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] std::string line(std::uint64_t done, double seconds) const;

    std::string label_;
    std::uint64_t total_;
    std::string unit_;
    bool shown_;
    bool drawn_ = false;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point last_{};
};

}  // namespace fovea
