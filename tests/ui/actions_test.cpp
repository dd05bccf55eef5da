// SPDX-License-Identifier: Apache-2.0
// Every action is in a menu, has a key and an icon that exists, and can be triggered.
#include "engine/recon/recon_methods.h"
#include "tests/fakes/stream_models.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/slider_row.h"
#include "ui/settings/keys_dialog.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QTreeWidget>
#include <set>

namespace fovea::test {
namespace {

void closeDialogs() {
    for (QWidget *widget : QApplication::topLevelWidgets())
        if (auto *dialog = qobject_cast<QDialog *>(widget); dialog && dialog->isVisible())
            dialog->reject();
}

}  // namespace

TEST_CASE("every action has a menu entry, a key, a tooltip with the key", "[ui]") {
    TestWindow window;
    std::set<QString> keys;
    std::set<QString> names;
    for (const ActSpec &spec : Actions::specs()) {
        const QAction *action = window->actions()[spec.id];
        INFO(spec.name);
        REQUIRE(names.insert(action->objectName()).second);
        REQUIRE(window->actions().menu(spec.menu)->actions().contains(action));
        REQUIRE(action != nullptr);
        REQUIRE_FALSE(action->shortcuts().isEmpty());
        for (const QKeySequence &key : action->shortcuts()) {
            REQUIRE_FALSE(key.isEmpty());
            REQUIRE(key[0].key() != Qt::Key_unknown);
            REQUIRE(keys.insert(key.toString()).second);
        }
        REQUIRE(action->toolTip().contains(action->shortcut().toString(QKeySequence::NativeText)));
        if (spec.icon[0] != '\0')
            REQUIRE_FALSE(action->icon().pixmap(16, 16).isNull());
    }
    // Those of the design.
    for (const char *key :
         {"Space", ",",         ".",      "Left",   "Shift+Right", "J",  "K",      "L", "[",
          "]",     "Backspace", "Home",   "End",    "I",           "O",  "Ctrl+L", "R", "S",
          "1",     "2",         "3",      "Tab",    "H",           "N",  "B",      "T", "G",
          "F",     "F11",       "Ctrl+0", "Ctrl+O", "F1",          "Esc"})
        REQUIRE(keys.contains(QKeySequence(QString::fromLatin1(key)).toString()));
}

TEST_CASE("the sheet of keys lists and finds all", "[ui]") {
    TestWindow window;
    window.trigger(Act::Keys);
    auto *dialog = window.child<KeysDialog>("keysDialog");
    std::size_t lines = 0;
    for (int i = 0; i < dialog->list()->topLevelItemCount(); ++i)
        lines += static_cast<std::size_t>(dialog->list()->topLevelItem(i)->childCount());
    REQUIRE(lines == Actions::specs().size());
    window.child<QLineEdit>("keysFilter")->setText(QStringLiteral("snapshot"));
    REQUIRE(dialog->list()->topLevelItem(1)->isHidden());
    dialog->reject();
}

TEST_CASE("keys are changed in the sheet, a taken one is refused", "[ui]") {
    TestWindow window;
    window.trigger(Act::Keys);
    auto *dialog = window.child<KeysDialog>("keysDialog");
    auto *edit = window.child<QKeySequenceEdit>("keyEdit");
    auto *set = window.child<QPushButton>("keySet");
    const auto message = [&] { return window.child<QLabel>("keyMessage")->text(); };
    REQUIRE_FALSE(set->isEnabled());  // nothing is chosen yet
    dialog->choose(QStringLiteral("snapshot"));
    REQUIRE(set->isEnabled());
    REQUIRE(edit->keySequence() == QKeySequence(QStringLiteral("S")));
    const QAction *snapshot = window->actions()[Act::Snapshot];
    for (const char *taken : {"R", "Space", "F11", "Tab", "Alt+F"}) {
        edit->setKeySequence(QKeySequence(QString::fromLatin1(taken)));
        set->click();
        INFO(taken);
        REQUIRE(message().contains(QStringLiteral("already")));
        REQUIRE(snapshot->shortcut() == QKeySequence(QStringLiteral("S")));
    }
    edit->setKeySequence(QKeySequence(QStringLiteral("Ctrl+P")));
    set->click();
    REQUIRE(snapshot->shortcuts() == QList<QKeySequence>{QKeySequence(QStringLiteral("Ctrl+P"))});
    REQUIRE(snapshot->toolTip().contains(QStringLiteral("Ctrl+P")));
    REQUIRE(dialog->list()->currentItem()->text(0) == QStringLiteral("Ctrl+P"));
    // What became free can be used, and two that changed places come back.
    dialog->choose(QStringLiteral("record"));
    edit->setKeySequence(QKeySequence(QStringLiteral("S")));
    set->click();
    REQUIRE(window->actions()[Act::Record]->shortcut() == QKeySequence(QStringLiteral("S")));
    dialog->choose(QStringLiteral("snapshot"));
    edit->setKeySequence(QKeySequence(QStringLiteral("R")));
    set->click();
    const KeyChanges changes = window->actions().keyChanges();
    REQUIRE(changes.size() == 2);
    dialog->choose(QStringLiteral("goTo"));
    edit->clear();
    set->click();
    REQUIRE(window->actions()[Act::GoTo]->shortcuts().isEmpty());
    window.child<QPushButton>("keyReset")->click();
    REQUIRE(window->actions()[Act::GoTo]->shortcut() == QKeySequence(QStringLiteral("G")));
    window.child<QPushButton>("keysAllDefault")->click();
    REQUIRE(window->actions().keyChanges().empty());
    REQUIRE(snapshot->shortcut() == QKeySequence(QStringLiteral("S")));
    dialog->reject();
    window->actions().restoreKeys(changes);
    REQUIRE(window->actions().keyChanges() == changes);
    REQUIRE(window->actions()[Act::Snapshot]->shortcut() == QKeySequence(QStringLiteral("R")));
}

TEST_CASE("every action does something when it can be used", "[ui]") {
    // What each may change, as one text: the state of all actions, settings, place, what is open.
    TestWindow window;
    QStringList saved;
    QObject::connect(&*window, &MainWindow::snapshotSaved,
                     [&](const QString &path) { saved.append(path); });
    const auto state = [&] {
        QString text = QString::fromStdString(toYaml(window->config()));
        for (const ActSpec &spec : Actions::specs())
            text += window->actions()[spec.id]->isChecked() ? QLatin1Char('1') : QLatin1Char('0');
        for (const QWidget *widget : QApplication::topLevelWidgets())
            text += widget->isVisible() ? widget->objectName() : QString();
        const Player &player = window->player();
        const auto *view = window->views().activeTile()->view();
        text += QStringLiteral(" %1 %2 %3 %4 %5")
                    .arg(player.plane())
                    .arg(player.playing())
                    .arg(player.speed())
                    .arg(saved.size())
                    .arg(window->banner().text());
        text +=
            QStringLiteral(" %1 %2").arg(view->toView({0, 0}).x()).arg(view->toView({64, 40}).x());
        text += QApplication::clipboard()->text().left(20);
        text += QString::number(QApplication::clipboard()->image().width());
        text += QString::fromLatin1(window->saveState().toHex());
        text += window->controller().source() ? QStringLiteral("open") : QStringLiteral("closed");
        return text;
    };
    const auto file = writeRecording(window.folder() / "all.dat", 1200);
    std::set<std::string> dead;
    for (const ActSpec &spec : Actions::specs()) {
        if (spec.id == Act::Quit)
            continue;
        // Before each: a recording in its middle, two marks, zoomed, slow.
        window.openPaused(file);
        QApplication::clipboard()->clear();
        window.goTo(500);
        window.trigger(Act::MarkA);
        window.goTo(900);
        window.trigger(Act::MarkB);
        window.goTo(700);
        window->player().setSpeed(0.01);
        window.trigger(Act::OneToOne);
        window.trigger(Act::ZoomIn);
        window->banner().error(QStringLiteral("something to cancel"));
        if (spec.id == Act::ShuttleStop)
            window->player().shuttle(1);
        if (spec.id == Act::ResetLayout)
            window.trigger(Act::DockLog);
        if (spec.id == Act::View2 || spec.id == Act::OneTile)
            window->views().setViews({{"raw", false}, {"tfi", false}});
        QTest::qWait(30);
        const QString before = state();
        INFO(spec.name);
        if (!window->actions()[spec.id]->isEnabled())
            dead.insert(spec.name);
        window.trigger(spec.id);
        if (!waitFor([&] { return state() != before; }, 3))
            dead.insert(spec.name);
        closeDialogs();
        window->actions()[Act::FullScreen]->isChecked() ? window.trigger(Act::FullScreen) : void();
    }
    // Both are as they were: one view at one to one, the layout as at the start.
    std::string names;
    for (const std::string &name : dead)
        names += name + " ";
    CHECK(names == "");
}

TEST_CASE("keys reach their actions, and controls keep theirs", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "keys.dat", 600));
    window->activateWindow();
    auto *view = window->views().tile(0)->view();
    view->setFocus();
    window.goTo(100);
    QTest::keyClick(view, Qt::Key_Period);
    REQUIRE(waitFor([&] { return window->player().plane() == 101; }));
    QTest::keyClick(view, Qt::Key_Tab);
    REQUIRE(window->views().tile(0)->config().method == "tfi");
    QTest::keyClick(view, Qt::Key_1);
    REQUIRE(window->views().tile(0)->config().method == "raw");
    QTest::keyClick(view, Qt::Key_N);
    REQUIRE_FALSE(window->config().noise.injectors.empty());
    QTest::keyClick(view, Qt::Key_Space);
    REQUIRE(waitFor([&] { return window->player().playing(); }));

    auto *box = window.child<QCheckBox>("noiseOn");
    REQUIRE(box->isVisible());
    box->setFocus();
    REQUIRE(waitFor([&] { return box->hasFocus(); }));
    const bool before = box->isChecked();
    QTest::keyClick(box, Qt::Key_Space);
    REQUIRE(box->isChecked() != before);
    REQUIRE(window->player().playing());
    // A slider keeps its arrows; other keys pass.
    auto *slider = window.child<SliderRow>("strength.flip")->slider();
    slider->setFocus();
    REQUIRE(waitFor([&] { return slider->hasFocus(); }));
    const int value = slider->value();
    QTest::keyClick(slider, Qt::Key_Right);
    REQUIRE(slider->value() > value);
    QTest::keyClick(slider, Qt::Key_K);
    REQUIRE(waitFor([&] { return !window->player().playing(); }));
}

TEST_CASE("views and panel follow the table of methods", "[ui]") {
    TestWindow window;
    const auto network = window.folder() / "pixels.nir";  // without one there is no method snn
    REQUIRE(writeNir(pixelNetwork(fileShape), network));
    window->openModel(QString::fromStdString(network.string()));
    REQUIRE(waitFor([&] { return window->config().model.model != nullptr; }));
    const auto methods = reconMethods();
    auto *combo = window->views().tile(0)->findChild<QComboBox *>(QStringLiteral("method"));
    REQUIRE(combo->count() == static_cast<int>(methods.size()));
    for (std::size_t i = 0; i < methods.size(); ++i) {
        const QAction *action = window->actions()[viewAct(i)];
        REQUIRE(action != nullptr);
        REQUIRE(combo->itemText(static_cast<int>(i)).toStdString() == methods[i].title);
        window.trigger(viewAct(i));
        REQUIRE(window->views().tile(0)->config().method == methods[i].name);
        REQUIRE(action->isChecked());
        REQUIRE(window.child<QLabel>("methodTitle")->text().toStdString() == methods[i].title);
        for (const auto &[name, parameter] : {std::pair{"window", ReconParameter::Window},
                                              std::pair{"reach", ReconParameter::Reach},
                                              std::pair{"history", ReconParameter::History}})
            REQUIRE(window.child<SliderRow>(name)->isHidden() != methods[i].reads(parameter));
    }
}

}  // namespace fovea::test
