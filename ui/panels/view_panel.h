// SPDX-License-Identifier: Apache-2.0
// How pictures are made: window, reach, convention, brightness.
#pragma once

#include "engine/recon/reconstructor.h"
#include "ui/panels/slider_row.h"

#include <QComboBox>
#include <QPushButton>

namespace fovea {

/// Edits ReconSettings (the method belongs to each view). Threads: GUI.
class ViewPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ViewPanel(QWidget *parent = nullptr);
    void setSettings(const ReconSettings &settings);
    [[nodiscard]] const ReconSettings &settings() const { return settings_; }

signals:
    void changed(const fovea::ReconSettings &settings);

private:
    void read();

    ReconSettings settings_;
    SliderRow *window_;
    QComboBox *convention_;
    SliderRow *reach_;
    SliderRow *gain_;
    SliderRow *gamma_;
};

}  // namespace fovea
