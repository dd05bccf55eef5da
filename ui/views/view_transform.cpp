// SPDX-License-Identifier: Apache-2.0
// Which part of the picture a view shows; two views may share one.
#include "ui/views/view_transform.h"

#include <algorithm>

namespace fovea {

double ViewTransform::zoom(QSizeF view, QSizeF picture) const {
    if (!fits_)
        return zoom_;
    if (picture.isEmpty() || view.isEmpty())
        return 1;
    const double fit = std::min(view.width() / picture.width(), view.height() / picture.height());
    return std::clamp(fit, minZoom, maxZoom);
}

QPointF ViewTransform::centre(QSizeF picture) const {
    return fits_ ? QPointF(picture.width() / 2, picture.height() / 2) : centre_;
}

QPointF ViewTransform::toView(QPointF pixel, QSizeF view, QSizeF picture) const {
    return (pixel - centre(picture)) * zoom(view, picture) +
           QPointF(view.width() / 2, view.height() / 2);
}

QPointF ViewTransform::toPicture(QPointF point, QSizeF view, QSizeF picture) const {
    return (point - QPointF(view.width() / 2, view.height() / 2)) / zoom(view, picture) +
           centre(picture);
}

void ViewTransform::fit() {
    fits_ = true;
    emit changed();
}

void ViewTransform::zoomBy(double factor, QPointF anchor, QSizeF view, QSizeF picture) {
    const QPointF under = toPicture(anchor, view, picture);
    const double next = std::clamp(zoom(view, picture) * factor, minZoom, maxZoom);
    fits_ = false;
    zoom_ = next;
    centre_ = under - (anchor - QPointF(view.width() / 2, view.height() / 2)) / next;
    keepInside(picture);
    emit changed();
}

void ViewTransform::zoomTo(double zoom, QSizeF view, QSizeF picture) {
    zoomBy(zoom / this->zoom(view, picture), QPointF(view.width() / 2, view.height() / 2), view,
           picture);
}

void ViewTransform::pan(QPointF points, QSizeF view, QSizeF picture) {
    const double now = zoom(view, picture);
    centre_ = centre(picture) - points / now;
    zoom_ = now;
    fits_ = false;
    keepInside(picture);
    emit changed();
}

void ViewTransform::copyFrom(const ViewTransform &other) {
    fits_ = other.fits_;
    zoom_ = other.zoom_;
    centre_ = other.centre_;
    emit changed();
}

void ViewTransform::keepInside(QSizeF picture) {
    centre_.setX(std::clamp(centre_.x(), 0.0, picture.width()));
    centre_.setY(std::clamp(centre_.y(), 0.0, picture.height()));
}

}  // namespace fovea
