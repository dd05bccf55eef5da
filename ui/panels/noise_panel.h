// SPDX-License-Identifier: Apache-2.0
// Disturbs the spikes on purpose: which injectors, how strong, which seed.
#pragma once

#include "engine/noise/noise_settings.h"
#include "ui/panels/seed_box.h"
#include "ui/panels/slider_row.h"

#include <QCheckBox>
#include <QComboBox>
#include <QSpinBox>
#include <QToolButton>
#include <vector>

class QGridLayout;

namespace fovea {

/// A named set of injectors.
struct NoisePreset {
    const char *name;  ///< source text
    std::vector<InjectorSettings> injectors;
};
[[nodiscard]] const std::vector<NoisePreset> &noisePresets();

/// One line an injector: a check box and a strength. Moving a strength switches its injector and
/// the noise on, because that is what the hand wants. One switch for all of it keeps the settings.
///
/// Threads: GUI.
class NoisePanel final : public QWidget {
    Q_OBJECT
public:
    NoisePanel(QAction *compare, QAction *newSeed, QWidget *parent = nullptr);

    void setSettings(const NoiseSettings &settings, bool on);
    /// As set in the panel, whether switched on or not.
    [[nodiscard]] const NoiseSettings &settings() const { return settings_; }
    [[nodiscard]] bool on() const { return on_->isChecked(); }
    /// What the engine is to inject.
    [[nodiscard]] NoiseSettings effective() const;
    void setOn(bool on);
    void newSeed();
    void usePreset(std::size_t index);

signals:
    void changed();

private:
    struct Row {
        InjectorKind kind;
        QCheckBox *check;
        SliderRow *strength;
    };
    void addRow(const InjectorInfo &info, QGridLayout *grid);
    void read();
    void show();

    NoiseSettings settings_;
    QCheckBox *on_;
    QComboBox *preset_;
    SeedBox *seed_;
    std::vector<Row> rows_;
    bool showing_ = false;
};

}  // namespace fovea
