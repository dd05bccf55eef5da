// SPDX-License-Identifier: Apache-2.0
// The entry of the window's tests: offscreen, own settings, and no Qt warning goes unnoticed.
#include "tests/support/run_tests.h"
#include "tests/ui/held_time.h"
#include "tests/ui/window_fixture.h"

#include <QStandardPaths>
#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace fovea::test {
namespace {

std::atomic<int> unexpected{0};
std::atomic<int> expected{0};
std::atomic<bool> expecting{false};

void takeMessage(QtMsgType type, const QMessageLogContext &, const QString &text) {
    if (type == QtDebugMsg || type == QtInfoMsg)
        return;
    // The offscreen platform and a machine without session say these about themselves.
    if (text.contains(QLatin1String("propagateSizeHints")) ||
        text.contains(QLatin1String("XDG_RUNTIME_DIR")))
        return;
    if (expecting) {
        ++expected;
        return;
    }
    ++unexpected;
    std::fprintf(stderr, "Qt warning: %s\n", qPrintable(text));
}

}  // namespace

int unexpectedWarnings() {
    return unexpected;
}
ExpectWarnings::ExpectWarnings() {
    expected = 0;
    expecting = true;
}
ExpectWarnings::~ExpectWarnings() {
    expecting = false;
}
int ExpectWarnings::count() {
    return expected;
}

}  // namespace fovea::test

int main(int argc, char **argv) {
    if (std::getenv("QT_QPA_PLATFORM") == nullptr)
        setenv("QT_QPA_PLATFORM", "offscreen", 1);
    qInstallMessageHandler(fovea::test::takeMessage);
    QStandardPaths::setTestModeEnabled(true);
    const fovea::test::WatchedApplication application(argc, argv);
    QApplication::setQuitOnLastWindowClosed(false);
    const int code = fovea::test::runTests(argc, argv);
    return code != 0 ? code : fovea::test::unexpectedWarnings() > 0 ? 1 : 0;
}
