// SPDX-License-Identifier: Apache-2.0
// The window: loading a network and running it as what it gives.
#include "ui/main_window.h"

#include "engine/recon/recon_methods.h"
#include "ui/panels/detection_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QFileDialog>
#include <QFileInfo>
#include <algorithm>
#include <spdlog/spdlog.h>

namespace fovea {
namespace {

bool isSnn(const ViewConfig &view) {
    return view.method == toString(ReconMethod::Snn);
}

}  // namespace

void MainWindow::connectModel() {
    connect((*actions_)[Act::OpenModel], &QAction::triggered, this, &MainWindow::chooseModel);
    connect(model_, &ModelPanel::openWanted, this, &MainWindow::chooseModel);
    connect(model_, &ModelPanel::changed, this, &MainWindow::pushConfig);
    connect(model_, &ModelPanel::unloadWanted, this, &MainWindow::removeModel);
    connect(model_, &ModelPanel::cancelWanted, this, &MainWindow::stopLoading);
}

void MainWindow::chooseModel() {
    auto *dialog = new QFileDialog(this, tr("Load network"));
    dialog->setObjectName(QStringLiteral("modelDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Networks (*.nir)"), tr("All files (*)")});
    if (const std::string &now = model_->use().settings.file; !now.empty())
        dialog->setDirectory(QFileInfo(QString::fromStdString(now)).path());
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openModel);
    dialog->open();
}

void MainWindow::openModel(const QString &path) {
    loadModelFile(QFileInfo(path).absoluteFilePath(), true);
}

/// What was run the last time, or what a configuration names.
void MainWindow::restoreModel(const ModelSettings &settings) {
    stopLoading();
    model_->setSettings(settings);
    if (settings.file.empty()) {
        model_->setModel({}, nullptr);
        return;
    }
    if (settings.file != model_->use().settings.file)
        model_->setModel(settings.file, nullptr);
    if (!model_->use().model)
        loadModelFile(QString::fromStdString(settings.file), false);
}

/// `use`: a person asked for it, so it shall be seen at work.
void MainWindow::loadModelFile(const QString &path, bool use) {
    const unsigned number = ++models_;
    model_->setLoading(path);
    background_.run([file = path.toStdString()] { return loadModel(file); },
                    [this, path, number, use](const Result<ModelPtr> &model) {
                        if (number != models_)
                            return;  // cancelled, or another one was asked for
                        model_->setLoading({});
                        if (!model) {
                            if (!model_->use().model)
                                model_->setModel({}, nullptr);
                            pushConfig();
                            banner_->error(QString::fromStdString(model.error().message));
                            return;
                        }
                        for (const std::string &warning : (*model)->nir.warnings)
                            spdlog::warn("{}: {}", (*model)->name, warning);
                        model_->setModel(path.toStdString(), *model);
                        if (use)
                            useModel(path.toStdString(), *model);
                        pushConfig();
                    });
}

void MainWindow::useModel(const std::string &file, ModelPtr model) {
    spdlog::info("network {}: {} out", file, toString(model->form.output));
    if (model->form.output == StreamOutput::Picture) {
        views_->setMethod(std::string(toString(ReconMethod::Snn)));
        return;
    }
    DetectConfig config = detection_->config();
    config.enabled = true;
    config.detector.method = DetectionMethod::Snn;
    detection_->setConfig(config);
    if (model->form.output == StreamOutput::Classes)
        if (auto *dock = findChild<QDockWidget *>(QStringLiteral("docks.model")))
            dock->raise();  // what it says is there
}

void MainWindow::stopLoading() {
    ++models_;
    model_->setLoading({});
    if (!model_->use().model)
        model_->setModel({}, nullptr);
}

void MainWindow::removeModel() {
    stopLoading();
    model_->setModel({}, nullptr);
    pushConfig();
}

/// While a network is being loaded the engine does without: it would load it itself and stop for
/// that long.
void MainWindow::waitForModel(Config &config) const {
    if (config.model.model)
        return;
    for (ViewConfig &view : config.display.views)
        if (isSnn(view))
            view.method = toString(ReconMethod::Tfp);
    if (config.detect.detector.method == DetectionMethod::Snn)
        config.detect.enabled = false;
}

/// Without a network there is nothing that its methods could show; while one is being loaded they
/// wait for it.
void MainWindow::leaveOutModel() {
    if (model_->use().model || model_->loading())
        return;
    std::vector<ViewConfig> views = views_->views();
    DetectConfig detect = detection_->config();
    const bool shows = std::any_of(views.begin(), views.end(), isSnn);
    if (!shows && detect.detector.method != DetectionMethod::Snn)
        return;
    for (ViewConfig &view : views)
        if (isSnn(view))
            view.method = toString(ReconMethod::Tfp);
    detect.detector.method = DetectionMethod::Motion;
    if (shows)
        views_->setViews(views);
    detection_->setConfig(detect);
    banner_->note(tr("Load a network first (File, Load network)."));
}

}  // namespace fovea
