// SPDX-License-Identifier: Apache-2.0
// The one list of everything the window can do: text, keys, menu, icon.
#pragma once

#include <QAction>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <array>
#include <map>
#include <span>
#include <vector>

class QMenu;
class QMenuBar;
class QWidget;

namespace fovea {

enum class Act {
    // File
    Open,
    Synthetic,
    OpenModel,
    CloseSource,
    Snapshot,
    CopyPicture,
    Record,
    CloseWhenLost,
    OutputFolder,
    LoadConfig,
    SaveConfig,
    Quit,
    // Playback
    PlayPause,
    StepBack,
    StepForward,
    Back10,
    Forward10,
    Back100,
    Forward100,
    ToStart,
    ToEnd,
    GoTo,
    ShuttleBack,
    ShuttleStop,
    ShuttleForward,
    Slower,
    Faster,
    RealSpeed,
    EveryPlane,
    MarkA,
    MarkB,
    ClearMarks,
    Loop,
    // View
    View1,  ///< the first method of reconMethods(), and so on
    View2,
    View3,
    View4,
    View5,
    View6,
    View7,
    View8,
    View9,
    NextMethod,
    OneTile,
    TwoTiles,
    LinkViews,
    Fit,
    OneToOne,
    ZoomIn,
    ZoomOut,
    Boxes,
    Trails,
    FullScreen,
    Cancel,
    // Robustness
    Noise,
    Compare,
    NewSeed,
    Detect,
    // Window
    DockSources,
    DockProbe,
    DockHistogram,
    DockView,
    DockNoise,
    DockDetection,
    DockModel,
    DockLog,
    ResetLayout,
    // Help
    Keys,
    CopyReport,
    About,
};
constexpr std::size_t actCount = static_cast<std::size_t>(Act::About) + 1;
/// The action that shows method number `method` of reconMethods().
[[nodiscard]] constexpr Act viewAct(std::size_t method) {
    return static_cast<Act>(static_cast<std::size_t>(Act::View1) + method);
}

enum class MenuId { File, Playback, View, Robustness, Window, Help };
constexpr std::size_t menuCount = 6;

/// One line of the list. Texts are source texts; the registry translates them.
struct ActSpec {
    Act id;
    MenuId menu;
    const char *name;  ///< object name, for tests and settings
    const char *text;
    const char *keys;  ///< portable, several separated by a blank; a person may change them
    const char *icon;  ///< resource name or empty
    const char *tip;
    bool checkable = false;
    bool separator = false;  ///< a line above it
};

/// Keys by object name, portable, several separated by a blank; empty: none.
using KeyChanges = std::map<QString, QString>;

/// Makes the actions, puts each in its menu and on its keys, and keeps tooltips telling the keys.
/// A key has one meaning: what is taken is refused.
///
/// Threads: GUI.
class Actions final : public QObject {
    Q_OBJECT
public:
    /// Adds the actions to `window`, so that their keys work everywhere in it.
    explicit Actions(QWidget *window);

    /// Null for a view that no method is there for.
    [[nodiscard]] QAction *operator[](Act id) const { return actions_[index(id)]; }
    /// All there are: the fixed ones and one for each method.
    [[nodiscard]] static std::span<const ActSpec> specs();
    [[nodiscard]] static QList<QKeySequence> defaultKeys(const ActSpec &spec);

    /// Gives `spec` these keys; why not when one of them has another meaning (nothing changes
    /// then).
    [[nodiscard]] QString setKeys(const ActSpec &spec, const QList<QKeySequence> &keys);
    void resetKeys();
    /// Those that differ from the list.
    [[nodiscard]] KeyChanges keyChanges() const;
    /// What can no longer be had is left out.
    void restoreKeys(const KeyChanges &changes);
    [[nodiscard]] static QString menuTitle(MenuId menu);
    /// Fills `bar`; submenus are added afterwards through menu().
    void fill(QMenuBar *bar);
    [[nodiscard]] QMenu *menu(MenuId id) const { return menus_[static_cast<std::size_t>(id)]; }
    /// Draws the icons in the present colours.
    void refreshIcons();
    /// "Play or pause (Space)"
    [[nodiscard]] static QString tipOf(const QAction &action, const QString &tip);

signals:
    void keysChanged();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    [[nodiscard]] static std::size_t index(Act id) { return static_cast<std::size_t>(id); }
    void make(const ActSpec &spec, QWidget *window);
    void apply(const ActSpec &spec, const QList<QKeySequence> &keys);
    /// What `key` means already, for people; empty when it is free for `spec`.
    [[nodiscard]] QString meaningOf(const QKeySequence &key, const ActSpec &spec) const;

    std::array<QAction *, actCount> actions_{};
    std::array<QMenu *, menuCount> menus_{};
};

}  // namespace fovea
