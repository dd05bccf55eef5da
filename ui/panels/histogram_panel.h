// SPDX-License-Identifier: Apache-2.0
// Histogram of the active view with its figures.
#pragma once

#include "ui/panels/histogram.h"

#include <QCheckBox>
#include <QLabel>
#include <QWidget>

namespace fovea {

/// The curve. Threads: GUI.
class HistogramPlot final : public QWidget {
    Q_OBJECT
public:
    explicit HistogramPlot(QWidget *parent = nullptr);
    void setHistogram(const Histogram &histogram);
    void setLogarithmic(bool logarithmic);
    QSize sizeHint() const override { return {260, 110}; }
    QSize minimumSizeHint() const override { return {120, 70}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRectF plotRect() const;

    Histogram histogram_;
    bool logarithmic_ = false;
};

/// Threads: GUI.
class HistogramPanel final : public QWidget {
    Q_OBJECT
public:
    explicit HistogramPanel(QWidget *parent = nullptr);
    void show(std::span<const std::uint8_t> grey);
    [[nodiscard]] const Histogram &histogram() const { return histogram_; }
    [[nodiscard]] bool logarithmic() const { return log_->isChecked(); }
    void setLogarithmic(bool logarithmic) { log_->setChecked(logarithmic); }

signals:
    void logarithmicChanged(bool logarithmic);

private:
    Histogram histogram_;
    HistogramPlot *plot_;
    QCheckBox *log_;
    QLabel *range_;
    QLabel *clipped_;
};

}  // namespace fovea
