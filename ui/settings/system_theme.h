// SPDX-License-Identifier: Apache-2.0
// Whether the desktop wants dark windows, now and when it changes its mind.
#pragma once

#include <QDBusVariant>
#include <QObject>

namespace fovea {

/// Whether the desktop wants dark windows: asks the desktop portal, else looks at the palette that
/// the platform gave us.
///
/// Threads: GUI; the portal is asked without waiting.
class SystemTheme final : public QObject {
    Q_OBJECT
public:
    /// Construct before applyTheme(), which replaces the platform's palette.
    explicit SystemTheme(QObject *parent = nullptr);
    [[nodiscard]] bool dark() const { return dark_; }

signals:
    void changed(bool dark);

private slots:
    void portalChanged(const QString &group, const QString &key, const QDBusVariant &value);

private:
    void askPortal();
    void take(unsigned scheme);

    bool dark_ = false;
};

}  // namespace fovea
