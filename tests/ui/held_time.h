// SPDX-License-Identifier: Apache-2.0
// How long the window was held by one event: the 50 ms rule.
#pragma once

#include "tests/support/files.h"

#include <QApplication>
#include <chrono>
#include <cstdint>
#include <string>

namespace fovea::test {

/// What one event may take; sanitizers make code ten times slower. There is no other allowance:
/// time in which this thread was ready to run but got no processor is not counted (Linux tells it
/// in schedstat).
inline double heldLimitMs() {
    return slowness() > 1 ? 500 : 50;
}

/// Measures each event from its delivery to its end, everything that it calls included.
///
/// Threads: GUI.
class WatchedApplication final : public QApplication {
public:
    WatchedApplication(int &argc, char **argv);
    ~WatchedApplication() override;

    bool notify(QObject *receiver, QEvent *event) override;
    void reset();
    [[nodiscard]] double longestMs() const { return longest_; }
    /// Who had the longest event, and which.
    [[nodiscard]] const std::string &longestWho() const { return who_; }
    /// This system tells how long a thread waited for a processor.
    [[nodiscard]] bool knowsWaits() const { return schedule_ >= 0; }

private:
    [[nodiscard]] double waitedMs() const;

    int schedule_ = -1;  ///< file descriptor of /proc/thread-self/schedstat
    int depth_ = 0;
    double longest_ = 0;
    std::string who_;
};

[[nodiscard]] WatchedApplication &watched();

}  // namespace fovea::test
