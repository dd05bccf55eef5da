// SPDX-License-Identifier: Apache-2.0
// The one list of everything the window can do: text, keys, menu, icon.
#pragma once

#include <QAction>
#include <QObject>
#include <array>
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
    CloseSource,
    Snapshot,
    CopyPicture,
    Record,
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
    ViewRaw,
    ViewTfp,
    ViewTfi,
    ViewAdaptive,
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
    DockLog,
    ResetLayout,
    // Help
    Keys,
    CopyReport,
    About,
};
constexpr std::size_t actCount = static_cast<std::size_t>(Act::About) + 1;

enum class MenuId { File, Playback, View, Robustness, Window, Help };
constexpr std::size_t menuCount = 6;

/// One line of the list. Texts are source texts; the registry translates them.
struct ActSpec {
    Act id;
    MenuId menu;
    const char *name;  ///< object name, for tests and settings
    const char *text;
    const char *keys;  ///< portable, several separated by a blank; never empty
    const char *icon;  ///< resource name or empty
    const char *tip;
    bool checkable = false;
    bool separator = false;  ///< a line above it
};

/// Makes the actions, puts each in its menu and on its keys, and keeps tooltips telling the keys.
///
/// Threads: GUI.
class Actions final : public QObject {
    Q_OBJECT
public:
    /// Adds the actions to `window`, so that their keys work everywhere in it.
    explicit Actions(QWidget *window);

    [[nodiscard]] QAction *operator[](Act id) const { return actions_[index(id)]; }
    [[nodiscard]] static std::span<const ActSpec> specs();
    [[nodiscard]] static QString menuTitle(MenuId menu);
    /// Fills `bar`; submenus are added afterwards through menu().
    void fill(QMenuBar *bar);
    [[nodiscard]] QMenu *menu(MenuId id) const { return menus_[static_cast<std::size_t>(id)]; }
    /// Draws the icons in the present colours.
    void refreshIcons();
    /// "Play or pause (Space)"
    [[nodiscard]] static QString tipOf(const QAction &action, const QString &tip);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    [[nodiscard]] static std::size_t index(Act id) { return static_cast<std::size_t>(id); }
    void make(const ActSpec &spec, QWidget *window);

    std::array<QAction *, actCount> actions_{};
    std::array<QMenu *, menuCount> menus_{};
};

}  // namespace fovea
