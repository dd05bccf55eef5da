// SPDX-License-Identifier: Apache-2.0
// Colours, style sheet and icons of the light and the dark look.
#include "ui/settings/theme.h"

#include <QApplication>
#include <QFile>
#include <QPainter>
#include <QPalette>
#include <QStyleFactory>
#include <QSvgRenderer>
#include <array>

// Must stand outside of all namespaces; a static library's resources are not found without it.
static void initResources() {
    Q_INIT_RESOURCE(fovea);
}

namespace fovea {
namespace {

Colours darkColours() {
    Colours c;
    c.dark = true;
    c.window = QColor(0x20, 0x21, 0x24);
    c.base = QColor(0x18, 0x19, 0x1b);
    c.raised = QColor(0x2d, 0x2f, 0x33);
    c.border = QColor(0x3b, 0x3e, 0x43);
    c.text = QColor(0xdc, 0xde, 0xe2);
    c.dim = QColor(0x98, 0x9e, 0xa6);
    c.accent = QColor(0x3f, 0xb8, 0xaf);
    c.onAccent = QColor(0x08, 0x1c, 0x1a);
    c.good = QColor(0x62, 0xc0, 0x74);
    c.amber = QColor(0xe6, 0xae, 0x3c);
    c.red = QColor(0xf0, 0x6a, 0x56);
    c.picture = QColor(0x10, 0x11, 0x13);
    return c;
}

Colours lightColours() {
    Colours c;
    c.dark = false;
    c.window = QColor(0xf3, 0xf4, 0xf6);
    c.base = QColor(0xff, 0xff, 0xff);
    c.raised = QColor(0xe6, 0xe8, 0xec);
    c.border = QColor(0xca, 0xce, 0xd5);
    c.text = QColor(0x1f, 0x23, 0x28);
    c.dim = QColor(0x5f, 0x67, 0x70);
    c.accent = QColor(0x0c, 0x7f, 0x78);
    c.onAccent = QColor(0xff, 0xff, 0xff);
    c.good = QColor(0x1f, 0x7f, 0x38);
    c.amber = QColor(0x9a, 0x62, 0x00);
    c.red = QColor(0xc2, 0x33, 0x1f);
    c.picture = QColor(0xc4, 0xc8, 0xce);
    return c;
}

Colours &present() {
    static Colours instance = darkColours();
    return instance;
}

QPalette makePalette(const Colours &c) {
    QPalette p;
    p.setColor(QPalette::Window, c.window);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.base);
    p.setColor(QPalette::AlternateBase, c.window);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::PlaceholderText, c.dim);
    p.setColor(QPalette::Button, c.raised);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.red);
    p.setColor(QPalette::ToolTipBase, c.raised);
    p.setColor(QPalette::ToolTipText, c.text);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, c.onAccent);
    p.setColor(QPalette::Link, c.accent);
    p.setColor(QPalette::LinkVisited, c.accent);
    p.setColor(QPalette::Light, c.dark ? c.raised.lighter(120) : QColor(Qt::white));
    p.setColor(QPalette::Midlight, c.raised);
    p.setColor(QPalette::Mid, c.border);
    p.setColor(QPalette::Dark, c.dark ? c.base.darker(130) : c.border.darker(115));
    p.setColor(QPalette::Shadow, Qt::black);
    QColor faint = c.text;
    faint.setAlpha(95);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, faint);
    p.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
    return p;
}

QString styleSheet(const Colours &c) {
    QFile file(QStringLiteral(":/fovea/style.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString text = QString::fromUtf8(file.readAll());
    const std::array<std::pair<const char *, QColor>, 9> names{{{"@window", c.window},
                                                                {"@base", c.base},
                                                                {"@raised", c.raised},
                                                                {"@border", c.border},
                                                                {"@text", c.text},
                                                                {"@dim", c.dim},
                                                                {"@onaccent", c.onAccent},
                                                                {"@accent", c.accent},
                                                                {"@red", c.red}}};
    for (const auto &[name, colour] : names)
        text.replace(QLatin1String(name), colour.name());
    text.replace(QLatin1String("@mode"), c.dark ? QLatin1String("dark") : QLatin1String("light"));
    return text;
}

QPixmap drawIcon(QByteArray svg, const QColor &colour, int size, qreal ratio) {
    svg.replace("currentColor", colour.name().toLatin1());
    QSvgRenderer renderer(svg);
    const int side = qRound(size * ratio);
    QPixmap pixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    return pixmap;
}

}  // namespace

QString toString(ThemeChoice choice) {
    switch (choice) {
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    case ThemeChoice::System:
        break;
    }
    return QStringLiteral("system");
}

ThemeChoice parseThemeChoice(const QString &text) {
    if (text == QLatin1String("light"))
        return ThemeChoice::Light;
    return text == QLatin1String("dark") ? ThemeChoice::Dark : ThemeChoice::System;
}

const Colours &colours() {
    return present();
}

QColor objectColour(std::uint32_t id) {
    static const std::array<QColor, 7> wheel{QColor(0xe6, 0x9f, 0x00), QColor(0x56, 0xb4, 0xe9),
                                             QColor(0x00, 0xc0, 0x8b), QColor(0xf0, 0xe4, 0x42),
                                             QColor(0xff, 0x7a, 0x3d), QColor(0xd9, 0x8c, 0xc0),
                                             QColor(0x7f, 0xa8, 0xff)};
    return wheel[id % wheel.size()];
}

QIcon themedIcon(const QString &name) {
    QFile file(QStringLiteral(":/fovea/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    const Colours &c = colours();
    const auto between = [](int a, int b) { return (2 * a + b) / 3; };
    const QColor faint(between(c.window.red(), c.text.red()),
                       between(c.window.green(), c.text.green()),
                       between(c.window.blue(), c.text.blue()));
    QIcon icon;
    for (const int size : {16, 20, 32})
        for (const qreal ratio : {1.0, 2.0}) {
            icon.addPixmap(drawIcon(svg, c.text, size, ratio), QIcon::Normal, QIcon::Off);
            icon.addPixmap(drawIcon(svg, c.accent, size, ratio), QIcon::Normal, QIcon::On);
            icon.addPixmap(drawIcon(svg, faint, size, ratio), QIcon::Disabled, QIcon::Off);
            icon.addPixmap(drawIcon(svg, faint, size, ratio), QIcon::Disabled, QIcon::On);
        }
    return icon;
}

void applyTheme(QApplication &application, bool dark) {
    static bool styled = false;
    if (!styled) {
        initResources();
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        styled = true;
    }
    present() = dark ? darkColours() : lightColours();
    QApplication::setPalette(makePalette(present()));
    application.setStyleSheet(styleSheet(present()));
}

}  // namespace fovea
