// SPDX-License-Identifier: Apache-2.0
// The looks: light and dark, nothing cut, and pictures of every view for people to look at.
#include "tests/fakes/pluggable_source.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/shape_dialog.h"
#include "ui/panels/status_line.h"
#include "ui/settings/keys_dialog.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QToolButton>

namespace fovea::test {
namespace {

/// FOVEA_SCREENSHOT_DIR, or nothing: then no picture is kept.
QString folder() {
    const char *given = std::getenv("FOVEA_SCREENSHOT_DIR");
    return given != nullptr ? QString::fromLocal8Bit(given) : QString();
}

QImage shoot(QWidget &widget, const QString &name) {
    const QImage shot = widget.grab().toImage();
    REQUIRE(shot.width() == static_cast<int>(widget.width() * shot.devicePixelRatio()));
    if (!folder().isEmpty())
        REQUIRE(shot.save(
            QStringLiteral("%1/%2-%3x.png").arg(folder(), name).arg(shot.devicePixelRatio())));
    return shot;
}

/// Texts that do not fit in their labels, check boxes and buttons.
std::string cutTexts(const QWidget &top) {
    // A text that has just changed gets its room with the next events.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    std::string cut;
    for (const QWidget *widget : top.findChildren<QWidget *>()) {
        const auto *label = qobject_cast<const QLabel *>(widget);
        const auto *button = qobject_cast<const QAbstractButton *>(widget);
        const QString text = label != nullptr    ? label->text()
                             : button != nullptr ? button->text()
                                                 : QString();
        if (text.isEmpty() || !widget->isVisibleTo(&top))
            continue;
        if (const auto *tool = qobject_cast<const QToolButton *>(widget);
            tool != nullptr && tool->toolButtonStyle() == Qt::ToolButtonIconOnly &&
            !tool->icon().isNull())
            continue;
        const bool wraps = label != nullptr && label->wordWrap();
        const bool high = wraps && label->heightForWidth(label->width()) > label->height() + 1;
        if ((!wraps && widget->sizeHint().width() > widget->width() + 1) || high)
            cut += fmt::format("'{}' ({}, {} of {}) ", text.toStdString(),
                               widget->objectName().toStdString(), widget->width(),
                               widget->sizeHint().width());
    }
    return cut;
}

SourceConfig scene() {
    SourceConfig source;
    source.shape = PlaneShape{400, 250};
    source.planeRateHz = 4000;
    return source;
}

constexpr std::array themes{std::pair{ThemeChoice::Dark, "dark"},
                            std::pair{ThemeChoice::Light, "light"}};

}  // namespace

TEST_CASE("the window in light and dark", "[ui]") {
    TestWindow window;
    window->resize(1440, 900);
    window->openSource(scene());
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    std::vector<QImage> shots;
    for (const auto &[theme, name] : themes) {
        window->setTheme(theme);
        QTest::qWait(900);
        shots.push_back(shoot(*window, QStringLiteral("live-%1").arg(QLatin1String(name))));
        CHECK(cutTexts(*window) == "");
        window->findChild<NoisePanel *>()->usePreset(4);
        window.trigger(Act::Compare);
        QTest::qWait(700);
        shoot(*window, QStringLiteral("compare-%1").arg(QLatin1String(name)));
        CHECK(cutTexts(*window) == "");
        window.trigger(Act::Compare);
        window.trigger(Act::Noise);
    }
    // The menu bar tells the two looks apart.
    REQUIRE(shots[0].pixelColor(shots[0].width() - 20, 8).lightness() < 80);
    REQUIRE(shots[1].pixelColor(shots[1].width() - 20, 8).lightness() > 180);
    window->setTheme(ThemeChoice::System);
}

TEST_CASE("the status line has room for its longest texts", "[ui]") {
    StatusLine line;
    line.resize(1440, line.sizeHint().height());
    line.QWidget::show();
    SessionStatus status;
    status.state = SourceState::Streaming;
    status.source = SourceInfo{};
    status.source->name = "Synthetic camera";
    status.source->shape = {1000, 1000};
    status.source->planeRateHz = 40000;
    status.source->live = true;
    status.backend.name = "CPU";
    line.show(status, {});
    QTest::qWait(50);
    status.sourceRateHz = 39987;
    status.engineRateHz = 13100;
    status.engineLoad = 1;
    status.latencyP50 = 0.982;
    status.latencyP99 = 1.789;
    status.planes.received = 1000000;
    status.planes.dropped[static_cast<std::size_t>(DropReason::Link)] = 13100;
    status.planes.dropped[static_cast<std::size_t>(DropReason::Ring)] = 786300;
    status.noise = "flip:0.01";
    line.show(status, {60, 60, 1, true, QStringLiteral("REC 00:12  24 MB")});
    QTest::qWait(50);
    CHECK(cutTexts(line) == "");
}

TEST_CASE("every panel, dialog and menu is whole in both looks", "[ui]") {
    TestWindow window;
    const auto file = writeRecording(window.folder() / "looks.dat", 1200, 10000, 400, 460);
    const auto bare = writeRecording(window.folder() / "bare.dat", 300);
    std::filesystem::remove(sidecarPath(bare));
    window->resize(1440, 900);
    for (const auto &[theme, themeName] : themes) {
        const QLatin1String look(themeName);  // clang 14 does not let lambdas take bindings
        const auto named = [&](const char *name) {
            return QStringLiteral("%1-%2").arg(QLatin1String(name), look);
        };
        window->setTheme(theme);
        window.trigger(Act::CloseSource);
        QTest::qWait(300);
        shoot(*window, named("empty"));
        CHECK(cutTexts(*window) == "");
        window->openFile(QStringLiteral("/nowhere/absent.dat"));
        REQUIRE(waitFor([&] { return window->banner().isError(); }));
        QTest::qWait(50);
        shoot(*window, named("error"));
        CHECK(cutTexts(*window) == "");

        window.openPaused(file);
        window.goTo(700);
        for (const auto &[act, name] :
             {std::pair{Act::DockDetection, "detection"}, std::pair{Act::DockView, "picture"},
              std::pair{Act::DockNoise, "noise"}, std::pair{Act::DockModel, "network"},
              std::pair{Act::DockLog, "log"}}) {
            window->actions()[act]->setChecked(false);
            window.trigger(act);
            QTest::qWait(150);
            shoot(*window, named(name));
            CHECK(cutTexts(*window) == "");
        }
        window.trigger(Act::ResetLayout);

        for (std::size_t i = 0; i < menuCount; ++i) {
            QMenu *menu = window->actions().menu(static_cast<MenuId>(i));
            menu->ensurePolished();
            menu->resize(menu->sizeHint());
            shoot(*menu, named(fmt::format("menu{}", i).c_str()));
        }
        window.trigger(Act::Keys);
        auto *keys = window.child<KeysDialog>("keysDialog");
        keys->choose(QStringLiteral("snapshot"));
        QTest::qWait(100);
        shoot(*keys, named("keys"));
        CHECK(cutTexts(*keys) == "");
        keys->reject();
        window.trigger(Act::About);
        QTest::qWait(100);
        shoot(*window.child<QMessageBox>("aboutBox"), named("about"));
        window.child<QMessageBox>("aboutBox")->reject();
        window->openFile(QString::fromStdString(bare.string()));
        const auto shapes = [&]() -> ShapeDialog * {
            for (auto *dialog : window->findChildren<ShapeDialog *>())
                if (dialog->isVisible())
                    return dialog;
            return nullptr;
        };
        REQUIRE(waitFor([&] { return shapes() != nullptr; }));
        QTest::qWait(500);
        shoot(*shapes(), named("shape"));
        CHECK(cutTexts(*shapes()) == "");
        shapes()->reject();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    window->setTheme(ThemeChoice::System);
}

TEST_CASE("a small window cuts nothing", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "small.dat", 1200));
    window->resize(1280, 720);
    QTest::qWait(200);
    shoot(*window, QStringLiteral("small"));
    CHECK(window->width() == 1280);  // a small laptop shows all of it
    CHECK(window->height() == 720);
    CHECK(cutTexts(*window) == "");
}

TEST_CASE("what a lost camera looks like in both looks", "[ui]") {
    for (const auto &[theme, name] : themes) {
        const auto plug = std::make_shared<Plug>();
        TestWindow window(std::make_unique<PluggableCatalog>(plug));
        window->setTheme(theme);
        window->resize(1440, 900);
        SourceConfig source;
        source.kind = "usb";
        window->openSource(source);
        REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
        QTest::qWait(700);
        shoot(*window, QStringLiteral("camera-%1").arg(QLatin1String(name)));
        plug->in = false;
        REQUIRE(waitFor(
            [&] { return window->banner().text().contains(QStringLiteral("Last attempt")); }));
        QTest::qWait(100);
        shoot(*window, QStringLiteral("lost-%1").arg(QLatin1String(name)));
        CHECK(cutTexts(*window) == "");
        window->setTheme(ThemeChoice::System);
    }
}

}  // namespace fovea::test
