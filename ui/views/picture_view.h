// SPDX-License-Identifier: Apache-2.0
// One grey picture: zoom, pan, pixel under the mouse, boxes on top.
#pragma once

#include "engine/core/frame_sink.h"
#include "ui/views/overlay.h"
#include "ui/views/view_transform.h"

#include <QImage>
#include <QWidget>
#include <optional>

namespace fovea {

/// Draws a ViewPicture of a frame without copying it.
///
/// Threads: GUI.
class PictureView final : public QWidget {
    Q_OBJECT
public:
    explicit PictureView(QWidget *parent = nullptr);

    /// Shows view `index` of `frame`; null shows `emptyText`.
    void show(FrameResultPtr frame, std::size_t index);
    void setOverlay(const Overlay *overlay);
    void setTransform(ViewTransform *transform);
    void setEmptyText(const QString &text);
    /// Grey veil: what is shown is old.
    void setStale(bool stale);
    [[nodiscard]] bool stale() const { return stale_; }
    /// The pixel with the probe's cross.
    void setProbe(std::optional<QPoint> pixel);

    [[nodiscard]] const QImage &image() const { return image_; }
    [[nodiscard]] const ViewPicture *picture() const;
    [[nodiscard]] ViewTransform *transform() const { return transform_; }
    /// Pixel under a point of the widget, nothing beside the picture.
    [[nodiscard]] std::optional<QPoint> pixelAt(QPointF point) const;
    [[nodiscard]] QPointF toView(QPointF pixel) const;
    void zoomBy(double factor);
    void oneToOne();
    QSize sizeHint() const override { return {640, 400}; }
    QSize minimumSizeHint() const override { return {160, 100}; }

signals:
    void activated();
    void hovered(std::optional<QPoint> pixel);
    void picked(QPoint pixel);
    void painted();

protected:
    void paintEvent(QPaintEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    [[nodiscard]] QSizeF pictureSize() const { return image_.size(); }
    [[nodiscard]] QRectF pictureRect() const;
    void paintPicture(QPainter &painter);
    void paintProbe(QPainter &painter);
    void paintTags(QPainter &painter);
    void paintTag(QPainter &painter, const QString &text, const QColor &colour, int room,
                  bool right) const;

    FrameResultPtr frame_;
    std::size_t index_ = 0;
    QImage image_;  ///< looks into frame_
    const Overlay *overlay_ = nullptr;
    ViewTransform *transform_ = nullptr;
    QString emptyText_;
    bool stale_ = false;
    std::optional<QPoint> probe_;
    QPointF pressed_;
    QPointF last_;
    bool dragging_ = false;
};

}  // namespace fovea
