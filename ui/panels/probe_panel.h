// SPDX-License-Identifier: Apache-2.0
// What one pixel does: its values, its spikes, its intervals.
#pragma once

#include "engine/core/frame_sink.h"
#include "ui/panels/pixel_train.h"

#include <QLabel>
#include <QPoint>
#include <QWidget>
#include <optional>

class QPainter;

namespace fovea {

/// Spikes as ticks on a line, and under them the interval that ends at each spike.
///
/// Threads: GUI.
class TrainPlot final : public QWidget {
    Q_OBJECT
public:
    explicit TrainPlot(QWidget *parent = nullptr);
    void setTrain(const PixelTrain *train);
    QSize sizeHint() const override { return {260, 120}; }
    QSize minimumSizeHint() const override { return {120, 90}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintTicks(QPainter &painter, const QRectF &area) const;
    void paintIntervals(QPainter &painter, const QRectF &area) const;
    /// Newest states that have room.
    [[nodiscard]] std::size_t firstShown() const;

    const PixelTrain *train_ = nullptr;
};

/// Follows the mouse until a pixel is picked; picking it again lets go.
///
/// Threads: GUI.
class ProbePanel final : public QWidget {
    Q_OBJECT
public:
    explicit ProbePanel(QWidget *parent = nullptr);

    void hover(std::optional<QPoint> pixel);
    void pick(QPoint pixel);
    void take(const FrameResultPtr &frame);
    void clear();

    /// The picked pixel, else the one under the mouse.
    [[nodiscard]] std::optional<QPoint> pixel() const { return picked_ ? picked_ : hovered_; }
    [[nodiscard]] std::optional<QPoint> picked() const { return picked_; }
    [[nodiscard]] const PixelTrain &train() const { return train_; }
    /// Value of the pixel in each view of the newest frame.
    [[nodiscard]] std::vector<int> values() const;

signals:
    void pickedChanged(std::optional<QPoint> pixel);

private:
    void follow();
    void refresh();

    std::optional<QPoint> hovered_;
    std::optional<QPoint> picked_;
    FrameResultPtr frame_;
    PixelTrain train_;
    QLabel *place_;
    QLabel *value_;
    QLabel *rate_;
    QLabel *interval_;
    TrainPlot *plot_;
};

}  // namespace fovea
