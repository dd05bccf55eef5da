// SPDX-License-Identifier: Apache-2.0
// The window with the capture card's camera, by a library that stands in for the card's.
#include "datasets/wire_frames.h"
#include "tests/ui/window_fixture.h"

#include <QTreeWidget>
#include <cstdlib>

namespace fovea::test {

TEST_CASE("the window lists and opens the card whose library the configuration names", "[ui]") {
    constexpr std::uint32_t height = 64;
    constexpr double rate = 1000;
    qputenv("FAKE_CARD_HEIGHT", QByteArray::number(height));
    qputenv("FAKE_CARD_BYTES_PER_SECOND", QByteArray::number(rate * height * 128));
    Config config;
    config.source.kind = "pcie";
    config.source.pcieLibrary = FOVEA_FAKE_CARD;
    config.source.shape = PlaneShape{WireLayout::width, height};
    config.source.planeRateHz = rate;
    SteadyClock clock;
    TestWindow window(makeSourceCatalog(clock, config.source));
    auto *list = window.child<QTreeWidget>("sources");
    REQUIRE(waitFor([&] {
        return !list->findItems(QStringLiteral("PCIe camera"),
                                Qt::MatchContains | Qt::MatchRecursive)
                    .isEmpty();
    }));
    window->useConfig(config);
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().source()->shape == config.source.shape);
    REQUIRE(window->controller().source()->live);
    REQUIRE(window->windowTitle().contains(QStringLiteral("PCIe camera")));
}

}  // namespace fovea::test
