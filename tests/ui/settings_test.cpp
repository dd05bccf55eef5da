// SPDX-License-Identifier: Apache-2.0
// Everything is remembered; what is damaged is put aside.
#include "tests/ui/window_fixture.h"
#include "ui/panels/detection_panel.h"
#include "ui/panels/log_panel.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/shape_dialog.h"
#include "ui/panels/view_panel.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QDockWidget>
#include <QFile>

namespace fovea::test {

TEST_CASE("a restart restores all", "[ui]") {
    TestWindow window;
    const auto file = writeRecording(window.folder() / "again.dat", 300);
    window.openPaused(file);
    window->resize(1200, 571);
    window.child<SliderRow>("window")->box()->setValue(65);
    window.child<SliderRow>("strength.flip")->slider()->setValue(800);
    window.child<SliderRow>("threshold")->slider()->setValue(250);
    window.child<QCheckBox>("histogramLog")->setChecked(true);
    window.trigger(Act::Compare);
    window.trigger(Act::Trails);
    window.trigger(Act::LinkViews);
    window.trigger(Act::DockLog);
    window->setTheme(ThemeChoice::Dark);
    window->findChild<LogPanel *>()->setLevel(3);
    window->views().setSizes({560, 440});
    for (const ActSpec &spec : Actions::specs())
        if (spec.id == Act::Snapshot)
            REQUIRE(window->actions().setKeys(spec, {QKeySequence(QStringLiteral("Ctrl+P"))}) ==
                    QString());
    const Config before = window->config();
    QTest::qWait(50);
    const auto share = [&] {
        const QList<int> sizes = window->views().sizes();
        return static_cast<double>(sizes[0]) / (sizes[0] + sizes[1]);
    };
    const double shareBefore = share();
    window.close();

    window.open();
    window->start();
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().config().source.path == file.string());
    REQUIRE(window->height() == 571);  // the offscreen screen is small
    REQUIRE(window->config().recon.window == 65);
    REQUIRE(window->config().recon == before.recon);
    REQUIRE(window->config().noise == before.noise);
    REQUIRE(window->config().display.views == before.display.views);
    REQUIRE(window->views().views().size() == 2);
    REQUIRE(window->views().overlay().threshold == Approx(0.25));
    REQUIRE_FALSE(window->views().overlay().trails);
    REQUIRE_FALSE(window->views().linked());
    REQUIRE(window.child<QCheckBox>("histogramLog")->isChecked());
    REQUIRE_FALSE(window.child<QDockWidget>("docks.log")->isHidden());
    REQUIRE(window->memory().theme == ThemeChoice::Dark);
    REQUIRE(window->findChild<LogPanel *>()->level() == 3);
    CAPTURE(shareBefore, share());
    REQUIRE(std::abs(share() - shareBefore) < 0.08);  // the window came back smaller
    REQUIRE(share() > 0.53);
    REQUIRE(window->actions()[Act::Snapshot]->shortcut() == QKeySequence(QStringLiteral("Ctrl+P")));
    REQUIRE(window->memory().recent.size() == 1);
    window.trigger(Act::ResetLayout);
    REQUIRE(window.child<QDockWidget>("docks.log")->isHidden());
    window->setTheme(ThemeChoice::System);
}

TEST_CASE("damaged settings are put aside and the window starts", "[ui]") {
    const std::vector<QByteArray> damaged{
        QByteArray::fromHex("000102ff204142fe"), "[General]\nversion=99\n", "version=one\n",
        "[General]\nversion=1\nconfig=\"nonsense: [\"\n", QByteArray(100000, 'x')};
    for (const QByteArray &bytes : damaged) {
        TestWindow window;
        window.close();
        QFile file(window.settingsFile());
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write(bytes);
        file.close();
        INFO(bytes.left(40).toStdString());
        window.open();
        REQUIRE(window->banner().isError());
        REQUIRE(QFile::exists(window.settingsFile() + QStringLiteral(".bad")));
        REQUIRE(window->config().recon == ReconSettings{});
        window.close();
        // The next start is a usual one.
        window.open();
        REQUIRE_FALSE(window->banner().isError());
    }
}

TEST_CASE("one setting that cannot be used costs only itself", "[ui]") {
    TestWindow window;
    window.child<SliderRow>("window")->box()->setValue(65);
    window.child<SliderRow>("strength.flip")->slider()->setValue(800);
    const Config before = window->config();
    window.close();
    QFile file(window.settingsFile());
    REQUIRE(file.open(QIODevice::ReadWrite));
    QByteArray text = file.readAll();
    REQUIRE(text.contains("gamma: 1"));
    text.replace("gamma: 1", "gamma: 77777");
    text.replace("speed: 1", "speed: 123456789");
    file.seek(0);
    file.write(text);
    file.close();
    window.open();
    REQUIRE(window->banner().isError());
    REQUIRE(window->banner().text().contains(QStringLiteral("gamma: 77777")));
    REQUIRE(window->banner().text().contains(QStringLiteral("speed: 123456789")));
    REQUIRE_FALSE(QFile::exists(window.settingsFile() + QStringLiteral(".bad")));
    REQUIRE(window->config().recon == before.recon);
    REQUIRE(window->config().noise == before.noise);
}

TEST_CASE("every rate that can be asked for can be remembered", "[ui]") {
    TestWindow window;
    const auto shelf = makeRecordingShelf();
    ShapeDialog dialog(*shelf, QStringLiteral("absent.dat"), {});
    auto *rate = dialog.findChild<QDoubleSpinBox *>(QStringLiteral("rate"));
    for (const double asked : {rate->minimum(), rate->maximum()}) {
        rate->setValue(asked);
        Config config;
        config.source = dialog.source();
        config.source.speed = SpeedLadder(asked).speed(0);
        REQUIRE(parseConfig(toYaml(config), "settings"));
    }
    Config slow;  // a sidecar may say any rate
    slow.source.speed = SpeedLadder(0.01).speed(0);
    REQUIRE(parseConfig(toYaml(slow), "settings"));
}

TEST_CASE("a configuration for another recording is taken over as a whole", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "short.dat", 200));
    Config config = window->config();
    config.source.path = writeRecording(window.folder() / "long.dat", 900).string();
    config.source.rangeBegin = 300;  // more than the open one has
    config.source.rangeEnd = 800;
    config.display.rateHz = 30;
    config.noise.seed = 5'000'000'000;  // more than the box can show
    window->useConfig(config);
    REQUIRE(waitFor([&] {
        const FrameResultPtr &frame = window->controller().frame();
        return frame && frame->plane >= 300;
    }));
    CHECK(window->config().display.rateHz == 30);
    CHECK(window->config().source.rangeEnd == 800);
    CHECK(window->config().noise.seed == 5'000'000'000);
    window->findChild<NoisePanel *>()->setOn(true);
    CHECK(window->config().noise.seed == 5'000'000'000);
    window.child<QSpinBox>("noiseSeed")->setValue(12);
    CHECK(window->config().noise.seed == 12);
}

}  // namespace fovea::test
