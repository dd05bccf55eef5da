// SPDX-License-Identifier: Apache-2.0
// A slider with a number beside it that mean the same value.
#include "ui/panels/slider_row.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <algorithm>
#include <cmath>

namespace fovea {

SliderRow::SliderRow(const QString &name, const Range &range, QWidget *parent)
    : QWidget(parent), range_(range), slider_(new QSlider(Qt::Horizontal, this)),
      box_(new QDoubleSpinBox(this)) {
    slider_->setRange(0, ticks);
    slider_->setAccessibleName(name);
    slider_->setMinimumWidth(60);
    box_->setAccessibleName(name);
    box_->setLocale(QLocale::c());
    box_->setDecimals(range.decimals);
    box_->setRange(range.low, range.high);
    box_->setSingleStep(range.step);
    box_->setSuffix(range.suffix);
    box_->setKeyboardTracking(false);
    // Rows below one another are in line.
    box_->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("0.0000")) + 30);
    if (range.logarithmic)
        box_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(slider_, 1);
    layout->addWidget(box_);
    connect(slider_, &QSlider::valueChanged, this,
            [this](int tick) { take(fromTick(tick), true, false); });
    connect(box_, &QDoubleSpinBox::valueChanged, this, [this](double value) { take(value, true); });
    setFocusProxy(slider_);
    take(range.low, false);
}

void SliderRow::setValue(double value) {
    take(value, false);
}

double SliderRow::fromTick(int tick) const {
    const double share = static_cast<double>(tick) / ticks;
    const double raw = range_.logarithmic ? range_.low * std::pow(range_.high / range_.low, share)
                                          : range_.low + (range_.high - range_.low) * share;
    if (range_.logarithmic)
        return raw;
    return range_.low + std::round((raw - range_.low) / range_.step) * range_.step;
}

int SliderRow::toTick(double value) const {
    const double share = range_.logarithmic
                             ? std::log(value / range_.low) / std::log(range_.high / range_.low)
                             : (value - range_.low) / (range_.high - range_.low);
    return static_cast<int>(std::lround(share * ticks));
}

void SliderRow::take(double value, bool byPerson, bool moveSlider) {
    const double scale = std::pow(10.0, range_.decimals);
    value = std::round(std::clamp(value, range_.low, range_.high) * scale) / scale;
    const bool different = value != value_;
    value_ = value;
    const QSignalBlocker blockSlider(slider_);
    const QSignalBlocker blockBox(box_);
    if (moveSlider)  // a slider that is being moved stays where the hand is
        slider_->setValue(toTick(value));
    box_->setValue(value);
    if (byPerson && different)
        emit changed(value);
}

}  // namespace fovea
