// SPDX-License-Identifier: Apache-2.0
// What the window's tests stand on: warnings and held events are noticed.
#include "tests/ui/held_time.h"
#include "tests/ui/window_fixture.h"

namespace fovea::test {

TEST_CASE("a Qt warning is noticed", "[ui]") {
    const int before = unexpectedWarnings();
    {
        const ExpectWarnings expect;
        qWarning("on purpose");
        REQUIRE(ExpectWarnings::count() == 1);
    }
    REQUIRE(unexpectedWarnings() == before);
}

TEST_CASE("an event that holds the window is noticed, waiting for a processor is not one", "[ui]") {
    QObject receiver;
    receiver.setObjectName(QStringLiteral("slow"));
    const auto hold = [&](auto work) {
        watched().reset();
        QMetaObject::invokeMethod(&receiver, work, Qt::QueuedConnection);
        QCoreApplication::processEvents();
        return watched().longestMs();
    };
    REQUIRE(hold([] { QTest::qSleep(80); }) > 70);
    REQUIRE(watched().longestWho().find("slow") != std::string::npos);
    REQUIRE(hold([] {}) < heldLimitMs());
    if (!watched().knowsWaits())
        WARN("this system does not tell how long a thread waited: a busy one may fail the rule");
}

}  // namespace fovea::test
