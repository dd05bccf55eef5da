// SPDX-License-Identifier: Apache-2.0
// Whether the desktop wants dark windows (org.freedesktop.appearance, then the palette).
#include "ui/settings/system_theme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QGuiApplication>
#include <QPalette>

namespace fovea {
namespace {

const QString service = QStringLiteral("org.freedesktop.portal.Desktop");
const QString path = QStringLiteral("/org/freedesktop/portal/desktop");
const QString interface = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString scheme = QStringLiteral("color-scheme");

}  // namespace

SystemTheme::SystemTheme(QObject *parent) : QObject(parent) {
    const QPalette platform = QGuiApplication::palette();
    dark_ = platform.color(QPalette::Window).lightness() <
            platform.color(QPalette::WindowText).lightness();
    // The offscreen and minimal platforms have no desktop to ask.
    const QString name = QGuiApplication::platformName();
    if (name == QLatin1String("xcb") || name.startsWith(QLatin1String("wayland")))
        askPortal();
}

void SystemTheme::askPortal() {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(portalChanged(QString, QString, QDBusVariant)));
    QDBusMessage ask =
        QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    ask << appearance << scheme;
    auto *watcher = new QDBusPendingCallWatcher(bus.asyncCall(ask), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        watcher->deleteLater();
        if (reply.isError())
            return;
        QVariant value = reply.value().variant();
        if (value.canConvert<QDBusVariant>())  // Read() wraps its answer twice
            value = value.value<QDBusVariant>().variant();
        take(value.toUInt());
    });
}

void SystemTheme::portalChanged(const QString &group, const QString &key,
                                const QDBusVariant &value) {
    if (group == appearance && key == scheme)
        take(value.variant().toUInt());
}

void SystemTheme::take(unsigned wish) {
    // 0 no preference, 1 dark, 2 light
    const bool wanted = wish == 0 ? dark_ : wish == 1;
    if (wanted == dark_)
        return;
    dark_ = wanted;
    emit changed(dark_);
}

}  // namespace fovea
