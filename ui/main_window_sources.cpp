// SPDX-License-Identifier: Apache-2.0
// The window: sources, files and settings.
#include "ui/main_window.h"

#include "ui/panels/detection_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/panels/shape_dialog.h"
#include "ui/panels/source_panel.h"
#include "ui/panels/view_panel.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMimeData>
#include <QSaveFile>
#include <utility>

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
    leaveOutModel();
    Config config = controller_->config();
    config.recon = picture_->settings();
    config.detect = detection_->config();
    config.noise = noise_->effective();
    config.display.views = views_->views();
    config.model = model_->use();
    waitForModel(config);
    controller_->change(config);
    refreshActions();
    saveTimer_.start(2000);
}

void MainWindow::start() {
    openSource(memory_.config.source);
}

void MainWindow::useSettings(const Config &config) {
    picture_->setSettings(config.recon);
    detection_->setConfig(config.detect);
    noise_->setSettings(config.noise, !config.noise.injectors.empty());
    views_->setViews(config.display.views);
    Config here = config;
    here.source = controller_->config().source;  // its own is for what is opened next
    controller_->change(here);
    restoreModel(config.model.settings);
    pushConfig();
}

void MainWindow::useConfig(const Config &config) {
    useSettings(config);
    openSource(config.source);
}

void MainWindow::openSource(SourceConfig source) {
    if (closing_)
        return;  // a file that was being looked into
    if (source.kind == "file") {
        SettingsStore::remember(memory_.recent, source);
        refreshRecent();
    }
    ++looks_;  // a file that is still being looked into comes too late
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
    const unsigned number = ++looks_;
    background_.run([shelf = &shelf_, source] { return shelf->look(source, 0); },
                    [this, source, number](const Result<RecordingLook> &look) {
                        if (number != looks_)
                            return;  // something else was asked for meanwhile
                        const QString name = QString::fromStdString(source.path);
                        if (look)
                            openRecording(source, *look);
                        else if (look.error().code == ErrorCode::Usage)
                            askShape(name, QString::fromStdString(look.error().message));
                        else
                            banner_->error(QString::fromStdString(look.error().message));
                    });
}

void MainWindow::openPath(const QString &path, std::optional<PlaneShape> shape) {
    if (path.endsWith(QStringLiteral(".nir"), Qt::CaseInsensitive))
        openModel(path);
    else if (QFileInfo(path).isDir())
        openFolder(path);
    else
        openFile(path, shape);
}

void MainWindow::openFolder(const QString &folder) {
    const unsigned number = ++looks_;
    background_.run(
        [shelf = &shelf_, folder] { return shelf->find(folder.toStdString()); },
        [this, folder, number](const Result<std::vector<std::filesystem::path>> &found) {
            if (number != looks_)
                return;
            if (!found)
                banner_->error(QString::fromStdString(found.error().message));
            else if (found->size() == 1)
                openFile(QString::fromStdString(found->front().string()));
            else
                askWhich(folder, *found);
        });
}

void MainWindow::askWhich(const QString &folder, const std::vector<std::filesystem::path> &files) {
    QStringList names;
    for (const std::filesystem::path &file : files)
        names.append(QDir(folder).relativeFilePath(QString::fromStdString(file.string())));
    auto *dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("folderDialogList"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Open recording"));
    dialog->setLabelText(tr("%1 recordings in %2").arg(files.size()).arg(folder));
    dialog->setOption(QInputDialog::UseListViewForComboBoxItems);
    dialog->setComboBoxItems(names);
    dialog->setOkButtonText(tr("Open"));
    dialog->resize(480, 420);
    connect(dialog, &QInputDialog::textValueSelected, this,
            [this, folder](const QString &name) { openPath(QDir(folder).filePath(name)); });
    dialog->open();
}

void MainWindow::askShape(const QString &path, const QString &reason) {
    auto *dialog = new ShapeDialog(shelf_, path, reason, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        if (const auto &preview = dialog->preview())
            openRecording(dialog->source(), preview->look);
    });
    dialog->open();
}

void MainWindow::openRecording(SourceConfig source, const RecordingLook &look) {
    // Most recordings are a fraction of a second: at real speed they would be over at once.
    source.speed = SpeedLadder(look.rateHz).comfortable(static_cast<double>(look.planes));
    source.loop = true;
    source.everyPlane = true;
    source.holdAtEnd = true;
    source.rangeBegin = 0;
    source.rangeEnd = 0;
    openSource(source);
    gaps_ = look.gaps;
}

void MainWindow::chooseFile() {
    QFileDialog *dialog = fileDialog(this, tr("Open recording"), QStringLiteral("openDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters(
        {tr("Spike recordings (*.dat *.zst *.npz *.bin *.raw)"), tr("All files (*)")});
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
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::setOutputFolder);
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

/// Once now, then every half second: cameras come and go.
void MainWindow::listCameras() {
    if (std::exchange(listing_, true))
        return;
    background_.run([catalog = &catalog_] { return catalog->list(); },
                    [this](std::vector<SourceDescription> cameras) {
                        listing_ = false;
                        sources_->setCameras(std::move(cameras));
                    });
}

void MainWindow::refreshRecent() {
    sources_->setRecent(memory_.recent);
    recentMenu_->clear();
    for (const SourceConfig &source : memory_.recent)
        recentMenu_->addAction(
            QString::fromStdString(source.path), this,
            [this, path = source.path] { openPath(QString::fromStdString(path)); });
    recentMenu_->setEnabled(!memory_.recent.empty());
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.front().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event) {
    QStringList paths;
    for (const QUrl &url : event->mimeData()->urls())
        if (url.isLocalFile())
            paths.append(url.toLocalFile());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    if (paths.size() == 1) {
        openPath(paths.front());
        return;
    }
    ++looks_;
    std::vector<std::filesystem::path> files;
    for (const QString &path : paths)
        files.emplace_back(path.toStdString());
    askWhich(QFileInfo(paths.front()).path(), files);
}

}  // namespace fovea
