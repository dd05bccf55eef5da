// SPDX-License-Identifier: Apache-2.0
// What counts as a moving object, and which of them are shown.
#pragma once

#include "engine/pipeline/config.h"
#include "ui/panels/slider_row.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QTreeWidget>
#include <vector>

namespace fovea {

/// Edits DetectConfig and the threshold of the overlay; lists what is seen now.
///
/// Threads: GUI.
class DetectionPanel final : public QWidget {
    Q_OBJECT
public:
    explicit DetectionPanel(QWidget *parent = nullptr);
    void setConfig(const DetectConfig &config);
    [[nodiscard]] const DetectConfig &config() const { return config_; }
    void setThreshold(double threshold) { threshold_->setValue(threshold); }
    [[nodiscard]] double threshold() const { return threshold_->value(); }
    /// The list; speeds are in pixels a second.
    void show(const std::vector<Track> &tracks, double planeRateHz,
              const std::shared_ptr<const std::vector<std::string>> &classes = nullptr);

signals:
    void changed(const fovea::DetectConfig &config);
    void thresholdChanged(double threshold);

private:
    void nameControls();
    void build();
    void read();

    DetectConfig config_;
    QCheckBox *enabled_;
    QComboBox *method_;
    SliderRow *threshold_;
    SliderRow *change_;
    SliderRow *contrast_;
    SliderRow *area_;
    QTreeWidget *list_;
    QFormLayout *form_ = nullptr;
};

}  // namespace fovea
