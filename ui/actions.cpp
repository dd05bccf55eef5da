// SPDX-License-Identifier: Apache-2.0
// The one list of everything the window can do: text, keys, menu, icon.
#include "ui/actions.h"

#include "engine/recon/recon_methods.h"
#include "ui/settings/theme.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QMenu>
#include <QMenuBar>
#include <deque>
#include <spdlog/spdlog.h>
#include <string>

namespace fovea {
namespace {

// clang-format off
#define FT(text) QT_TRANSLATE_NOOP("fovea::Actions", text)
constexpr ActSpec fixedTable[] = {
    {Act::Open, MenuId::File, "open", FT("&Open recording..."), "Ctrl+O", "open", FT("Open a recording of spikes")},
    {Act::Synthetic, MenuId::File, "synthetic", FT("S&ynthetic camera"), "Ctrl+N", "camera", FT("Run the built-in synthetic camera")},
    {Act::OpenModel, MenuId::File, "openModel", FT("Load &network..."), "Ctrl+M", "", FT("Load a spiking network from a NIR file")},
    {Act::CloseSource, MenuId::File, "closeSource", FT("&Close source"), "Ctrl+W", "", FT("Stop and close the source")},
    {Act::Snapshot, MenuId::File, "snapshot", FT("&Snapshot"), "S", "snapshot", FT("Save the active view as PNG with its facts beside it"), false, true},
    {Act::CopyPicture, MenuId::File, "copyPicture", FT("Copy &picture"), "Ctrl+C", "", FT("Copy the active view to the clipboard")},
    {Act::Record, MenuId::File, "record", FT("&Record"), "R", "record", FT("Start or stop recording the spikes"), true},
    {Act::CloseWhenLost, MenuId::File, "closeWhenLost", FT("Stop recording &when lost"), "Shift+R", "", FT("A lost camera ends the recording; off: it goes on in another file when the camera is back"), true},
    {Act::OutputFolder, MenuId::File, "outputFolder", FT("Output &folder..."), "Ctrl+Shift+O", "", FT("Where snapshots and recordings go")},
    {Act::LoadConfig, MenuId::File, "loadConfig", FT("&Load configuration..."), "Ctrl+Shift+L", "", FT("Take all settings from a YAML file"), false, true},
    {Act::SaveConfig, MenuId::File, "saveConfig", FT("Save con&figuration..."), "Ctrl+Shift+S", "", FT("Write all settings as YAML, for the command line and the service")},
    {Act::Quit, MenuId::File, "quit", FT("&Quit"), "Ctrl+Q", "", FT("Leave Fovea"), false, true},

    {Act::PlayPause, MenuId::Playback, "playPause", FT("&Play or pause"), "Space", "play", FT("Play or pause")},
    {Act::StepBack, MenuId::Playback, "stepBack", FT("Step &back"), ",", "step-back", FT("One plane back")},
    {Act::StepForward, MenuId::Playback, "stepForward", FT("Step &forward"), ".", "step-forward", FT("One plane forward")},
    {Act::Back10, MenuId::Playback, "back10", FT("Back 10 ms"), "Left", "", FT("10 ms back")},
    {Act::Forward10, MenuId::Playback, "forward10", FT("Forward 10 ms"), "Right", "", FT("10 ms forward")},
    {Act::Back100, MenuId::Playback, "back100", FT("Back 100 ms"), "Shift+Left", "", FT("100 ms back")},
    {Act::Forward100, MenuId::Playback, "forward100", FT("Forward 100 ms"), "Shift+Right", "", FT("100 ms forward")},
    {Act::ToStart, MenuId::Playback, "toStart", FT("To the &start"), "Home", "to-start", FT("To the first plane")},
    {Act::ToEnd, MenuId::Playback, "toEnd", FT("To the &end"), "End", "to-end", FT("To the last plane")},
    {Act::GoTo, MenuId::Playback, "goTo", FT("&Go to..."), "G", "", FT("Go to a time or a plane")},
    {Act::ShuttleBack, MenuId::Playback, "shuttleBack", FT("Play back&wards"), "J", "reverse", FT("Play backwards, again for faster"), false, true},
    {Act::ShuttleStop, MenuId::Playback, "shuttleStop", FT("&Hold still"), "K", "", FT("Pause")},
    {Act::ShuttleForward, MenuId::Playback, "shuttleForward", FT("Play for&wards"), "L", "", FT("Play forwards, again for faster")},
    {Act::Slower, MenuId::Playback, "slower", FT("Sl&ower"), "[", "", FT("One step down the speed ladder"), false, true},
    {Act::Faster, MenuId::Playback, "faster", FT("F&aster"), "]", "", FT("One step up the speed ladder")},
    {Act::RealSpeed, MenuId::Playback, "realSpeed", FT("&Real time"), "Backspace", "", FT("Play at the speed it was recorded")},
    {Act::EveryPlane, MenuId::Playback, "everyPlane", FT("E&very plane"), "Ctrl+E", "", FT("Never skip a plane, rather play slower; off: keep pace and count what is skipped"), true},
    {Act::MarkA, MenuId::Playback, "markA", FT("Mark &A here"), "I", "mark-a", FT("Play from here on"), false, true},
    {Act::MarkB, MenuId::Playback, "markB", FT("Mark &B here"), "O", "mark-b", FT("Play up to here")},
    {Act::ClearMarks, MenuId::Playback, "clearMarks", FT("&Clear marks"), "Shift+I", "", FT("Play the whole recording again")},
    {Act::Loop, MenuId::Playback, "loop", FT("&Loop"), "Ctrl+L", "loop", FT("Begin again at the end"), true},

    {Act::NextMethod, MenuId::View, "nextMethod", FT("&Next picture"), "Tab", "", FT("Next way to make the picture (while a view has the focus)")},
    {Act::OneTile, MenuId::View, "oneTile", FT("&One view"), "Ctrl+1", "tile-1", FT("One view"), true, true},
    {Act::TwoTiles, MenuId::View, "twoTiles", FT("&Two views"), "Ctrl+2", "tile-2", FT("Two views side by side"), true},
    {Act::LinkViews, MenuId::View, "linkViews", FT("&Link views"), "Ctrl+K", "link", FT("Zoom and move both views together"), true},
    {Act::Fit, MenuId::View, "fit", FT("&Fit"), "Ctrl+0", "fit", FT("Show the whole picture"), false, true},
    {Act::OneToOne, MenuId::View, "oneToOne", FT("&1:1"), "Z", "one-to-one", FT("One pixel of the picture is one pixel of the screen")},
    {Act::ZoomIn, MenuId::View, "zoomIn", FT("Zoom &in"), "Ctrl++ Ctrl+=", "", FT("Zoom in")},
    {Act::ZoomOut, MenuId::View, "zoomOut", FT("Zoom o&ut"), "Ctrl+-", "", FT("Zoom out")},
    {Act::Boxes, MenuId::View, "boxes", FT("&Boxes"), "B", "boxes", FT("Show boxes and identities"), true, true},
    {Act::Trails, MenuId::View, "trails", FT("Tr&ails"), "T", "trails", FT("Show where the objects came from"), true},
    {Act::FullScreen, MenuId::View, "fullScreen", FT("F&ull screen"), "F F11", "", FT("Full screen"), true, true},
    {Act::Cancel, MenuId::View, "cancel", FT("&Cancel"), "Esc", "", FT("Cancel the running job, then leave full screen")},

    {Act::Noise, MenuId::Robustness, "noise", FT("&Noise"), "N", "noise", FT("Disturb the spikes with the chosen injectors"), true},
    {Act::Compare, MenuId::Robustness, "compare", FT("&Compare with clean"), "C", "compare", FT("Noisy picture beside the clean one"), true},
    {Act::NewSeed, MenuId::Robustness, "newSeed", FT("New &seed"), "Shift+N", "dice", FT("Draw the noise anew")},
    {Act::Detect, MenuId::Robustness, "detect", FT("&Detect objects"), "D", "", FT("Look for moving objects"), true, true},

    {Act::DockSources, MenuId::Window, "dockSources", FT("&Sources"), "F2", "", FT("Show the list of sources"), true},
    {Act::DockProbe, MenuId::Window, "dockProbe", FT("&Pixel probe"), "F3", "", FT("Show value, spikes and intervals of one pixel"), true},
    {Act::DockHistogram, MenuId::Window, "dockHistogram", FT("&Histogram"), "H", "", FT("Show the histogram of the active view"), true},
    {Act::DockView, MenuId::Window, "dockView", FT("P&icture settings"), "F5", "", FT("Show the settings of the picture"), true},
    {Act::DockNoise, MenuId::Window, "dockNoise", FT("&Noise settings"), "F6", "", FT("Show the noise injectors"), true},
    {Act::DockDetection, MenuId::Window, "dockDetection", FT("&Detection settings"), "F7", "", FT("Show the settings of the detection"), true},
    {Act::DockModel, MenuId::Window, "dockModel", FT("Net&work"), "F4", "", FT("Show the spiking network"), true},
    {Act::DockLog, MenuId::Window, "dockLog", FT("&Log"), "F8", "", FT("Show what happened"), true},
    {Act::ResetLayout, MenuId::Window, "resetLayout", FT("&Reset layout"), "Ctrl+Shift+R", "", FT("Put all panels back in their places"), false, true},

    {Act::Keys, MenuId::Help, "keys", FT("&Keys"), "F1", "", FT("Show and change the keys")},
    {Act::CopyReport, MenuId::Help, "copyReport", FT("Copy &report"), "Ctrl+Shift+C", "", FT("Copy version, system, settings, counters and log")},
    {Act::About, MenuId::Help, "about", FT("&About Fovea"), "Shift+F1", "", FT("What this is")},
};
#undef FT
// clang-format on

/// The fixed lines with one for each method before "next picture".
std::vector<ActSpec> makeTable() {
    static std::deque<std::string> texts;  // the lines point to them
    const auto keep = [](std::string text) { return texts.emplace_back(std::move(text)).c_str(); };
    std::vector<ActSpec> lines;
    for (const ActSpec &line : fixedTable) {
        const auto methods = reconMethods();
        for (std::size_t i = 0; line.id == Act::NextMethod && i < methods.size(); ++i)
            if (viewAct(i) <= Act::View9)
                lines.push_back(
                    {viewAct(i), MenuId::View, keep(fmt::format("view.{}", methods[i].name)),
                     keep(std::string(methods[i].title)), keep(fmt::to_string(i + 1)), "",
                     keep(fmt::format("Show in the active view: {}", methods[i].what)), true});
        lines.push_back(line);
    }
    return lines;
}

const std::vector<ActSpec> &table() {
    static const std::vector<ActSpec> lines = makeTable();
    return lines;
}

QString keysText(const QList<QKeySequence> &keys) {
    QStringList texts;
    for (const QKeySequence &key : keys)
        texts.append(key.toString(QKeySequence::PortableText));
    return texts.join(QLatin1Char(' '));
}

QList<QKeySequence> parseKeys(const QString &text) {
    QList<QKeySequence> keys;
    for (const QString &key : text.split(QLatin1Char(' '), Qt::SkipEmptyParts))
        if (const QKeySequence parsed(key, QKeySequence::PortableText);
            !parsed.isEmpty() && parsed[0].key() != Qt::Key_unknown)
            keys.append(parsed);
    return keys;
}

/// Keys without modifier that `widget` itself uses while it has the focus.
bool widgetWants(const QWidget *widget, int key) {
    const bool arrows = key == Qt::Key_Left || key == Qt::Key_Right;
    const bool ends = key == Qt::Key_Home || key == Qt::Key_End;
    if (qobject_cast<const QAbstractButton *>(widget) != nullptr)
        return key == Qt::Key_Space;
    if (qobject_cast<const QAbstractSlider *>(widget) != nullptr)
        return arrows || ends;
    if (qobject_cast<const QComboBox *>(widget) != nullptr)
        return key == Qt::Key_Space || ends;
    if (qobject_cast<const QAbstractItemView *>(widget) != nullptr)
        return key == Qt::Key_Space || arrows || ends;
    return false;
}

}  // namespace

std::span<const ActSpec> Actions::specs() {
    return table();
}

QString Actions::menuTitle(MenuId menu) {
    switch (menu) {
    case MenuId::File:
        return tr("&File");
    case MenuId::Playback:
        return tr("&Playback");
    case MenuId::View:
        return tr("&View");
    case MenuId::Robustness:
        return tr("&Robustness");
    case MenuId::Window:
        return tr("&Window");
    case MenuId::Help:
        return tr("&Help");
    }
    return {};
}

Actions::Actions(QWidget *window) : QObject(window) {
    for (const ActSpec &spec : specs())
        make(spec, window);
    refreshIcons();
    qApp->installEventFilter(this);
}

void Actions::make(const ActSpec &spec, QWidget *window) {
    auto *action = new QAction(tr(spec.text), this);
    action->setObjectName(QString::fromLatin1(spec.name));
    action->setCheckable(spec.checkable);
    action->setShortcutContext(Qt::WindowShortcut);
    action->setStatusTip(tr(spec.tip));
    actions_[index(spec.id)] = action;
    apply(spec, defaultKeys(spec));
    if (spec.id != Act::NextMethod)  // Tab belongs to the views: elsewhere it moves the focus
        window->addAction(action);
}

void Actions::apply(const ActSpec &spec, const QList<QKeySequence> &keys) {
    QAction *action = actions_[index(spec.id)];
    action->setShortcuts(keys);
    action->setToolTip(tipOf(*action, tr(spec.tip)));
}

QList<QKeySequence> Actions::defaultKeys(const ActSpec &spec) {
    return parseKeys(QString::fromLatin1(spec.keys));
}

QString Actions::meaningOf(const QKeySequence &key, const ActSpec &spec) const {
    for (const ActSpec &other : specs())
        if (other.id != spec.id && actions_[index(other.id)]->shortcuts().contains(key))
            return tr(other.text).remove(QLatin1Char('&')).remove(QStringLiteral("..."));
    for (std::size_t i = 0; i < menuCount; ++i)
        if (key == QKeySequence::mnemonic(menuTitle(static_cast<MenuId>(i))))
            return tr("the menu %1")
                .arg(menuTitle(static_cast<MenuId>(i)).remove(QLatin1Char('&')));
    return {};
}

QString Actions::setKeys(const ActSpec &spec, const QList<QKeySequence> &keys) {
    for (const QKeySequence &key : keys)
        if (const QString meaning = meaningOf(key, spec); !meaning.isEmpty())
            return tr("%1 means \"%2\" already. Choose another key, or change that one first.")
                .arg(key.toString(QKeySequence::NativeText), meaning);
    apply(spec, keys);
    emit keysChanged();
    return {};
}

void Actions::resetKeys() {
    for (const ActSpec &spec : specs())
        apply(spec, defaultKeys(spec));
    emit keysChanged();
}

KeyChanges Actions::keyChanges() const {
    KeyChanges changes;
    for (const ActSpec &spec : specs())
        if (const auto keys = actions_[index(spec.id)]->shortcuts(); keys != defaultKeys(spec))
            changes[QString::fromLatin1(spec.name)] = keysText(keys);
    return changes;
}

void Actions::restoreKeys(const KeyChanges &changes) {
    // All are freed first: two actions may have changed places.
    for (const ActSpec &spec : specs())
        if (changes.contains(QString::fromLatin1(spec.name)))
            apply(spec, {});
    for (const ActSpec &spec : specs())
        if (const auto change = changes.find(QString::fromLatin1(spec.name));
            change != changes.end())
            if (const QString refused = setKeys(spec, parseKeys(change->second));
                !refused.isEmpty())
                spdlog::warn("keys of {}: {}", spec.name, refused.toStdString());
    emit keysChanged();
}

QString Actions::tipOf(const QAction &action, const QString &tip) {
    const QString key = action.shortcut().toString(QKeySequence::NativeText);
    return key.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, key);
}

void Actions::fill(QMenuBar *bar) {
    for (std::size_t i = 0; i < menuCount; ++i)
        menus_[i] = bar->addMenu(menuTitle(static_cast<MenuId>(i)));
    for (const ActSpec &spec : specs()) {
        QMenu *menu = menus_[static_cast<std::size_t>(spec.menu)];
        if (spec.separator)
            menu->addSeparator();
        menu->addAction(actions_[index(spec.id)]);
    }
}

void Actions::refreshIcons() {
    for (const ActSpec &spec : specs())
        if (spec.icon[0] != '\0')
            actions_[index(spec.id)]->setIcon(themedIcon(QString::fromLatin1(spec.icon)));
}

bool Actions::eventFilter(QObject *watched, QEvent *event) {
    // A focused slider, list or button keeps the keys it lives by; all others are ours.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto *key = static_cast<const QKeyEvent *>(event);
        const auto *widget = qobject_cast<const QWidget *>(watched);
        if (widget != nullptr && widget == QApplication::focusWidget() &&
            key->modifiers() == Qt::NoModifier && widgetWants(widget, key->key())) {
            event->accept();
            return true;
        }
    }
    return QObject::eventFilter(watched, event);
}

}  // namespace fovea
