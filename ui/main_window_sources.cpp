// SPDX-License-Identifier: Apache-2.0
// The window: sources, files, and the news from the session.
#include "ui/main_window.h"

#include "datasets/spike_file.h"
#include "ui/panels/detection_panel.h"
#include "ui/panels/histogram_panel.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/panels/shape_dialog.h"
#include "ui/panels/source_panel.h"
#include "ui/panels/status_line.h"
#include "ui/panels/view_panel.h"
#include "ui/panels/log_model.h"
#include "ui/report.h"
#include "ui/snapshot.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QSaveFile>
#include <spdlog/spdlog.h>

namespace fovea {
namespace {

/// The window's own file dialog: it looks the same everywhere and never blocks.
QFileDialog *fileDialog(QWidget *parent, const QString &title, const QString &name) {
    auto *dialog = new QFileDialog(parent, title);
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    return dialog;
}

}  // namespace

void MainWindow::connectSession() {
    connect(controller_.get(), &SessionController::opening, this, [this](const SourceConfig &source) {
        shown_.reset();
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
        views_->setStale(true);
        banner_->error(tr("The camera is lost: %1. Waiting for it to come back.").arg(reason));
    });
    connect(controller_.get(), &SessionController::cameBack, this, [this] {
        views_->setStale(false);
        banner_->clear();
        banner_->note(tr("The camera is back."));
    });
    connect(controller_.get(), &SessionController::frameArrived, this, &MainWindow::showFrame);
    connect(controller_.get(), &SessionController::statusChanged, this, &MainWindow::showStatus);
    connect(&slowTimer_, &QTimer::timeout, this, &MainWindow::showSlowly);
    slowTimer_.start(100);
    connect(recording_, &Recording::started, this, [this](const QString &path) {
        spdlog::info("recording to {}", path.toStdString());
    });
    connect(recording_, &Recording::finished, this,
            [this](const QString &path, quint64 planes, quint64 lost) {
                spdlog::info("recorded {} planes to {}, {} lost", planes, path.toStdString(), lost);
                banner_->note(tr("Recorded %1 planes to %2%3")
                                  .arg(planes)
                                  .arg(path, lost > 0 ? tr(", %1 were lost").arg(lost) : QString()));
                SourceConfig source;
                source.kind = "file";
                source.path = path.toStdString();
                SettingsStore::remember(memory_.recent, source);
                refreshRecent();
            });
    connect(recording_, &Recording::failed, this,
            [this](const QString &message) { banner_->error(message); });
    connect(recording_, &Recording::activeChanged, this, &MainWindow::refreshActions);
}

void MainWindow::connectPanels() {
    connect(sources_, &SourcePanel::openWanted, this, [this](const SourceConfig &source) {
        if (source.kind == "file" && !source.shape)
            openFile(QString::fromStdString(source.path));
        else
            openSource(source);
    });
    connect(sources_, &SourcePanel::fileWanted, this, &MainWindow::chooseFile);
    connect(picture_, &ViewPanel::changed, this, &MainWindow::pushConfig);
    connect(noise_, &NoisePanel::changed, this, &MainWindow::pushConfig);
    connect(detection_, &DetectionPanel::changed, this, &MainWindow::pushConfig);
    connect(detection_, &DetectionPanel::thresholdChanged, this, [this](double threshold) {
        views_->overlay().threshold = static_cast<float>(threshold);
        views_->refreshOverlay();
    });
    connect(views_, &ViewArea::viewsChanged, this, &MainWindow::pushConfig);
    connect(views_, &ViewArea::activeChanged, this, [this] {
        slowDue_ = true;
        refreshActions();
    });
    connect(views_, &ViewArea::painted, this, [this] { controller_->countShown(); });
    connect(views_, &ViewArea::hovered, probe_, &ProbePanel::hover);
    connect(views_, &ViewArea::picked, probe_, &ProbePanel::pick);
    connect(probe_, &ProbePanel::pickedChanged, views_, &ViewArea::setProbe);
}

void MainWindow::pushConfig() {
    Config config = controller_->config();
    config.recon = picture_->settings();
    config.detect = detection_->config();
    config.noise = noise_->effective();
    config.display.views = views_->views();
    controller_->change(config);
    refreshActions();
    saveTimer_.start(2000);
}

void MainWindow::start() { openSource(memory_.config.source); }

void MainWindow::useConfig(const Config &config) {
    picture_->setSettings(config.recon);
    detection_->setConfig(config.detect);
    noise_->setSettings(config.noise, !config.noise.injectors.empty());
    views_->setViews(config.display.views);
    controller_->change(config);
    pushConfig();
    openSource(config.source);
}

void MainWindow::openSource(SourceConfig source) {
    if (source.kind == "file") {
        SettingsStore::remember(memory_.recent, source);
        refreshRecent();
    }
    controller_->open(source);
}

void MainWindow::openFile(const QString &path, std::optional<PlaneShape> shape) {
    SourceConfig source;
    source.kind = "file";
    source.path = QFileInfo(path).absoluteFilePath().toStdString();
    for (const SourceConfig &known : memory_.recent)  // what was told once is not asked again
        if (known.path == source.path)
            source = known;
    if (shape)
        source.shape = shape;
    SpikeFileOptions options;
    options.shape = source.shape;
    options.rateHz = source.planeRateHz;
    options.flip = source.flip;
    if (const auto format = parseFileFormat(source.format))
        options.format = *format;
    background_.run([options, file = source.path] { return SpikeFile::open(file, options); },
                    [this, source](Result<SpikeFile> file) {
                        const QString name = QString::fromStdString(source.path);
                        if (file)
                            openRecording(source, file->info().planes, file->info().rateHz);
                        else if (file.error().code == ErrorCode::Usage)
                            askShape(name, QString::fromStdString(file.error().message));
                        else
                            banner_->error(QString::fromStdString(file.error().message));
                    });
}

void MainWindow::askShape(const QString &path, const QString &reason) {
    auto *dialog = new ShapeDialog(path, reason, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        if (const auto &preview = dialog->preview())
            openRecording(dialog->source(), preview->info.planes, preview->info.rateHz);
    });
    dialog->open();
}

void MainWindow::openRecording(SourceConfig source, std::uint64_t planes, double rateHz) {
    // Most recordings are a fraction of a second: at real speed they would be over at once.
    const SpeedLadder ladder(rateHz, controller_->config().display.rateHz);
    source.speed = ladder.comfortable(static_cast<double>(planes));
    source.loop = true;
    source.everyPlane = true;
    source.rangeBegin = 0;
    source.rangeEnd = 0;
    openSource(source);
}

void MainWindow::chooseFile() {
    QFileDialog *dialog = fileDialog(this, tr("Open recording"), QStringLiteral("openDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Spike recordings (*.dat *.npz *.bin *.raw)"), tr("All files (*)")});
    if (!memory_.recent.empty())
        dialog->setDirectory(
            QFileInfo(QString::fromStdString(memory_.recent.front().path)).path());
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString &file) { openFile(file); });
    dialog->open();
}

void MainWindow::chooseOutputFolder() {
    QFileDialog *dialog = fileDialog(this, tr("Folder for snapshots and recordings"),
                                     QStringLiteral("folderDialog"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setDirectory(memory_.outputFolder);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) {
        memory_.outputFolder = folder;
        saveTimer_.start(2000);
    });
    dialog->open();
}

void MainWindow::loadConfigFile() {
    QFileDialog *dialog =
        fileDialog(this, tr("Load configuration"), QStringLiteral("loadConfigDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Configurations (*.yaml *.yml)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        background_.run([file] { return loadConfig(file.toStdString()); },
                        [this](Result<Config> config) {
                            if (config)
                                useConfig(*config);
                            else
                                banner_->error(QString::fromStdString(config.error().message));
                        });
    });
    dialog->open();
}

void MainWindow::saveConfigFile() {
    QFileDialog *dialog =
        fileDialog(this, tr("Save configuration"), QStringLiteral("saveConfigDialog"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("yaml"));
    dialog->setNameFilters({tr("Configurations (*.yaml *.yml)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        background_.run(
            [file, text = commentedYaml(controller_->config())] {
                QSaveFile out(file);
                const bool ok = out.open(QIODevice::WriteOnly) &&
                                out.write(QByteArray::fromStdString(text)) >= 0 && out.commit();
                return ok ? QString() : out.errorString();
            },
            [this, file](const QString &error) {
                if (error.isEmpty())
                    banner_->note(tr("Saved %1").arg(file));
                else
                    banner_->error(QStringLiteral("%1: %2").arg(file, error));
            });
    });
    dialog->open();
}

void MainWindow::listCameras() {
    background_.run([catalog = &catalog_] { return catalog->list(); },
                    [this](std::vector<SourceDescription> cameras) {
                        sources_->setCameras(std::move(cameras));
                    });
}

void MainWindow::refreshRecent() {
    sources_->setRecent(memory_.recent);
    recentMenu_->clear();
    for (const SourceConfig &source : memory_.recent)
        recentMenu_->addAction(QString::fromStdString(source.path), this, [this, path = source.path] {
            openFile(QString::fromStdString(path));
        });
    recentMenu_->setEnabled(!memory_.recent.empty());
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.front().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty() || !urls.front().isLocalFile())
        return;
    event->acceptProposedAction();
    openFile(urls.front().toLocalFile());
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
    detection_->show(views_->overlay().visible(), shown_ ? shown_->planeRateHz : 0);
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
    background_.run(
        [snapshot, folder = memory_.outputFolder, stem] {
            return writeSnapshot(snapshot, folder, stem);
        },
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
