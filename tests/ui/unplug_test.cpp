// SPDX-License-Identifier: Apache-2.0
// The cable is pulled: what is said, what is shown, and how it goes on when the camera is back.
#include "tests/fakes/pluggable_source.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/slider_row.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QRegularExpression>
#include <QTreeWidget>
#include <iostream>

namespace fovea::test {
namespace {

struct Unplug {
    std::shared_ptr<Plug> plug = std::make_shared<Plug>();
    TestWindow window{std::make_unique<PluggableCatalog>(plug)};

    Unplug() {
        window->openSource({});
        REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    }
    void pull() {
        plug->in = false;
        REQUIRE(waitFor([&] { return window->banner().isError(); }));
    }
    [[nodiscard]] std::uint64_t received() { return window->controller().status().planes.received; }
};

}  // namespace

TEST_CASE("S2: a pulled cable is told with reason and time, and the window goes on by itself",
          "[ui]") {
    Unplug test;
    TestWindow &window = test.window;
    window.child<SliderRow>("window")->box()->setValue(65);
    QTest::qWait(100);
    test.pull();
    const QString told = window->banner().text();
    REQUIRE(told.contains(QStringLiteral("the cable was pulled")));
    REQUIRE(told.contains(QRegularExpression(QStringLiteral("at \\d\\d:\\d\\d:\\d\\d"))));
    REQUIRE(window.child<QLabel>("statusSource")->text().contains(QStringLiteral("lost")));
    // The last picture stays, greyed; the controls live.
    REQUIRE_FALSE(window->views().tile(0)->view()->image().isNull());
    REQUIRE(window->views().tile(0)->view()->stale());
    window.trigger(Act::TwoTiles);
    REQUIRE(window->views().views().size() == 2);
    const std::uint64_t before = test.received();
    REQUIRE(waitFor([&] {
        return window->banner().text().contains(
            QStringLiteral("Last attempt: fake camera: nothing is plugged in"));
    }));
    REQUIRE(test.received() == before);

    test.plug->in = true;
    REQUIRE(waitFor([&] { return !window->banner().isError(); }, 30));
    REQUIRE(window->banner().text().contains(QStringLiteral("back")));
    REQUIRE_FALSE(window->views().tile(0)->view()->stale());
    REQUIRE(waitFor([&] { return test.received() > before; }));
    REQUIRE(window->config().recon.window == 65);
    REQUIRE(waitFor([&] { return window->controller().frame()->views.size() == 2; }));
    // Again: the second loss is told like the first.
    test.pull();
    REQUIRE(window->banner().text().contains(QStringLiteral("the cable was pulled")));
}

TEST_CASE("a camera that comes back as another one ends the waiting with a reason", "[ui]") {
    Unplug test;
    TestWindow &window = test.window;
    test.pull();
    test.plug->width = 32;
    test.plug->in = true;
    REQUIRE(waitFor(
        [&] { return window->banner().text().contains(QStringLiteral("came back as 32x40")); },
        30));
    REQUIRE(window->banner().isError());
    REQUIRE_FALSE(window->banner().text().contains(QStringLiteral("Waiting")));
    // Opening it again works.
    window->openSource({});
    REQUIRE(waitFor([&] {
        return window->controller().source() && window->controller().source()->shape.width == 32;
    }));
    REQUIRE_FALSE(window->banner().isError());
}

TEST_CASE("a lost camera can be closed", "[ui]") {
    Unplug test;
    test.pull();
    test.window.trigger(Act::CloseSource);
    REQUIRE(waitFor([&] { return !test.window->controller().restarting(); }));
    REQUIRE_FALSE(test.window->controller().source());
    REQUIRE_FALSE(test.window->banner().isError());
    // Nothing of it is shown any more.
    REQUIRE(waitFor([&] {
        return test.window.child<QLabel>("statusSource")->text() == QStringLiteral("no source");
    }));
    REQUIRE_FALSE(test.window.child<QLabel>("statusLost")->isVisible());
}

TEST_CASE("S1: the list shows a camera while it is plugged in, with serial, speed and state",
          "[ui]") {
    const auto plug = std::make_shared<Plug>();
    plug->in = false;
    TestWindow window{std::make_unique<PluggableCatalog>(plug)};
    const auto listed = [&] {
        const auto found = window.child<QTreeWidget>("sources")->findItems(
            QStringLiteral("F-1"), Qt::MatchContains | Qt::MatchRecursive);
        return found.isEmpty() ? QString() : found.front()->text(0);
    };
    const auto timeUntil = [&](auto ready) {
        QElapsedTimer timer;
        timer.start();
        REQUIRE(waitFor(ready));
        return timer.elapsed();
    };
    REQUIRE(listed().isEmpty());
    plug->in = true;
    const auto came = timeUntil([&] { return !listed().isEmpty(); });
    REQUIRE(listed() == QStringLiteral("fake camera F-1\nUSB 3, 5 Gb/s, ready"));
    plug->inUse = true;
    REQUIRE(waitFor([&] { return listed().endsWith(QStringLiteral("in use")); }));
    // Whoever holds it is this window.
    SourceConfig first;
    first.kind = "usb";
    window->openSource(first);
    REQUIRE(waitFor([&] { return listed().endsWith(QStringLiteral("open here")); }));
    plug->in = false;
    const auto went = timeUntil([&] { return listed().isEmpty(); });
    std::cout << "S1: in the window's list " << came << " ms after the plug, gone " << went
              << " ms after the pull\n";
}

}  // namespace fovea::test
