// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM as something that can be asked for and waited for.
#pragma once

#include <chrono>

namespace fovea {

/// Takes SIGINT and SIGTERM over while it lives. The first one is remembered; a second one ends the
/// process at once with 130, unless it comes within a tenth of a second: timeout(1) and whoever
/// signals a process and its group send the same wish twice. SIGPIPE and SIGXFSZ are
/// ignored: a closed pipe or a file that may not grow is an error of the write.
///
/// At most one at a time. The handler only writes to a pipe (async-signal-safe).
/// Threads: requested(), signal(), wait() and descriptor() may be used from any.
class Interrupts {
public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts &) = delete;
    Interrupts &operator=(const Interrupts &) = delete;

    [[nodiscard]] bool requested() const { return signal() != 0; }
    /// SIGINT, SIGTERM, or 0 as long as none came.
    [[nodiscard]] int signal() const;
    /// Waits until one comes or `timeout` is over; true if one came, now or before.
    [[nodiscard]] bool wait(std::chrono::milliseconds timeout) const;
    /// Becomes and stays readable when one came: for poll(). Do not read from it.
    [[nodiscard]] int descriptor() const;
};

}  // namespace fovea
