// SPDX-License-Identifier: Apache-2.0
// The bar at the bottom: is all well, and where not.
#pragma once

#include "engine/pipeline/session.h"
#include "ui/panels/health.h"

#include <QLabel>
#include <QStatusBar>

namespace fovea {

/// What the line shows beside the status itself.
struct StatusContext {
    double shownRateHz = 0;    ///< pictures drawn a second
    double targetRateHz = 60;  ///< pictures wanted a second
    double speed = 1;          ///< of a recording; 0 = max
    bool moving = true;        ///< not paused, not at the end
    QString recording;         ///< "REC 00:12  24 MB", empty when not
};

/// Threads: GUI.
class StatusLine final : public QStatusBar {
    Q_OBJECT
public:
    explicit StatusLine(QWidget *parent = nullptr);
    void show(const SessionStatus &status, const StatusContext &context);

private:
    QLabel *add(const char *name, const QString &tip, int characters);
    static void set(QLabel *label, const QString &text, Health health = Health::Good);
    void showRates(const SessionStatus &status, const StatusContext &context);
    void showLosses(const SessionStatus &status);

    QLabel *source_;
    QLabel *recording_;
    QLabel *noise_;
    QLabel *in_;
    QLabel *engine_;
    QLabel *display_;
    QLabel *latency_;
    QLabel *lost_;
    QLabel *backend_;
};

}  // namespace fovea
