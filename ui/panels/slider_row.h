// SPDX-License-Identifier: Apache-2.0
// A slider with a number beside it that mean the same value.
#pragma once

#include <QDoubleSpinBox>
#include <QSlider>
#include <QWidget>

namespace fovea {

/// Linear or logarithmic; emits changed() only for changes by a person.
///
/// Threads: GUI.
class SliderRow final : public QWidget {
    Q_OBJECT
public:
    struct Range {
        double low = 0;
        double high = 1;
        double step = 0.01;
        int decimals = 2;
        bool logarithmic = false;  ///< low must be above 0
        QString suffix;
    };
    SliderRow(const QString &name, const Range &range, QWidget *parent = nullptr);

    [[nodiscard]] double value() const { return value_; }
    void setValue(double value);
    [[nodiscard]] QSlider *slider() const { return slider_; }
    [[nodiscard]] QDoubleSpinBox *box() const { return box_; }

signals:
    void changed(double value);

private:
    static constexpr int ticks = 1000;
    [[nodiscard]] double fromTick(int tick) const;
    [[nodiscard]] int toTick(double value) const;
    void take(double value, bool byPerson, bool moveSlider = true);

    Range range_;
    double value_ = 0;
    QSlider *slider_;
    QDoubleSpinBox *box_;
};

}  // namespace fovea
