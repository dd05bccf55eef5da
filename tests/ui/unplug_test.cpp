// SPDX-License-Identifier: Apache-2.0
// The cable is pulled: what is said, what is shown, and how it goes on when the camera is back.
#include "tests/fakes/pluggable_source.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/slider_row.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QRegularExpression>

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

TEST_CASE("a pulled cable is told with reason and time, and the window goes on by itself", "[ui]") {
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
    QTest::qWait(300);
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

}  // namespace fovea::test
