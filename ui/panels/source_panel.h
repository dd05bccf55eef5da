// SPDX-License-Identifier: Apache-2.0
// Where spikes can come from: cameras, the synthetic scene, recordings.
#pragma once

#include "engine/core/spike_source.h"
#include "engine/pipeline/preflight.h"
#include "engine/pipeline/source_catalog.h"
#include "ui/panels/seed_box.h"
#include "ui/panels/slider_row.h"

#include <QComboBox>
#include <QGroupBox>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTreeWidget>
#include <vector>

namespace fovea {

/// Double click or Enter opens. Under the list: what is open, and the scene of the synthetic one.
///
/// Threads: GUI.
class SourcePanel final : public QWidget {
    Q_OBJECT
public:
    explicit SourcePanel(QWidget *parent = nullptr);

    void setCameras(std::vector<SourceDescription> cameras);
    void setRecent(std::vector<SourceConfig> recent);
    void setCurrent(const SourceConfig &source);
    void showInfo(const SourceInfo &info);
    void showState(const QString &text);
    /// Whether a recording would keep up; without budgets nothing is shown.
    void showBudgets(const fovea::Preflight &budgets);
    [[nodiscard]] QTreeWidget *list() const { return list_; }

signals:
    void openWanted(const fovea::SourceConfig &source);
    void fileWanted();

private:
    void build();
    [[nodiscard]] QWidget *makeSceneBox();
    void showScene(const SourceConfig &source);
    void rebuild();
    [[nodiscard]] bool isCurrent(const SourceDescription &camera) const;
    [[nodiscard]] QString cameraText(const SourceDescription &camera) const;
    void activate(QTreeWidgetItem *item);
    [[nodiscard]] SourceConfig scene() const;

    std::vector<SourceDescription> cameras_;
    std::vector<SourceConfig> recent_;
    SourceConfig current_;
    QTreeWidget *list_;
    QLabel *info_;
    QLabel *budgets_;
    QWidget *sceneBox_ = nullptr;
    QComboBox *shape_;
    QComboBox *rate_;
    QSpinBox *objects_;
    QComboBox *light_;
    SliderRow *sensorNoise_;
    SeedBox *seed_;
};

}  // namespace fovea
