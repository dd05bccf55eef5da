// SPDX-License-Identifier: Apache-2.0
// The window: sources, files and settings.
#include "ui/main_window.h"

#include "datasets/spike_file.h"
#include "ui/panels/detection_panel.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/panels/shape_dialog.h"
#include "ui/panels/source_panel.h"
#include "ui/panels/view_panel.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QSaveFile>

namespace fovea {
namespace {

/// The window's own file dialog: it looks the same everywhere and never blocks.
QFileDialog *fileDialog(QWidget *parent, const QString &title, const QString &name) {
    auto *dialog = new QFileDialog(parent, title);
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    return dialog;
}

/// Where planes are missing, by plane number.
std::vector<SeenGap> gapsOf(const SpikeFileInfo &info) {
    std::vector<SeenGap> gaps;
    std::uint64_t lost = 0;
    for (const RecordingGap &gap : info.gaps) {
        const std::uint64_t begin = gap.before + lost;
        gaps.push_back({begin, begin + gap.planes});
        lost += gap.planes;
    }
    return gaps;
}

}  // namespace

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

void MainWindow::start() {
    openSource(memory_.config.source);
}

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
    if (closing_)
        return;  // a file that was being looked into
    if (source.kind == "file") {
        SettingsStore::remember(memory_.recent, source);
        refreshRecent();
    }
    gaps_.clear();
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
                            openRecording(source, file->info());
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
            openRecording(dialog->source(), preview->info);
    });
    dialog->open();
}

void MainWindow::openRecording(SourceConfig source, const SpikeFileInfo &info) {
    // Most recordings are a fraction of a second: at real speed they would be over at once.
    const SpeedLadder ladder(info.rateHz, controller_->config().display.rateHz);
    source.speed = ladder.comfortable(static_cast<double>(info.planes));
    source.loop = true;
    source.everyPlane = true;
    source.holdAtEnd = true;
    source.rangeBegin = 0;
    source.rangeEnd = 0;
    openSource(source);
    gaps_ = gapsOf(info);
}

void MainWindow::chooseFile() {
    QFileDialog *dialog = fileDialog(this, tr("Open recording"), QStringLiteral("openDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Spike recordings (*.dat *.npz *.bin *.raw)"), tr("All files (*)")});
    if (!memory_.recent.empty())
        dialog->setDirectory(QFileInfo(QString::fromStdString(memory_.recent.front().path)).path());
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString &file) { openFile(file); });
    dialog->open();
}

void MainWindow::chooseOutputFolder() {
    QFileDialog *dialog =
        fileDialog(this, tr("Folder for snapshots and recordings"), QStringLiteral("folderDialog"));
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
        recentMenu_->addAction(
            QString::fromStdString(source.path), this,
            [this, path = source.path] { openFile(QString::fromStdString(path)); });
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

}  // namespace fovea
