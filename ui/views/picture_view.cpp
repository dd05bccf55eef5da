// SPDX-License-Identifier: Apache-2.0
// One grey picture: zoom, pan, pixel under the mouse, boxes on top.
#include "ui/views/picture_view.h"

#include "ui/settings/theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <cmath>

namespace fovea {

PictureView::PictureView(QWidget *parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setCursor(Qt::CrossCursor);
    setAccessibleName(tr("Picture"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setTransform(new ViewTransform(this));
}

void PictureView::show(FrameResultPtr frame, std::size_t index) {
    frame_ = std::move(frame);
    index_ = index;
    image_ = {};
    if (const ViewPicture *view = picture()) {
        const PlaneShape shape = view->picture.shape;
        image_ = QImage(view->picture.grey.data(), static_cast<int>(shape.width),
                        static_cast<int>(shape.height), static_cast<qsizetype>(shape.width),
                        QImage::Format_Grayscale8);
    }
    update();
}

const ViewPicture *PictureView::picture() const {
    if (!frame_ || index_ >= frame_->views.size() ||
        frame_->views[index_].picture.grey.size() != frame_->views[index_].picture.shape.pixels())
        return nullptr;
    return &frame_->views[index_];
}

void PictureView::setOverlay(const Overlay *overlay) {
    overlay_ = overlay;
    update();
}

void PictureView::setTransform(ViewTransform *transform) {
    if (transform_ != nullptr)
        disconnect(transform_, nullptr, this, nullptr);
    transform_ = transform;
    connect(transform_, &ViewTransform::changed, this, qOverload<>(&QWidget::update));
    update();
}

void PictureView::setEmptyText(const QString &text) {
    emptyText_ = text;
    update();
}

void PictureView::setStale(bool stale) {
    stale_ = stale;
    update();
}

void PictureView::setProbe(std::optional<QPoint> pixel) {
    probe_ = pixel;
    update();
}

std::optional<QPoint> PictureView::pixelAt(QPointF point) const {
    if (image_.isNull())
        return std::nullopt;
    const QPointF at = transform_->toPicture(point, QSizeF(size()), pictureSize());
    const QPoint pixel(static_cast<int>(std::floor(at.x())), static_cast<int>(std::floor(at.y())));
    if (!image_.rect().contains(pixel))
        return std::nullopt;
    return pixel;
}

QPointF PictureView::toView(QPointF pixel) const {
    return transform_->toView(pixel, QSizeF(size()), pictureSize());
}

QRectF PictureView::pictureRect() const {
    return {toView({0, 0}), toView({pictureSize().width(), pictureSize().height()})};
}

void PictureView::zoomBy(double factor) {
    if (!image_.isNull())
        transform_->zoomBy(factor, QPointF(width() / 2.0, height() / 2.0), QSizeF(size()),
                           pictureSize());
}

void PictureView::oneToOne() {
    if (!image_.isNull())
        transform_->zoomTo(1 / devicePixelRatioF(), QSizeF(size()), pictureSize());
}

void PictureView::paintEvent(QPaintEvent *) {
    QPainter painter(this);
    painter.fillRect(rect(), colours().picture);
    if (image_.isNull()) {
        painter.setPen(colours().dim);
        painter.drawText(rect().adjusted(20, 20, -20, -20), Qt::AlignCenter | Qt::TextWordWrap,
                         emptyText_);
        return;
    }
    paintPicture(painter);
    if (overlay_ != nullptr) {
        QFont small = font();
        small.setPointSizeF(font().pointSizeF() * 0.85);
        small.setBold(true);
        painter.setFont(small);
        overlay_->paint(painter, [this](QPointF pixel) { return toView(pixel); });
        painter.setFont(font());
    }
    if (probe_)
        paintProbe(painter);
    if (stale_)
        painter.fillRect(rect(), QColor(128, 128, 128, 120));
    paintTags(painter);
    emit painted();
}

void PictureView::paintPicture(QPainter &painter) {
    const double zoom = transform_->zoom(QSizeF(size()), pictureSize()) * devicePixelRatioF();
    const bool whole = std::abs(zoom - std::round(zoom)) < 1e-6;
    painter.setRenderHint(QPainter::SmoothPixmapTransform, zoom < 3 && !whole);
    // Only what is seen is scaled, so a high zoom costs no more than a low one.
    const QPointF first = transform_->toPicture({0, 0}, QSizeF(size()), pictureSize());
    const QPointF last =
        transform_->toPicture(QPointF(width(), height()), QSizeF(size()), pictureSize());
    const QRect seen = QRect(QPoint(static_cast<int>(std::floor(first.x())) - 1,
                                    static_cast<int>(std::floor(first.y())) - 1),
                             QPoint(static_cast<int>(std::ceil(last.x())) + 1,
                                    static_cast<int>(std::ceil(last.y())) + 1))
                           .intersected(image_.rect());
    if (seen.isEmpty())
        return;
    const QRectF target(toView(seen.topLeft()), toView(seen.bottomRight() + QPoint(1, 1)));
    painter.drawImage(target, image_, seen);
}

void PictureView::paintProbe(QPainter &painter) {
    const QRectF cell(toView(*probe_), toView(*probe_ + QPoint(1, 1)));
    const QPointF middle = cell.center();
    const double gap = std::max(cell.width() / 2, 4.0);
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const auto &[colour, width] :
         {std::pair{QColor(0, 0, 0, 170), 3.0}, std::pair{QColor(255, 255, 255, 230), 1.0}}) {
        painter.setPen(QPen(colour, width));
        painter.drawLine(middle + QPointF(gap, 0), middle + QPointF(gap + 7, 0));
        painter.drawLine(middle - QPointF(gap, 0), middle - QPointF(gap + 7, 0));
        painter.drawLine(middle + QPointF(0, gap), middle + QPointF(0, gap + 7));
        painter.drawLine(middle - QPointF(0, gap), middle - QPointF(0, gap + 7));
    }
}

void PictureView::paintTags(QPainter &painter) {
    const ViewPicture *view = picture();
    if (view == nullptr)
        return;
    const bool answers = overlay_ != nullptr && overlay_->boxes && frame_->network;
    const QString answer = answers ? Overlay::answer(*frame_->network) : QString();
    const bool both = !answer.isEmpty() && !frame_->noise.empty();
    const int room = both ? width() / 2 : width();
    if (!frame_->noise.empty())
        paintTag(painter,
                 view->clean ? tr("clean")
                             : tr("noise: %1").arg(QString::fromStdString(frame_->noise)),
                 view->clean ? QColor(0x8f, 0xd9, 0x9b) : QColor(0xf2, 0xc1, 0x5c), room, false);
    if (!answer.isEmpty())
        paintTag(painter, answer, QColor(0xf2, 0xf3, 0xf5), room, true);
}

/// Above the picture, at its left or right border.
void PictureView::paintTag(QPainter &painter, const QString &text, const QColor &colour, int room,
                           bool right) const {
    const QFontMetrics metrics(font());
    const QString shown = metrics.elidedText(text, Qt::ElideRight, room - 32);
    QRect tag(8, 8, metrics.horizontalAdvance(shown) + 14, metrics.height() + 6);
    if (right)
        tag.moveRight(width() - 8);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(16, 17, 19, 190));
    painter.drawRoundedRect(tag, 4, 4);
    painter.setPen(colour);
    painter.drawText(tag, Qt::AlignCenter, shown);
}

void PictureView::wheelEvent(QWheelEvent *event) {
    if (image_.isNull() || event->angleDelta().y() == 0)
        return;
    transform_->zoomBy(std::pow(2.0, event->angleDelta().y() / 360.0), event->position(),
                       QSizeF(size()), pictureSize());
    event->accept();
}

void PictureView::mousePressEvent(QMouseEvent *event) {
    emit activated();
    pressed_ = last_ = event->position();
    dragging_ = false;
}

void PictureView::mouseMoveEvent(QMouseEvent *event) {
    const QPointF at = event->position();
    if ((event->buttons() & (Qt::LeftButton | Qt::MiddleButton)) != 0 && !image_.isNull()) {
        if ((at - pressed_).manhattanLength() >= QApplication::startDragDistance())
            dragging_ = true;
        if (dragging_) {
            transform_->pan(at - last_, QSizeF(size()), pictureSize());
            last_ = at;
        }
        return;
    }
    emit hovered(pixelAt(at));
}

void PictureView::mouseReleaseEvent(QMouseEvent *event) {
    if (!dragging_ && event->button() == Qt::LeftButton)
        if (const auto pixel = pixelAt(event->position()))
            emit picked(*pixel);
    dragging_ = false;
}

void PictureView::mouseDoubleClickEvent(QMouseEvent *) {
    transform_->fit();
}

void PictureView::leaveEvent(QEvent *) {
    emit hovered(std::nullopt);
}

}  // namespace fovea
