// SPDX-License-Identifier: Apache-2.0
// Parts without a window: speeds, times, health, histogram, pixel train, zoom, trails.
#include "ui/panels/health.h"
#include "ui/panels/histogram.h"
#include "ui/panels/pixel_train.h"
#include "ui/panels/slider_row.h"
#include "ui/playback/speed_ladder.h"
#include "ui/playback/time_text.h"
#include "ui/views/overlay.h"
#include "ui/views/view_transform.h"

#include <catch2/catch.hpp>

namespace fovea {

TEST_CASE("the speed ladder climbs and says both speeds", "[ui]") {
    for (const double rate : {1000.0, 20000.0, 40000.0}) {
        const SpeedLadder ladder(rate);
        REQUIRE(ladder.size() == 13);
        REQUIRE(ladder.speed(12) == maxSpeed);
        for (std::size_t i = 0; i < ladder.size(); ++i) {
            REQUIRE(ladder.nearest(ladder.speed(i)) == i);
            REQUIRE_FALSE(ladder.label(i).isEmpty());
        }
    }
    const SpeedLadder ladder(40000);
    REQUIRE(ladder.describe(0.01) == QStringLiteral("1/100x, 6.7 planes/frame"));
    REQUIRE(ladder.describe(60.0 / 40000) == QStringLiteral("1/667x, 1.0 planes/frame"));
    REQUIRE(ladder.describe(1) == QStringLiteral("1x, 667 planes/frame"));
    // 301 planes at 40 kHz are 7.5 ms: shown over seconds.
    REQUIRE(ladder.comfortable(301) < 0.004);
    REQUIRE(ladder.comfortable(1e9) == 1);
}

TEST_CASE("times are written and read", "[ui]") {
    REQUIRE(timeText(0.007525) == QStringLiteral("7.525 ms"));
    REQUIRE(timeText(3.21) == QStringLiteral("3.210 s"));
    REQUIRE(timeText(123.21) == QStringLiteral("2:03.210"));
    REQUIRE(planeText(1234567) == QStringLiteral("1,234,567"));
    REQUIRE(parsePlace(QStringLiteral(" 1,200 "), 40000) == 1200U);
    REQUIRE(parsePlace(QStringLiteral("30 ms"), 40000) == 1200U);
    REQUIRE(parsePlace(QStringLiteral("250us"), 40000) == 10U);
    REQUIRE(parsePlace(QStringLiteral("0.5 s"), 40000) == 20000U);
    REQUIRE(parsePlace(QStringLiteral("1:02.5"), 1000) == 62500U);
    for (const char *bad : {"", "-3", "ten", "3 h", "1:2:3", "99999999999999999999", "nan s"})
        REQUIRE_FALSE(parsePlace(QString::fromLatin1(bad), 40000));
}

TEST_CASE("health has the limits of OBS", "[ui]") {
    REQUIRE(lossHealth(0, 0) == Health::Good);
    REQUIRE(lossHealth(10, 1000) == Health::Good);
    REQUIRE(lossHealth(11, 1000) == Health::Amber);
    REQUIRE(lossHealth(51, 1000) == Health::Red);
    REQUIRE(rateHealth(57, 60) == Health::Good);
    REQUIRE(rateHealth(56, 60) == Health::Amber);
    REQUIRE(rateHealth(47, 60) == Health::Red);
    REQUIRE(timeHealth(0.044, 0.06) == Health::Good);
    REQUIRE(timeHealth(0.046, 0.06) == Health::Amber);
    REQUIRE(timeHealth(0.061, 0.06) == Health::Red);

    PlaneCounts counts;
    counts.dropped[static_cast<std::size_t>(DropReason::Ring)] = 1200;
    counts.dropped[static_cast<std::size_t>(DropReason::Link)] = 34;
    counts.dropped[static_cast<std::size_t>(DropReason::Skipped)] = 5;
    counts.dropped[static_cast<std::size_t>(DropReason::Injected)] = 6;
    REQUIRE(lostPlanes(counts) == 1234);
    REQUIRE(dropsByPlace(counts).contains(QStringLiteral("ring 1200")));
    REQUIRE(compact(40000) == QStringLiteral("40.0k"));
}

TEST_CASE("a histogram counts every pixel", "[ui]") {
    const std::vector<std::uint8_t> grey{0, 0, 10, 255, 255, 255, 100, 100};
    const Histogram h = histogramOf(grey);
    REQUIRE(h.pixels == 8);
    REQUIRE(h.counts[0] == 2);
    REQUIRE(h.counts[255] == 3);
    REQUIRE(h.min == 0);
    REQUIRE(h.max == 255);
    REQUIRE(h.mean == Approx(975.0 / 8));
    REQUIRE(h.black == Approx(0.25));
    REQUIRE(h.white == Approx(0.375));
    REQUIRE(histogramOf({}).pixels == 0);
}

TEST_CASE("a pixel's train bridges nothing", "[ui]") {
    const PlaneShape shape{3, 1};
    PixelTrain train;
    train.setPixel(1, 0);
    SpikeBlock block(shape, 16);
    const auto add = [&](bool spike) {
        std::uint64_t *words = block.append();
        std::fill_n(words, shape.wordStride(), 0);
        if (spike)
            setBit(words, 1);
    };
    block.begin(100, 1000);
    for (const bool spike : {true, false, false, true, false, true})
        add(spike);
    train.take(block);
    REQUIRE(train.states().size() == 6);
    REQUIRE(train.spikes() == 3);
    REQUIRE(train.intervals() == std::vector<std::uint32_t>{3, 2});
    train.take(block);  // the same again
    REQUIRE(train.states().size() == 6);

    block.begin(106, 1000);
    add(false);
    block.appendGap(2, DropReason::Link);
    add(true);
    add(true);
    train.take(block);
    REQUIRE(train.endPlane() == 111);
    REQUIRE(train.states().size() == 11);
    REQUIRE(train.seen() == 9);
    REQUIRE(train.intervals() == std::vector<std::uint32_t>{3, 2, 1});

    block.begin(500, 1000);  // planes that were not seen: it begins anew
    add(true);
    train.take(block);
    REQUIRE(train.states().size() == 1);
    REQUIRE(train.intervals().empty());
}

TEST_CASE("zoom keeps what is under the mouse, pan is exact", "[ui]") {
    ViewTransform transform;
    const QSizeF view(800, 600);
    const QSizeF picture(400, 250);
    REQUIRE(transform.zoom(view, picture) == 2);
    REQUIRE(transform.toPicture({400, 300}, view, picture) == QPointF(200, 125));
    const QPointF anchor(123, 456);
    const QPointF under = transform.toPicture(anchor, view, picture);
    transform.zoomBy(3, anchor, view, picture);
    REQUIRE(transform.zoom(view, picture) == Approx(6));
    REQUIRE(transform.toPicture(anchor, view, picture).x() == Approx(under.x()));
    REQUIRE(transform.toPicture(anchor, view, picture).y() == Approx(under.y()));
    const QPointF before = transform.toPicture({10, 10}, view, picture);
    transform.pan({60, -30}, view, picture);
    const QPointF after = transform.toPicture({70, -20}, view, picture);
    REQUIRE(after.x() == Approx(before.x()));
    REQUIRE(after.y() == Approx(before.y()));
    transform.zoomBy(1e9, anchor, view, picture);
    REQUIRE(transform.zoom(view, picture) == ViewTransform::maxZoom);
    transform.fit();
    REQUIRE(transform.zoom(view, picture) == 2);
}

TEST_CASE("trails follow tracks and end at jumps", "[ui]") {
    Overlay overlay;
    FrameResult frame;
    frame.planeRateHz = 10000;
    for (int i = 0; i < 5; ++i) {
        frame.plane = static_cast<std::uint64_t>(i) * 40;
        frame.tracks = {{.id = 7, .box = {static_cast<float>(i) * 3, 0, 2, 2}, .score = 0.4F},
                        {.id = 8, .box = {50, 50, 2, 2}, .score = 0.9F}};
        overlay.take(frame);
    }
    REQUIRE(overlay.trail(7)->size() == 5);
    REQUIRE(overlay.trail(7)->front().plane == 0);
    REQUIRE(overlay.trail(8)->size() == 1);  // it stands still
    REQUIRE(overlay.visible().size() == 2);
    overlay.threshold = 0.5F;
    REQUIRE(overlay.visible().size() == 1);
    frame.plane = 0;  // somebody went back
    overlay.take(frame);
    REQUIRE(overlay.trail(7)->size() == 1);
    frame.tracks.clear();
    overlay.take(frame);
    REQUIRE(overlay.trail(7) == nullptr);
}

TEST_CASE("a trail is a tenth of a second long, and no longer after a pause in the news", "[ui]") {
    Overlay overlay;
    FrameResult frame;
    frame.planeRateHz = 10000;
    for (int i = 0; i < 400; ++i) {
        frame.plane = static_cast<std::uint64_t>(i) * 10;
        frame.tracks = {{.id = 7, .box = {static_cast<float>(i), 0, 2, 2}, .score = 0.4F}};
        overlay.take(frame);
    }
    REQUIRE(overlay.trail(7)->front().plane == 3990 - 1000);
    REQUIRE(overlay.trail(7)->back().plane == 3990);
    frame.plane = 9000;  // planes were lost: no line across them
    overlay.take(frame);
    REQUIRE(overlay.trail(7)->size() == 1);
}

TEST_CASE("slider and number mean the same", "[ui]") {
    SliderRow row(QStringLiteral("x"), {0.0001, 1, 0.001, 4, true, {}});
    int changes = 0;
    QObject::connect(&row, &SliderRow::changed, [&] { ++changes; });
    row.setValue(0.01);
    REQUIRE(changes == 0);
    REQUIRE(row.slider()->value() == 500);
    row.slider()->setValue(1000);
    REQUIRE(row.value() == 1);
    REQUIRE(row.box()->value() == 1);
    row.box()->setValue(0.1);
    REQUIRE(row.slider()->value() == 750);
    REQUIRE(changes == 2);
}

}  // namespace fovea
