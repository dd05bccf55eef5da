// SPDX-License-Identifier: Apache-2.0
// A person who does anything: 500 seeded clicks, keys, drags, resizes, openings and closings.
#include "engine/core/random.h"
#include "tests/ui/held_time.h"
#include "tests/ui/window_fixture.h"
#include "ui/views/view_area.h"

#include <QAbstractSpinBox>
#include <QDialog>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QMessageBox>
#include <QPointer>
#include <QWheelEvent>

namespace fovea::test {
namespace {

constexpr int actionCount = 500;

std::vector<QDialog *> openDialogs() {
    std::vector<QDialog *> dialogs;
    for (QWidget *widget : QApplication::topLevelWidgets())
        if (auto *dialog = qobject_cast<QDialog *>(widget); dialog && dialog->isVisible())
            dialogs.push_back(dialog);
    return dialogs;
}

std::size_t residentKiB() {
    QFile file(QStringLiteral("/proc/self/status"));
    if (file.open(QIODevice::ReadOnly))
        for (const QByteArray &line : file.readAll().split('\n'))
            if (line.startsWith("VmRSS:"))
                return line.mid(6).trimmed().split(' ').front().toULongLong();
    return 0;
}

class AnyPerson {
public:
    AnyPerson(TestWindow &window, std::uint64_t seed) : window_(window), random_(seed) {
        good_ = writeRecording(window.folder() / "good.dat", 400);
        other_ = writeRecording(window.folder() / "other.dat", 300, 2000, 50, 90);
        bare_ = writeRecording(window.folder() / "bare.dat", 100);
        std::filesystem::remove(bare_.string() + ".yaml");
        writeBytes(window.folder() / "damaged.npz", std::vector<unsigned char>(300, 7));
    }

    /// Does one thing and says what it was.
    std::string act() {
        closePopups();
        static constexpr std::array<std::pair<unsigned, std::string (AnyPerson::*)()>, 8> things{
            {{30, &AnyPerson::key},
             {60, &AnyPerson::click},
             {70, &AnyPerson::drag},
             {76, &AnyPerson::wheel},
             {82, &AnyPerson::resize},
             {92, &AnyPerson::openSomething},
             {95, &AnyPerson::closeSource},
             {100, &AnyPerson::type}}};
        const auto dice = random_.below(100);
        for (const auto &[limit, thing] : things)
            if (dice < limit)
                return (this->*thing)();
        return {};
    }
    void rest() {
        closePopups();
        for (QDialog *dialog : openDialogs())
            dialog->reject();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    [[nodiscard]] const std::filesystem::path &good() const { return good_; }

private:
    [[nodiscard]] static int whole(std::uint64_t number) { return static_cast<int>(number); }
    void closePopups() {
        for (int i = 0; i < 5 && QApplication::activePopupWidget() != nullptr; ++i)
            QApplication::activePopupWidget()->close();
    }
    /// Where the person is: in a dialog when there is one. File dialogs can delete and rename:
    /// they are only left.
    QWidget *place() {
        for (QDialog *dialog : openDialogs()) {
            if (qobject_cast<QFileDialog *>(dialog) == nullptr && random_.below(4) != 0)
                return dialog;
            dialog->reject();
        }
        return &*window_;
    }
    QWidget *anyWidget() {
        QWidget *top = place();
        std::vector<QWidget *> all{top};
        for (QWidget *child : top->findChildren<QWidget *>())
            if (child->isVisible() && child->isEnabled() && child->window() == top)
                all.push_back(child);
        return all[random_.below(all.size())];
    }
    QPoint anyPoint(const QWidget &widget) {
        return {whole(random_.below(static_cast<std::uint64_t>(std::max(1, widget.width())))),
                whole(random_.below(static_cast<std::uint64_t>(std::max(1, widget.height()))))};
    }

    std::string key() {
        const auto specs = Actions::specs();
        const ActSpec &spec = specs[random_.below(specs.size())];
        const QAction *action = window_->actions()[spec.id];
        if (spec.id == Act::Quit || action->shortcut().isEmpty())
            return "nothing";
        const QKeyCombination keys = action->shortcut()[0];
        QWidget *top = place();
        QWidget *target = top->focusWidget() != nullptr ? top->focusWidget() : top;
        QTest::keyClick(target, keys.key(), keys.keyboardModifiers());
        return fmt::format("key of {}", spec.name);
    }
    std::string click() {
        QPointer<QWidget> widget = anyWidget();
        const std::string name = fmt::format("click {} '{}'", widget->metaObject()->className(),
                                             widget->objectName().toStdString());
        const auto button = random_.below(6) == 0 ? Qt::RightButton : Qt::LeftButton;
        const QPoint point = anyPoint(*widget);
        if (random_.below(8) == 0)
            QTest::mouseDClick(widget, button, {}, point);
        else
            QTest::mouseClick(widget, button, {}, point);
        return name;
    }
    std::string drag() {
        QPointer<QWidget> widget =
            random_.below(2) == 0 ? window_->views().tile(0)->view() : anyWidget();
        const std::string name = fmt::format("drag {} '{}'", widget->metaObject()->className(),
                                             widget->objectName().toStdString());
        QTest::mousePress(widget, Qt::LeftButton, {}, anyPoint(*widget));
        for (int i = 0; i < 4 && widget; ++i) {
            const QPoint at = anyPoint(*widget);
            QMouseEvent move(QEvent::MouseMove, at, widget->mapToGlobal(at), Qt::NoButton,
                             Qt::LeftButton, {});
            QApplication::sendEvent(widget, &move);
        }
        if (widget)
            QTest::mouseRelease(widget, Qt::LeftButton, {}, anyPoint(*widget));
        return name;
    }
    std::string wheel() {
        QWidget *widget = anyWidget();
        const QPoint at = anyPoint(*widget);
        QWheelEvent event(at, widget->mapToGlobal(at), {}, {0, random_.below(2) == 0 ? 120 : -120},
                          Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QApplication::sendEvent(widget, &event);
        return "wheel";
    }
    std::string resize() {
        window_->resize(whole(400 + random_.below(1200)), whole(300 + random_.below(800)));
        if (random_.below(3) == 0)
            window_->setTheme(random_.below(2) == 0 ? ThemeChoice::Dark : ThemeChoice::Light);
        return "resize";
    }
    std::string openSomething() {
        const auto open = [&](const std::filesystem::path &path) {
            window_->openPath(QString::fromStdString(path.string()));
            return "open " + path.filename().string();
        };
        SourceConfig scene;
        scene.shape = PlaneShape{64, 48};
        scene.planeRateHz = 2000;
        switch (random_.below(7)) {
        case 0:
            return open(bare_);
        case 1:
            return open(window_.folder() / "absent.dat");
        case 2:
            return open(window_.folder() / "damaged.npz");
        case 3:
            return open(window_.folder().path());
        case 4:
            return open(other_);
        case 5:
            window_->openSource(scene);
            return "open the scene";
        default:
            return open(good_);
        }
    }
    std::string closeSource() {
        window_.trigger(Act::CloseSource);
        return "close the source";
    }
    std::string type() {
        QWidget *widget = place()->focusWidget();
        if (widget == nullptr)
            return "nothing";
        QTest::keyClicks(widget, QString::number(random_.below(1000)));
        QTest::keyClick(widget, Qt::Key_Return);
        return "type a number";
    }

    TestWindow &window_;
    Random random_;
    std::filesystem::path good_;
    std::filesystem::path other_;
    std::filesystem::path bare_;
};

/// Objects of a window at rest with nothing open.
qsizetype objectsAtRest(TestWindow &window, AnyPerson &person) {
    person.rest();
    window.trigger(Act::CloseSource);
    REQUIRE(waitFor([&] { return !window->controller().restarting(); }));
    QTest::qWait(200);
    person.rest();
    return window->findChildren<QObject *>().size();
}

}  // namespace

TEST_CASE("500 random things that a person may do leave a window that works", "[ui]") {
    const char *given = std::getenv("FOVEA_RANDOM_SEED");
    const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261123;
    TestWindow window;
    AnyPerson person(window, seed);
    const ExpectWarnings qtMayGrumble;  // synthetic events reach places that no hand can reach
    qsizetype objects = 0;
    std::size_t memory = 0;
    std::string last;
    for (int i = 0; i < actionCount; ++i) {
        if (i == actionCount / 2) {
            objects = objectsAtRest(window, person);
            memory = residentKiB();
        }
        watched().reset();
        last = person.act();
        QTest::qWait(3);
        INFO("seed " << seed << ", action " << i << ": " << last << "; " << watched().longestWho());
        CHECK(watched().longestMs() < heldLimitMs());
    }
    // No growth: what was opened is gone again.
    const qsizetype objectsAfter = objectsAtRest(window, person);
    const std::size_t memoryAfter = residentKiB();
    WARN("objects " << objects << " then " << objectsAfter << ", memory " << memory / 1024
                    << " then " << memoryAfter / 1024 << " MiB");
    CHECK(objectsAfter < objects + objects / 10);
    CHECK(memoryAfter < memory + 100 * 1024);

    // No dead control: keys are set back, a recording opens, steps, plays, closes.
    QTest::qWait(300);  // a file that was looked into last may still ask for its shape
    person.rest();
    window->actions().resetKeys();
    window->resize(1300, 800);
    window.openPaused(person.good());
    window.trigger(Act::ClearMarks);
    window.goTo(200);
    auto *view = window->views().activeTile()->view();
    window->activateWindow();
    view->setFocus();
    REQUIRE(waitFor([&] { return view->hasFocus(); }));
    UNSCOPED_INFO("modal " << (QApplication::activeModalWidget() != nullptr) << ", popup "
                           << (QApplication::activePopupWidget() != nullptr));
    QTest::keyClick(view, Qt::Key_Period);
    CHECK(waitFor([&] { return window->player().plane() == 201; }));
    QTest::keyClick(view, Qt::Key_1);
    CHECK(window->views().activeTile()->config().method == "raw");
    for (const Act act : {Act::Noise, Act::Detect, Act::Boxes, Act::Trails, Act::LinkViews}) {
        const bool before = window->actions()[act]->isChecked();
        window.trigger(act);
        CHECK(window->actions()[act]->isChecked() != before);
    }
}

}  // namespace fovea::test
