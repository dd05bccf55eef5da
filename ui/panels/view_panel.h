// SPDX-License-Identifier: Apache-2.0
// How pictures are made: window, reach, convention, brightness.
#pragma once

#include "engine/recon/reconstructor.h"
#include "ui/panels/slider_row.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <string>

namespace fovea {

/// Edits ReconSettings. The method belongs to each view: shown is what that of the active view
/// reads.
///
/// Threads: GUI.
class ViewPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ViewPanel(QWidget *parent = nullptr);
    void setSettings(const ReconSettings &settings);
    [[nodiscard]] const ReconSettings &settings() const { return settings_; }
    /// Shows the settings that this method reads, by its line in reconMethods().
    void setMethod(const std::string &name);

signals:
    void changed(const fovea::ReconSettings &settings);

private:
    void build();
    void read();

    ReconSettings settings_;
    SliderRow *window_;
    QComboBox *convention_;
    SliderRow *reach_;
    QComboBox *form_;
    SliderRow *history_;
    SliderRow *gain_;
    SliderRow *gamma_;
    QLabel *title_;
    QLabel *what_;
    QFormLayout *rows_ = nullptr;
};

}  // namespace fovea
