// SPDX-License-Identifier: Apache-2.0
// The window: what comes from the session and where it is shown.
#include "ui/main_window.h"

#include "ui/panels/detection_panel.h"
#include "ui/panels/histogram_panel.h"
#include "ui/panels/log_model.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/panels/source_panel.h"
#include "ui/panels/status_line.h"
#include "ui/panels/view_panel.h"
#include "ui/playback/transport_bar.h"
#include "ui/report.h"
#include "ui/snapshot.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QClipboard>
#include <QGuiApplication>
#include <cmath>
#include <spdlog/spdlog.h>

namespace fovea {

void MainWindow::connectSession() {
    connect(controller_.get(), &SessionController::opening, this,
            [this](const SourceConfig &source) {
                shown_.reset();
                slowDue_ = true;
                views_->show(nullptr);
                views_->setStale(false);
                probe_->clear();
                banner_->clear();
                sources_->setCurrent(source);
                sources_->showState(tr("opening..."));
                refreshActions();
            });
    connect(controller_.get(), &SessionController::opened, this, [this](const SourceInfo &info) {
        spdlog::info("opened {}: {} at {} planes/s", info.name, toString(info.shape),
                     info.planeRateHz);
        sources_->showInfo(info);
        setWindowTitle(tr("%1 - Fovea").arg(QString::fromStdString(info.name)));
        for (const std::string &warning : info.warnings)
            spdlog::warn("{}: {}", info.name, warning);
        if (!info.warnings.empty())
            banner_->note(QString::fromStdString(info.warnings.front()));
        for (const PlaneSpan &gap : gaps_)
            transport_->timeBar()->addGap(gap);
        refreshActions();
        saveTimer_.start(2000);
    });
    connect(controller_.get(), &SessionController::failed, this, [this](const QString &message) {
        if (!controller_->source())
            sources_->showState(tr("not open"));
        banner_->error(message, tr("Synthetic camera"), [this] { openSource(SourceConfig{}); });
        refreshActions();
    });
    connect(controller_.get(), &SessionController::lost, this, [this](const QString &reason) {
        lostAt_ = QDateTime::currentDateTime();
        views_->setStale(true);
        lostText_ = tr("%1 (at %2). Waiting for it to come back.")
                        .arg(reason, lostAt_.toString(QStringLiteral("HH:mm:ss")));
        banner_->error(lostText_);
    });
    connect(controller_.get(), &SessionController::stillLost, this, [this](const QString &reason) {
        banner_->error(tr("%1\nLast attempt: %2").arg(lostText_, reason));
    });
    connect(controller_.get(), &SessionController::cameBack, this, [this] {
        views_->setStale(false);
        banner_->clear();
        const double seconds =
            static_cast<double>(lostAt_.msecsTo(QDateTime::currentDateTime())) / 1000;
        banner_->note(tr("The camera is back after %1 s.").arg(seconds, 0, 'f', 1));
    });
    connect(controller_.get(), &SessionController::frameArrived, this, &MainWindow::showFrame);
    connect(controller_.get(), &SessionController::statusChanged, this, &MainWindow::showStatus);
    connect(&slowTimer_, &QTimer::timeout, this, &MainWindow::showSlowly);
    slowTimer_.start(100);
    connect(&cameraTimer_, &QTimer::timeout, this, &MainWindow::listCameras);
    cameraTimer_.start(500);
    connect(recording_.get(), &Recording::started, this,
            [](const QString &path) { spdlog::info("recording to {}", path.toStdString()); });
    connect(recording_.get(), &Recording::finished, this,
            [this](const QString &path, quint64 planes, quint64 lost) {
                if (path.isEmpty()) {
                    banner_->note(tr("Nothing was recorded: no plane came."));
                    return;
                }
                spdlog::info("recorded {} planes to {}, {} lost", planes, path.toStdString(), lost);
                banner_->note(
                    tr("Recorded %1 planes to %2%3")
                        .arg(planes)
                        .arg(path, lost > 0 ? tr(", %1 were lost").arg(lost) : QString()));
                SourceConfig source;
                source.kind = "file";
                source.path = path.toStdString();
                SettingsStore::remember(memory_.recent, source);
                refreshRecent();
            });
    connect(recording_.get(), &Recording::failed, this,
            [this](const QString &message) { banner_->error(message); });
    connect(recording_.get(), &Recording::activeChanged, this, &MainWindow::refreshActions);
    connect(recording_.get(), &Recording::activeChanged, check_.get(), &RecordCheck::setRecording);
    connect(check_.get(), &RecordCheck::changed, sources_, &SourcePanel::showBudgets);
}

void MainWindow::showFrame(const FrameResultPtr &frame) {
    if (player_->held())
        return;
    const bool first = shown_ == nullptr;
    shown_ = frame;
    views_->show(frame);
    slowDue_ = true;
    if (frame->block)
        probe_->take(frame);
    if (first)
        refreshActions();
}

void MainWindow::showSlowly() {
    // Figures that change 60 times a second cannot be read.
    if (!slowDue_)
        return;
    slowDue_ = false;
    const ViewPicture *picture = shown_ ? views_->activeTile()->view()->picture() : nullptr;
    histogram_->show(picture != nullptr ? std::span(picture->picture.grey)
                                        : std::span<const std::uint8_t>{});
    const NetworkReportPtr report = shown_ ? shown_->network : nullptr;
    detection_->show(views_->overlay().visible(), shown_ ? shown_->planeRateHz : 0,
                     report ? report->classes : nullptr);
    model_->show(report);
}

void MainWindow::showStatus(const SessionStatus &status) {
    StatusContext context;
    context.shownRateHz = controller_->shownRateHz();
    context.targetRateHz = controller_->config().display.rateHz;
    context.speed = std::abs(player_->speed());
    context.moving = player_->playing();
    context.recording = recording_->text();
    status_->show(status, context);
    refreshActions();
}

void MainWindow::snapshot(bool toClipboard) {
    Snapshot snapshot;
    snapshot.frame = shown_;
    snapshot.view = views_->active();
    snapshot.recon = picture_->settings();
    if (controller_->source()) {
        snapshot.source = controller_->source()->name;
        snapshot.serial = controller_->source()->serial;
    }
    if (imageOf(snapshot).isNull())
        return;
    if (toClipboard) {
        QGuiApplication::clipboard()->setImage(imageOf(snapshot));
        banner_->note(tr("Picture copied"));
        return;
    }
    const QString stem = QStringLiteral("%1-plane%2").arg(fileStem()).arg(shown_->plane);
    background_.run([snapshot, folder = memory_.outputFolder,
                     stem] { return writeSnapshot(snapshot, folder, stem); },
                    [this](const Result<QString> &path) {
                        if (!path) {
                            banner_->error(QString::fromStdString(path.error().message));
                            return;
                        }
                        spdlog::info("snapshot {}", path->toStdString());
                        banner_->note(tr("Saved %1").arg(*path));
                        emit snapshotSaved(*path);
                    });
}

void MainWindow::copyReport() {
    log_->fetch();
    QGuiApplication::clipboard()->setText(
        makeReport(controller_->config(), controller_->status(), *log_));
    banner_->note(tr("Report copied"));
}

}  // namespace fovea
