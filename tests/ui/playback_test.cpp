// SPDX-License-Identifier: Apache-2.0
// Transport: steps, jumps, marks, loop, speeds, the time bar; and what the engine shows there.
#include "engine/track/box_geometry.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/histogram_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/playback/transport_bar.h"
#include "ui/views/view_area.h"

#include <QInputDialog>
#include <chrono>
#include <map>

namespace fovea::test {

namespace {

using TracksByPlane = std::map<std::uint64_t, std::vector<Track>>;

struct TrackCollector final : FrameSink {
    std::string name() const override { return "tracks"; }
    Result<void> consume(const FrameResult &frame) override {
        tracks[frame.plane] = frame.tracks;
        return {};
    }
    TracksByPlane tracks;
};

/// What a session without a window finds, as the command line and the service run it.
TracksByPlane tracksWithoutWindow(Config config) {
    SteadyClock clock;
    config.source.speed = 0;
    config.display.views.clear();
    const auto catalog = makeSourceCatalog(clock);
    Session session(*catalog, clock);
    const auto collector = std::make_shared<TrackCollector>();
    REQUIRE(session.start(config, {{collector, 16, true}}));
    REQUIRE(session.waitFinished(std::chrono::seconds(60)));
    REQUIRE(session.stop());
    return collector->tracks;
}

}  // namespace

TEST_CASE("boxes in the window are those that are found without it", "[ui]") {
    const TemporaryFolder folder;
    Config config;
    config.source.kind = "file";
    config.source.path = writeRecording(folder / "boxes.dat", 3000).string();
    config.source.speed = 0.3;
    config.detect.every = 20;
    const TracksByPlane expected = tracksWithoutWindow(config);
    REQUIRE(expected.size() == 150);

    std::size_t pictures = 0;
    std::size_t boxes = 0;
    std::size_t wrong = 0;
    std::uint64_t last = 0;
    TestWindow window;
    QObject::connect(
        &window->controller(), &SessionController::frameArrived, [&](const FrameResultPtr &frame) {
            if (frame->epoch != 0 || frame->plane < last || !frame->detected)
                return;
            last = frame->plane;
            const auto &[plane, tracks] = *std::prev(expected.upper_bound(frame->plane));
            bool same = tracks.size() == frame->tracks.size();
            for (std::size_t i = 0; same && i < tracks.size(); ++i) {
                // Between two results a box goes on as fast as it was.
                Box box = tracks[i].box;
                box.x += static_cast<float>(frame->plane - plane) * tracks[i].vx;
                box.y += static_cast<float>(frame->plane - plane) * tracks[i].vy;
                same = frame->tracks[i].id == tracks[i].id &&
                       frame->tracks[i].box == clipped(box, fileShape);
            }
            wrong += same ? 0 : 1;
            boxes += tracks.size();
            ++pictures;
        });
    window->useConfig(config);
    REQUIRE(waitFor([&] { return last > 2900; }));
    UNSCOPED_INFO(pictures << " pictures, " << boxes << " boxes");
    CHECK(wrong == 0);
    CHECK(pictures > 10);
    CHECK(boxes > 10);
}

TEST_CASE("steps, jumps and go-to show the plane they say", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "play.dat", 1200));
    window.goTo(300);
    const auto shows = [&](std::uint64_t plane) {
        const bool reached = waitFor([&] {
            return window->player().plane() == plane &&
                   window->controller().frame()->plane == plane;
        });
        UNSCOPED_INFO("shown " << window->player().plane() << ", newest picture "
                               << window->controller().frame()->plane << ", next plane "
                               << window->player().status()->position);
        return reached;
    };
    window.trigger(Act::StepForward);
    REQUIRE(shows(301));
    window.trigger(Act::StepBack);
    REQUIRE(shows(300));
    window.trigger(Act::Forward10);  // 10 ms at 10 kHz
    REQUIRE(shows(400));
    window.trigger(Act::Back10);
    window.trigger(Act::Back10);  // presses add up also while the first is on its way
    REQUIRE(shows(200));
    window.trigger(Act::ToStart);
    REQUIRE(waitFor([&] { return window->player().plane() == 0; }));

    window.goTo(500);
    window.trigger(Act::GoTo);
    auto *dialog = window.child<QInputDialog>("goToDialog");
    dialog->setTextValue(QStringLiteral("70 ms"));
    dialog->accept();
    REQUIRE(shows(700));

    auto *bar = window.child<TimeBar>("timeBar");
    const double x = bar->xOf(900);
    REQUIRE(std::abs(static_cast<double>(bar->planeAt(x)) - 900) < 3);
    QTest::mouseClick(bar, Qt::LeftButton, {}, QPoint(static_cast<int>(x), bar->height() / 2));
    REQUIRE(waitFor([&] {
        return std::abs(static_cast<double>(window->controller().frame()->plane) - 900) < 5;
    }));
}

TEST_CASE("marks, loop, speeds and backwards", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "marks.dat", 1200));
    Player &player = window->player();
    window.goTo(200);
    window.trigger(Act::MarkA);
    window.goTo(800);
    window.trigger(Act::MarkB);
    REQUIRE(waitFor(
        [&] { return player.status()->rangeBegin == 200 && player.status()->rangeEnd == 801; }));
    window.trigger(Act::ClearMarks);
    REQUIRE(waitFor(
        [&] { return player.status()->rangeBegin == 0 && player.status()->rangeEnd == 1200; }));
    const bool loop = player.status()->loop;
    window.trigger(Act::Loop);
    REQUIRE(waitFor([&] { return player.status()->loop != loop; }));

    window.trigger(Act::RealSpeed);
    REQUIRE(waitFor([&] { return player.status()->speed == 1; }));
    window.trigger(Act::Slower);
    REQUIRE(waitFor([&] { return player.status()->speed == 0.5; }));
    window.child<QComboBox>("speed")->setCurrentIndex(0);
    REQUIRE(waitFor([&] { return player.status()->speed < 0.01; }));
    REQUIRE(window.child<QLabel>("pace")->text().contains(QStringLiteral("planes/frame")));
}

TEST_CASE("backwards is the session's own, at the speed that is shown", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "back.dat", 4000));
    Player &player = window->player();
    // Slower than a plane a poll too: nothing is rounded away.
    for (const double speed : {0.002, 0.02}) {
        player.setSpeed(speed);
        window.goTo(3000);
        window.trigger(Act::ShuttleBack);
        REQUIRE(player.speed() == -speed);
        REQUIRE(player.playing());
        REQUIRE(window->controller().session().playback()->reverse);
        REQUIRE(waitFor([&] { return player.plane() < 2998; }));
        const auto begin = std::chrono::steady_clock::now();
        const std::uint64_t from = player.plane();
        QTest::qWait(700);
        const double planes = static_cast<double>(from - player.plane());
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        const double wanted = speed * 10000 * took.count();
        INFO(planes << " planes back at " << speed << ", " << wanted << " wanted");
        CHECK(planes > 0.4 * wanted);
        CHECK(planes < 1.6 * wanted + 2);
        REQUIRE(window.child<QLabel>("pace")->text().startsWith(QStringLiteral("backwards")));
        window.trigger(Act::ShuttleBack);  // again: faster
        REQUIRE(player.speed() < -speed);
        window.trigger(Act::ShuttleStop);
        REQUIRE_FALSE(player.playing());
        REQUIRE(waitFor([&] { return !window->controller().session().playback()->reverse; }));
    }
    // Space stops it; L turns it round; without loop it stays at the A mark.
    window.trigger(Act::ShuttleBack);
    window.trigger(Act::PlayPause);
    REQUIRE_FALSE(player.playing());
    window.trigger(Act::ShuttleBack);
    window.trigger(Act::ShuttleForward);
    REQUIRE(player.speed() > 0);
    REQUIRE(player.playing());
    player.pause();  // a recording that plays runs past the plane it is sent to
    window.goTo(60);
    player.setLoop(false);
    player.setSpeed(1);
    window.trigger(Act::ShuttleBack);
    REQUIRE(waitFor([&] { return !player.playing(); }));
    REQUIRE(waitFor([&] {
        const FrameResultPtr &frame = window->controller().frame();
        return player.plane() == 0 && frame->plane == 0;
    }));
    REQUIRE(player.speed() > 0);
}

TEST_CASE("the session's settings never go stale", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "own.dat", 1200));
    Player &player = window->player();
    player.setSpeed(0.5);
    player.setLoop(false);
    player.setEveryPlane(false);
    window.goTo(100);
    window.trigger(Act::MarkA);
    const auto own = window->controller().session().config();
    REQUIRE(own->source.speed == 0.5);
    REQUIRE_FALSE(own->source.loop);
    REQUIRE_FALSE(own->source.everyPlane);
    REQUIRE(own->source.rangeBegin == 100);
    REQUIRE(waitFor([&] {
        const auto &status = player.status();
        return status->speed == 0.5 && !status->loop && !status->everyPlane &&
               status->rangeBegin == 100;
    }));
}

TEST_CASE("probe and histogram have the engine's values", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "probe.dat", 600));
    window.goTo(300);
    window->views().setMethod("raw");  // the plane stays the same
    REQUIRE(waitFor([&] {
        const FrameResultPtr &frame = window->controller().frame();
        return frame->views[0].method == "raw" && frame->plane == 300;
    }));
    auto *view = window->views().tile(0)->view();
    auto *probe = window->findChild<ProbePanel *>();
    for (const QPoint pixel : {QPoint(3, 5), QPoint(40, 12), QPoint(63, 39), QPoint(0, 0)}) {
        const QPointF at = view->toView(QPointF(pixel) + QPointF(0.5, 0.5));
        REQUIRE(view->pixelAt(at) == pixel);
        QTest::mouseClick(view, Qt::LeftButton, {}, at.toPoint());
        REQUIRE(probe->picked() == pixel);
        const bool spike = spikeAt(static_cast<std::uint32_t>(pixel.x()),
                                   static_cast<std::uint32_t>(pixel.y()), 300);
        REQUIRE(probe->values() == std::vector<int>{spike ? 255 : 0});
        const auto &train = probe->train();
        REQUIRE(train.states().size() > 0);
        for (std::size_t i = 0; i < train.states().size(); ++i) {
            const std::uint64_t plane = train.endPlane() - train.states().size() + i;
            REQUIRE((train.states()[i] == PixelState::Spike) ==
                    spikeAt(static_cast<std::uint32_t>(pixel.x()),
                            static_cast<std::uint32_t>(pixel.y()), plane));
        }
        QTest::mouseClick(view, Qt::LeftButton, {}, at.toPoint());  // lets go again
        REQUIRE_FALSE(probe->picked());
    }
    std::size_t spikes = 0;
    for (std::uint32_t y = 0; y < fileShape.height; ++y)
        for (std::uint32_t x = 0; x < fileShape.width; ++x)
            spikes += spikeAt(x, y, 300) ? 1 : 0;
    auto *histogram = window->findChild<HistogramPanel *>();
    REQUIRE(waitFor([&] { return histogram->histogram().counts[255] == spikes; }));
    REQUIRE(histogram->histogram().counts[0] == fileShape.pixels() - spikes);
    auto *log = window.child<QCheckBox>("histogramLog");
    log->click();
    REQUIRE(histogram->logarithmic());
}

TEST_CASE("two views are linked pixel for pixel, and let go", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "linked.dat", 600));
    window.trigger(Act::TwoTiles);
    REQUIRE(waitFor([&] { return window->controller().frame()->views.size() == 2; }));
    window.goTo(300);
    QTest::qWait(50);
    auto *left = window->views().tile(0)->view();
    auto *right = window->views().tile(1)->view();
    REQUIRE(right->isVisible());
    REQUIRE_FALSE(right->image().isNull());
    left->transform()->zoomBy(4, {100, 80}, left->size(), left->image().size());
    left->transform()->pan({-33, 21}, left->size(), left->image().size());
    const QPointF centreLeft = left->transform()->toPicture(
        QPointF(left->width() / 2.0, left->height() / 2.0), left->size(), left->image().size());
    const QPointF centreRight = right->transform()->toPicture(
        QPointF(right->width() / 2.0, right->height() / 2.0), right->size(), right->image().size());
    REQUIRE(centreLeft == centreRight);
    window.trigger(Act::LinkViews);
    REQUIRE(left->transform() != right->transform());
    right->transform()->fit();
    REQUIRE_FALSE(left->transform()->fits());
}

TEST_CASE("gaps of a recording are shaded where they are", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "gap.dat", 600, 10000, 200, 260));
    window.goTo(265);
    auto *bar = window.child<TimeBar>("timeBar");
    REQUIRE(waitFor([&] { return !bar->gaps().empty(); }, 5));
    REQUIRE(bar->gaps().front() == PlaneSpan{200, 260});
}

}  // namespace fovea::test
