// SPDX-License-Identifier: Apache-2.0
// Colours, style sheet and icons of the light and the dark look.
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

class QApplication;

namespace fovea {

enum class ThemeChoice { System, Light, Dark };
[[nodiscard]] QString toString(ThemeChoice choice);
/// Anything unknown is System.
[[nodiscard]] ThemeChoice parseThemeChoice(const QString &text);

/// Every colour the window uses.
struct Colours {
    bool dark = true;
    QColor window, base, raised, border, text, dim, accent, onAccent;
    QColor good, amber, red;
    QColor picture;  ///< around pictures
};
/// The present ones. Threads: GUI.
[[nodiscard]] const Colours &colours();
/// Colour of object `id`: distinguishable also for colour-blind people (Okabe and Ito 2008).
[[nodiscard]] QColor objectColour(std::uint32_t id);

/// An icon of resources/icons in the present colours.
[[nodiscard]] QIcon themedIcon(const QString &name);

/// Sets style, palette and style sheet of the application.
void applyTheme(QApplication &application, bool dark);

}  // namespace fovea
