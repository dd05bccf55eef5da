// SPDX-License-Identifier: Apache-2.0
// Every action is in a menu, has a key and an icon that exists, and can be triggered.
#include "tests/ui/window_fixture.h"
#include "ui/settings/keys_dialog.h"
#include "ui/views/view_area.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
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
    int lines = 0;
    for (int i = 0; i < dialog->list()->topLevelItemCount(); ++i)
        lines += dialog->list()->topLevelItem(i)->childCount();
    REQUIRE(lines == static_cast<int>(actCount));
    window.child<QLineEdit>("keysFilter")->setText(QStringLiteral("snapshot"));
    REQUIRE(dialog->list()->topLevelItem(1)->isHidden());
    dialog->reject();
}

TEST_CASE("every action can be triggered, with and without a source", "[ui]") {
    TestWindow window;
    const auto file = writeRecording(window.folder() / "all.dat", 600);
    for (const bool open : {false, true}) {
        if (open)
            window.openPaused(file);
        for (const ActSpec &spec : Actions::specs()) {
            if (spec.id == Act::Quit || spec.id == Act::CloseSource)
                continue;
            INFO(spec.name);
            window.trigger(spec.id);
            QTest::qWait(5);
            closeDialogs();
        }
    }
    window.trigger(Act::CloseSource);
    REQUIRE(waitFor([&] { return !window->controller().restarting(); }));
    REQUIRE_FALSE(window->controller().source());
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

    auto *box = window.child<QCheckBox>("detectEnabled");
    window->actions()[Act::DockDetection]->trigger();
    window->actions()[Act::DockDetection]->setChecked(true);
    box->setFocus();
    if (box->hasFocus()) {
        const bool before = box->isChecked();
        QTest::keyClick(box, Qt::Key_Space);
        REQUIRE(box->isChecked() != before);
        REQUIRE(window->player().playing());
    }
}

}  // namespace fovea::test
