// SPDX-License-Identifier: Apache-2.0
// Which part of the picture a view shows; two views may share one.
#pragma once

#include <QObject>
#include <QPointF>
#include <QSizeF>

namespace fovea {

/// Zoom (screen points per picture pixel) and the picture point in the middle of the view.
///
/// Threads: GUI.
class ViewTransform final : public QObject {
    Q_OBJECT
public:
    static constexpr double minZoom = 0.05;
    static constexpr double maxZoom = 64;

    explicit ViewTransform(QObject *parent = nullptr) : QObject(parent) {}

    [[nodiscard]] bool fits() const { return fits_; }
    /// Zoom of a view of `view` points that shows a picture of `picture` pixels.
    [[nodiscard]] double zoom(QSizeF view, QSizeF picture) const;
    [[nodiscard]] QPointF centre(QSizeF picture) const;
    [[nodiscard]] QPointF toView(QPointF pixel, QSizeF view, QSizeF picture) const;
    [[nodiscard]] QPointF toPicture(QPointF point, QSizeF view, QSizeF picture) const;

    void fit();
    /// Multiplies the zoom so that what is under `anchor` (view coordinates) stays there.
    void zoomBy(double factor, QPointF anchor, QSizeF view, QSizeF picture);
    void zoomTo(double zoom, QSizeF view, QSizeF picture);
    /// Moves the picture by `points` on the screen.
    void pan(QPointF points, QSizeF view, QSizeF picture);
    void copyFrom(const ViewTransform &other);

signals:
    void changed();

private:
    void keepInside(QSizeF picture);

    bool fits_ = true;
    double zoom_ = 1;
    QPointF centre_;
};

}  // namespace fovea
