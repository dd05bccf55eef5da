// SPDX-License-Identifier: Apache-2.0
// A live camera: first start, noise that is seen, every control, the event loop, the looks.
#include "tests/ui/window_fixture.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/source_panel.h"
#include "ui/views/view_area.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDialog>
#include <QSlider>
#include <atomic>
#include <thread>

namespace fovea::test {
namespace {

/// A small scene, so that a busy machine keeps up.
SourceConfig smallScene() {
    SourceConfig source;
    source.shape = PlaneShape{120, 80};
    source.planeRateHz = 4000;
    source.objects = 2;
    return source;
}

void openLive(TestWindow &window, const SourceConfig &source) {
    window->openSource(source);
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
}

/// How long the event loop was held, and how late an idle thread of this machine was meanwhile.
class LoopWatch {
public:
    LoopWatch() : idle_([this](const std::stop_token &stop) { beIdle(stop); }) {
        QObject::connect(&timer_, &QTimer::timeout, [this] { tick(); });
        timer_.start(5);
        clock_.start();
    }
    void reset() {
        longest_ = 0;
        late_ = 0;
        clock_.restart();
    }
    [[nodiscard]] double longest() const { return longest_; }
    /// 50 ms, 200 ms on a busy machine, plus what the machine itself was late.
    [[nodiscard]] double limit() const {
        double load = 0;
        const bool busy =
            getloadavg(&load, 1) != 1 || load > std::thread::hardware_concurrency() || late_ > 20;
        return (busy ? 200 : 50) * slowness() + 3.0 * late_;
    }

private:
    void tick() { longest_ = std::max(longest_, static_cast<double>(clock_.restart())); }
    void beIdle(const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            const auto begin = std::chrono::steady_clock::now();
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
            const std::chrono::duration<double, std::milli> took =
                std::chrono::steady_clock::now() - begin;
            late_ = std::max(late_.load(), static_cast<int>(took.count()) - 5);
        }
    }
    QTimer timer_;
    QElapsedTimer clock_;
    double longest_ = 0;
    std::atomic<int> late_{0};
    std::jthread idle_;
};

double meanDifference(const Picture &a, const Picture &b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.grey.size(); ++i)
        sum += std::abs(int{a.grey[i]} - int{b.grey[i]});
    return sum / static_cast<double>(a.grey.size());
}

}  // namespace

TEST_CASE("the first start shows the synthetic camera", "[ui]") {
    TestWindow window;
    window->start();
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().source()->live);
    REQUIRE(window->controller().source()->shape == PlaneShape{400, 250});
    REQUIRE(window->controller().source()->planeRateHz == 40000);
    REQUIRE_FALSE(window->player().playable());
    REQUIRE_FALSE(window->actions()[Act::StepForward]->isEnabled());
    REQUIRE(waitFor([&] {
        return window.child<QLabel>("statusLost")->text().startsWith(QStringLiteral("Lost"));
    }));
    auto *list = window->findChild<SourcePanel *>()->list();
    REQUIRE(waitFor([&] { return list->topLevelItem(0)->childCount() >= 1; }));
    // Space holds the picture; the camera goes on.
    window.trigger(Act::PlayPause);
    const std::uint64_t held = window->player().plane();
    QTest::qWait(200);
    REQUIRE(window->player().plane() == held);
    REQUIRE(window->controller().status().planes.received > 0);
}

TEST_CASE("boxes of the scene appear in the window", "[ui]") {
    TestWindow window;
    SourceConfig source = smallScene();
    source.shape = PlaneShape{200, 125};
    source.planeRateHz = 10000;
    openLive(window, source);
    REQUIRE(waitFor([&] { return !window->views().overlay().visible().empty(); }, 60));
    window.child<SliderRow>("threshold")->slider()->setValue(1000);
    window.trigger(Act::Detect);
    REQUIRE_FALSE(window->config().detect.enabled);
    REQUIRE(waitFor([&] { return window->views().overlay().visible().empty(); }));
}

TEST_CASE("a noise slider visibly disturbs the picture", "[ui]") {
    TestWindow window;
    openLive(window, smallScene());
    window.trigger(Act::Compare);
    const auto pair = [&]() -> double {
        const FrameResultPtr &frame = window->controller().frame();
        if (!frame || frame->views.size() != 2 || frame->views[0].clean || !frame->views[1].clean)
            return -1;
        return meanDifference(frame->views[0].picture, frame->views[1].picture);
    };
    REQUIRE(waitFor([&] { return pair() == 0; }));
    window.child<SliderRow>("strength.flip")->slider()->setValue(850);
    REQUIRE(window.child<QCheckBox>("noise.flip")->isChecked());
    REQUIRE(window.child<QCheckBox>("noiseOn")->isChecked());
    REQUIRE(window->config().noise.injectors.size() == 1);
    REQUIRE(waitFor([&] { return pair() > 2; }));
    const double some = pair();
    window.child<SliderRow>("strength.flip")->slider()->setValue(950);
    REQUIRE(waitFor([&] { return pair() > some + 2; }));
    REQUIRE(waitFor([&] { return window.child<QLabel>("statusNoise")->isVisible(); }));
    window.trigger(Act::Noise);  // off: the clean picture, bit for bit
    REQUIRE(waitFor([&] { return pair() == 0; }));
    REQUIRE(window->findChild<NoisePanel *>()->settings().injectors.size() == 1);
}

TEST_CASE("every control can be clicked and the event loop stays alive", "[ui]") {
    TestWindow window;
    openLive(window, smallScene());
    for (const Act act : {Act::DockLog, Act::TwoTiles})
        window.trigger(act);
    QTest::qWait(300);
    LoopWatch watch;
    const auto held = [&](const QString &what) {
        QTest::qWait(20);
        INFO(what.toStdString() << " held the event loop for " << watch.longest() << " ms, limit "
                                << watch.limit());
        CHECK(watch.longest() <= watch.limit());
        watch.reset();
    };
    int clicked = 0;
    for (QAbstractButton *button : window->findChildren<QAbstractButton *>()) {
        const bool own = button->objectName().startsWith(QLatin1String("qt_"));
        if (own || !button->isEnabled())
            continue;
        button->click();
        ++clicked;
        held(button->objectName());
        for (QWidget *top : QApplication::topLevelWidgets())
            if (auto *dialog = qobject_cast<QDialog *>(top); dialog && dialog->isVisible())
                dialog->reject();
        watch.reset();
    }
    for (QComboBox *combo : window->findChildren<QComboBox *>())
        for (int i = 0; i < combo->count() && combo->isEnabled(); ++i) {
            combo->setCurrentIndex(i);
            ++clicked;
            held(combo->objectName());
        }
    for (QSlider *slider : window->findChildren<QSlider *>())
        for (const int value : {slider->maximum(), slider->minimum(), 300}) {
            slider->setValue(value);
            ++clicked;
            held(slider->accessibleName());
        }
    REQUIRE(clicked > 80);
    for (const QSize size : {QSize(900, 600), QSize(1500, 1000)}) {
        window->resize(size);
        held(QStringLiteral("resize"));
    }
}

TEST_CASE("the window in light and dark", "[ui]") {
    const char *folder = std::getenv("FOVEA_SCREENSHOT_DIR");
    TestWindow window;
    window->resize(1440, 900);
    openLive(window, smallScene());
    std::vector<QImage> shots;
    for (const ThemeChoice theme : {ThemeChoice::Dark, ThemeChoice::Light}) {
        window->setTheme(theme);
        for (const bool compare : {false, true}) {
            if (compare) {
                window->findChild<NoisePanel *>()->usePreset(4);
                window.trigger(Act::Compare);
            } else if (window->actions()[Act::Noise]->isChecked()) {
                window.trigger(Act::Compare);
                window.trigger(Act::Noise);
            }
            QTest::qWait(700);
            const QImage shot = window->grab().toImage();
            REQUIRE(shot.width() == static_cast<int>(window->width() * shot.devicePixelRatio()));
            if (folder != nullptr)
                REQUIRE(shot.save(
                    QStringLiteral("%1/window-%2-%3-%4x.png")
                        .arg(QString::fromLocal8Bit(folder), toString(theme),
                             compare ? QStringLiteral("compare") : QStringLiteral("plain"))
                        .arg(shot.devicePixelRatio())));
            shots.push_back(shot);
        }
    }
    // The menu bar tells the two looks apart.
    REQUIRE(shots[0].pixelColor(shots[0].width() - 20, 8).lightness() < 80);
    REQUIRE(shots[2].pixelColor(shots[2].width() - 20, 8).lightness() > 180);
    window->setTheme(ThemeChoice::System);
}

}  // namespace fovea::test
