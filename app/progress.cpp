// SPDX-License-Identifier: Apache-2.0
// Drawing the progress line.
#include "app/progress.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace fovea {

Progress::Progress(std::string label, std::uint64_t total, std::string unit, bool quiet)
    : label_(std::move(label)), total_(total), unit_(std::move(unit)),
      shown_(!quiet && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    clear();
}

void Progress::update(std::uint64_t done, std::string_view more) {
    if (!shown_)
        return;
    const Clock::time_point now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(100))
        return;
    last_ = now;
    drawn_ = true;
    fmt::print(stderr, "\r{}{}\x1b[K",
               line(done, std::chrono::duration<double>(now - begin_).count()), more);
    std::fflush(stderr);
}

void Progress::clear() {
    if (!drawn_)
        return;
    drawn_ = false;
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
}

std::string Progress::line(std::uint64_t done, double seconds) const {
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    if (total_ == 0)
        return fmt::format("{}: {} {}, {:.0f} {}/s", label_, done, unit_, rate, unit_);
    constexpr std::size_t width = 30;
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    const auto filled = static_cast<std::size_t>(share * width);
    std::string left;
    if (rate > 0 && done < total_)
        left = fmt::format(", {:.0f} s left", static_cast<double>(total_ - done) / rate);
    return fmt::format("{} [{}{}] {:3.0f} %, {:.0f} {}/s{}", label_, std::string(filled, '#'),
                       std::string(width - filled, ' '), share * 100, rate, unit_, left);
}

}  // namespace fovea
