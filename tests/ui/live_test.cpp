// SPDX-License-Identifier: Apache-2.0
// A live camera: first start, noise that is seen, every control, the 50 ms rule.
#include "tests/ui/held_time.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/source_panel.h"
#include "ui/views/view_area.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QPointer>
#include <QSlider>

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

double meanDifference(const Picture &a, const Picture &b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.grey.size(); ++i)
        sum += std::abs(int{a.grey[i]} - int{b.grey[i]});
    return sum / static_cast<double>(a.grey.size());
}

/// Clicks, chooses and moves everything inside `top`, by events as a hand makes them.
class EveryControl {
public:
    explicit EveryControl(QWidget &top) : top_(top) {}
    int clicked = 0;

    void use() {
        for (const QPointer<QWidget> &widget : pointers(top_.findChildren<QWidget *>()))
            if (widget && widget->isVisibleTo(&top_) && widget->isEnabled() &&
                !widget->objectName().startsWith(QLatin1String("qt_")))
                use(*widget);
    }

private:
    static std::vector<QPointer<QWidget>> pointers(const QList<QWidget *> &widgets) {
        return {widgets.begin(), widgets.end()};
    }
    void use(QWidget &widget) {
        if (auto *button = qobject_cast<QAbstractButton *>(&widget)) {
            act(widget, [&] { QTest::mouseClick(button, Qt::LeftButton); });
        } else if (auto *combo = qobject_cast<QComboBox *>(&widget)) {
            combo->setFocus();
            for (int i = 0; i < combo->count() && combo->isEnabled(); ++i)
                act(widget, [&] { QTest::keyClick(combo, i == 0 ? Qt::Key_Home : Qt::Key_Down); });
        } else if (auto *slider = qobject_cast<QSlider *>(&widget)) {
            for (const Qt::Key key : {Qt::Key_End, Qt::Key_Home, Qt::Key_Right, Qt::Key_PageUp})
                act(widget, [&] { QTest::keyClick(slider, key); });
        } else if (auto *spin = qobject_cast<QAbstractSpinBox *>(&widget)) {
            for (const Qt::Key key : {Qt::Key_Up, Qt::Key_Down})
                act(widget, [&] { QTest::keyClick(spin, key); });
        }
    }
    template <class Do> void act(QWidget &widget, Do action) {
        const std::string name = widget.objectName().toStdString();
        watched().reset();
        action();
        ++clicked;
        QTest::qWait(15);
        INFO(name << ": " << watched().longestWho());
        CHECK(watched().longestMs() < heldLimitMs());
        for (QWidget *top : QApplication::topLevelWidgets())
            if (auto *dialog = qobject_cast<QDialog *>(top);
                dialog && dialog != &top_ && dialog->isVisible())
                dialog->reject();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }

    QWidget &top_;
};

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

TEST_CASE("every control can be used and no event holds the window for 50 ms", "[ui]") {
    TestWindow window;
    openLive(window, smallScene());
    window.trigger(Act::DockLog);
    window.trigger(Act::TwoTiles);
    int clicked = 0;
    // Each panel in front once, as what is behind another is not in reach of a hand.
    for (const Act dock : {Act::DockNoise, Act::DockDetection, Act::DockView}) {
        window->actions()[dock]->setChecked(false);
        window->actions()[dock]->trigger();
        QTest::qWait(50);
        EveryControl all(*window);
        all.use();
        clicked += all.clicked;
        openLive(window, smallScene());
    }
    REQUIRE(clicked > 150);
    for (const QSize size : {QSize(900, 600), QSize(1500, 1000)}) {
        watched().reset();
        window->resize(size);
        QTest::qWait(100);
        INFO(watched().longestWho());
        CHECK(watched().longestMs() < heldLimitMs());
    }
}

TEST_CASE("dialogs open within the 50 ms, and all of their controls work", "[ui]") {
    TestWindow window;
    const auto file = writeRecording(window.folder() / "bare.dat", 300);
    std::filesystem::remove(sidecarPath(file));
    const auto controlsOf = [&](const QString &what) {
        INFO(what.toStdString());
        QDialog *dialog = nullptr;
        REQUIRE(waitFor([&] {
            for (auto *one : window->findChildren<QDialog *>())
                dialog = one->isVisible() ? one : dialog;
            return dialog != nullptr;
        }));
        const QPointer<QDialog> open = dialog;
        CHECK(watched().longestMs() < heldLimitMs());
        if (qobject_cast<QFileDialog *>(dialog) == nullptr) {  // Qt's own has been clicked enough
            EveryControl all(*dialog);
            all.use();
            CHECK(all.clicked > 0);
        }
        if (open)
            open->reject();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    };
    for (const Act act :
         {Act::Open, Act::OutputFolder, Act::LoadConfig, Act::SaveConfig, Act::Keys, Act::About}) {
        watched().reset();
        QMetaObject::invokeMethod(window->actions()[act], &QAction::trigger, Qt::QueuedConnection);
        controlsOf(window->actions()[act]->objectName());
    }
    watched().reset();
    window->openFile(QString::fromStdString(file.string()));
    controlsOf(QStringLiteral("shape"));
}

}  // namespace fovea::test
