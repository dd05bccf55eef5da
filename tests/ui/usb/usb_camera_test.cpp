// SPDX-License-Identifier: Apache-2.0
// The window with the model camera behind unmodified libusb: the list, the picture, the unplug.
#include "tests/fakes/usb_testbed.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/source_panel.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QTreeWidget>
#include <iostream>

namespace fovea::test {
namespace {

struct Bench {
    Ft60xModel camera{PlaneShape{400, 250}};
    UsbTestbed bed{camera};
    Bench() {
        REQUIRE(UsbTestbed::possible());
        camera.setPace(1000 * 12516.0);
    }
};

/// What the window's list says of the camera; empty when it is not there.
QString listed(TestWindow &window) {
    const auto *list = window.child<QTreeWidget>("sources");
    for (const QTreeWidgetItem *item :
         list->findItems(QStringLiteral("F601-0001"), Qt::MatchContains | Qt::MatchRecursive))
        return item->text(0);
    return {};
}

/// Milliseconds until `ready`.
double timeUntil(const std::function<bool()> &ready) {
    QElapsedTimer timer;
    timer.start();
    REQUIRE(waitFor(ready, 60));
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

SourceConfig usb() {
    SourceConfig source;
    source.kind = "usb";
    source.planeRateHz = 1000;
    return source;
}

}  // namespace

TEST_CASE("S1: the window lists a camera soon after it is plugged in, and until it is pulled",
          "[ui][usb]") {
    Bench bench;
    TestWindow window;
    REQUIRE(waitFor([&] { return window.child<QTreeWidget>("sources")->topLevelItemCount() > 0; }));
    REQUIRE(listed(window).isEmpty());
    for (const bool told : {true, false}) {  // with and without udevd
        bench.bed.plugIn(4, told);
        const double came = timeUntil([&] { return !listed(window).isEmpty(); });
        REQUIRE(listed(window).contains(QStringLiteral("Spike camera F601-0001")));
        REQUIRE(listed(window).contains(QStringLiteral("USB 3, 5 Gb/s, ready")));
        bench.bed.pull(told);
        const double went = timeUntil([&] { return listed(window).isEmpty(); });
        std::cout << "S1: in the window's list " << came << " ms after the plug, gone " << went
                  << " ms after the pull" << (told ? "" : " (no udevd)") << "\n";
        REQUIRE(std::max(came, went) < 10000 * slowness());
    }
}

TEST_CASE("S2: the window survives an unplug of a real USB stack and comes back by itself",
          "[ui][usb]") {
    Bench bench;
    bench.bed.plugIn(2);
    TestWindow window;
    window->openSource(usb());
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }, 60));
    REQUIRE(window->controller().source()->serial == "F601-0001");
    bench.bed.pull();
    const double told = timeUntil([&] { return window->banner().isError(); });
    REQUIRE(window->banner().text().contains(QStringLiteral("the camera was unplugged")));
    REQUIRE(window->views().tile(0)->view()->stale());
    REQUIRE_FALSE(window->views().tile(0)->view()->image().isNull());
    // The newest attempt says why the camera cannot be had yet.
    REQUIRE(waitFor(
        [&] { return window->banner().text().contains(QStringLiteral("Last attempt")); }, 60));
    const std::uint64_t before = window->controller().status().planes.received;
    bench.bed.plugIn(12);
    const double back = timeUntil([&] {
        return !window->banner().isError() &&
               window->controller().status().planes.received > before;
    });
    REQUIRE_FALSE(window->views().tile(0)->view()->stale());
    REQUIRE(window->controller().status().reconnects == 1);
    REQUIRE(window->controller().source()->planeRateHz == 1000);
    std::cout << "S2: window told the loss after " << told << " ms and showed new planes " << back
              << " ms after the return\n";
    // Again, closing while the camera is away.
    bench.bed.pull();
    REQUIRE(waitFor([&] { return window->banner().isError(); }, 60));
    window.close();
}

}  // namespace fovea::test
