// SPDX-License-Identifier: Apache-2.0
// The spiking network: which, how it is run, what it says and takes.
#pragma once

#include "engine/core/network_report.h"
#include "engine/snn/model.h"
#include "ui/panels/rate_chart.h"
#include "ui/panels/score_bars.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>

namespace fovea {

/// Edits ModelSettings and shows the newest report. Loading is the window's work: the panel says
/// that it is wanted, and shows that it goes on.
///
/// Threads: GUI.
class ModelPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ModelPanel(QWidget *parent = nullptr);

    /// What the engine is to run; `model` is null while none is loaded.
    [[nodiscard]] const ModelUse &use() const { return use_; }
    /// All but the model itself.
    void setSettings(const ModelSettings &settings);
    /// A model was loaded, or (null) there is none any more.
    void setModel(const std::string &file, ModelPtr model);
    /// A file is being loaded; empty: no longer.
    void setLoading(const QString &file);
    [[nodiscard]] bool loading() const { return !progress_->isHidden(); }
    /// The newest report; null: nothing runs.
    void show(const NetworkReportPtr &report);

signals:
    void changed();
    void openWanted();
    void unloadWanted();
    void cancelWanted();

private:
    void build();
    void buildControls();
    void read();
    void showChoices();
    [[nodiscard]] static QString describe(const Model &model);

    ModelUse use_;
    QLabel *file_;
    QLabel *what_;
    QPushButton *open_;
    QPushButton *unload_;
    QProgressBar *progress_;
    QPushButton *cancel_;
    QComboBox *mode_;
    QSpinBox *steps_;
    QSpinBox *calibration_;
    QSpinBox *hop_;
    QComboBox *fit_;
    QComboBox *backend_;
    QComboBox *precision_;
    QLabel *answer_;
    QLabel *cost_;
    QLabel *counts_;
    ScoreBars *scores_;
    RateChart *chart_;
    QFormLayout *form_ = nullptr;
};

}  // namespace fovea
