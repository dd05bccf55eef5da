// SPDX-License-Identifier: Apache-2.0
// How long the window was held by one event.
#include "tests/ui/held_time.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace fovea::test {

WatchedApplication::WatchedApplication(int &argc, char **argv)
    : QApplication(argc, argv), schedule_(::open("/proc/thread-self/schedstat", O_RDONLY)) {}

WatchedApplication::~WatchedApplication() {
    if (schedule_ >= 0)
        ::close(schedule_);
}

double WatchedApplication::waitedMs() const {
    std::array<char, 96> text{};  // "<ns on a processor> <ns waiting for one> <slices>"
    if (schedule_ < 0 || ::pread(schedule_, text.data(), text.size() - 1, 0) <= 0)
        return 0;
    char *end = nullptr;
    (void)std::strtoull(text.data(), &end, 10);
    return static_cast<double>(std::strtoull(end, nullptr, 10)) / 1e6;
}

bool WatchedApplication::notify(QObject *receiver, QEvent *event) {
    if (depth_ > 0)
        return QApplication::notify(receiver, event);
    const std::string name =
        fmt::format("event {} for {} '{}'", static_cast<int>(event->type()),
                    receiver->metaObject()->className(), receiver->objectName().toStdString());
    const double waited = waitedMs();
    const auto begin = std::chrono::steady_clock::now();
    ++depth_;
    const bool result = QApplication::notify(receiver, event);
    --depth_;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    const double held = took.count() - (waitedMs() - waited);
    if (held > longest_) {
        longest_ = held;
        who_ = name;
    }
    return result;
}

void WatchedApplication::reset() {
    longest_ = 0;
    who_.clear();
}

WatchedApplication &watched() {
    return *static_cast<WatchedApplication *>(QCoreApplication::instance());
}

}  // namespace fovea::test
