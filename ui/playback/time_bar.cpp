// SPDX-License-Identifier: Apache-2.0
// The whole recording as a bar: place, marks, gaps.
#include "ui/playback/time_bar.h"

#include "ui/playback/time_text.h"
#include "ui/settings/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace fovea {

TimeBar::TimeBar(QWidget *parent) : QWidget(parent) {
    setMouseTracking(true);
    setAccessibleName(tr("Time bar"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TimeBar::setRecording(std::uint64_t planes, double planeRateHz) {
    planes_ = planes;
    planeRateHz_ = planeRateHz;
    clearGaps();
}

void TimeBar::setPlane(std::uint64_t plane) {
    if (plane == plane_)
        return;
    plane_ = plane;
    update();
}

void TimeBar::setMarks(std::uint64_t begin, std::uint64_t end) {
    if (begin == markBegin_ && end == markEnd_)
        return;
    markBegin_ = begin;
    markEnd_ = end;
    update();
}

void TimeBar::addGap(PlaneSpan gap) {
    if (gap.begin >= gap.end || gaps_.size() >= maxGaps ||
        std::find(gaps_.begin(), gaps_.end(), gap) != gaps_.end())
        return;
    gaps_.push_back(gap);
    update();
}

void TimeBar::clearGaps() {
    gaps_.clear();
    update();
}

QRectF TimeBar::groove() const {
    return QRectF(rect()).adjusted(8, 9, -8, -9);
}

std::uint64_t TimeBar::planeAt(double x) const {
    if (planes_ == 0)
        return 0;
    const QRectF area = groove();
    const double share = std::clamp((x - area.left()) / area.width(), 0.0, 1.0);
    return std::min(planes_ - 1,
                    static_cast<std::uint64_t>(share * static_cast<double>(planes_ - 1) + 0.5));
}

double TimeBar::xOf(std::uint64_t plane) const {
    const QRectF area = groove();
    if (planes_ < 2)
        return area.left();
    return area.left() + area.width() * static_cast<double>(std::min(plane, planes_ - 1)) /
                             static_cast<double>(planes_ - 1);
}

void TimeBar::paintEvent(QPaintEvent *) {
    const Colours &c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = groove();
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.raised);
    painter.drawRoundedRect(area, 3, 3);
    if (planes_ == 0)
        return;
    const bool marked = markBegin_ > 0 || (markEnd_ > 0 && markEnd_ < planes_);
    const double left = xOf(markBegin_);
    const double right = markEnd_ > 0 ? xOf(markEnd_ - 1) : area.right();
    QColor range = c.accent;
    range.setAlpha(marked ? 90 : 0);
    painter.setBrush(range);
    painter.drawRect(QRectF(left, area.top(), right - left, area.height()));
    QColor played = c.accent;
    played.setAlpha(190);
    painter.setBrush(played);
    const double here = xOf(plane_);
    painter.drawRoundedRect(
        QRectF(left, area.top() + 2, std::max(0.0, here - left), area.height() - 4), 2, 2);
    painter.setBrush(c.red);
    for (const PlaneSpan &gap : gaps_)
        painter.drawRect(QRectF(xOf(gap.begin), area.top() - 1,
                                std::max(1.5, xOf(gap.end) - xOf(gap.begin)), area.height() + 2));
    paintTicks(painter);
    if (marked)
        for (const double x : {left, right}) {
            painter.setBrush(c.accent);
            painter.setPen(Qt::NoPen);
            painter.drawRect(QRectF(x - 1, area.top() - 5, 2, area.height() + 10));
        }
    painter.setPen(QPen(c.window, 2));
    painter.setBrush(c.text);
    painter.drawEllipse(QPointF(here, area.center().y()), 6.5, 6.5);
    if (hoverX_ >= 0)
        paintHover(painter);
}

void TimeBar::paintTicks(QPainter &painter) const {
    const QRectF area = groove();
    painter.setPen(colours().border);
    for (int tenth = 1; tenth < 10; ++tenth) {
        const double x = area.left() + area.width() * tenth / 10;
        painter.drawLine(QPointF(x, area.bottom() + 2), QPointF(x, area.bottom() + 4));
    }
}

void TimeBar::paintHover(QPainter &painter) const {
    const Colours &c = colours();
    const std::uint64_t plane = planeAt(hoverX_);
    const QString text = QStringLiteral("%1   %2").arg(
        timeText(static_cast<double>(plane) / planeRateHz_), planeText(plane));
    QRectF box(0, 3, fontMetrics().horizontalAdvance(text) + 14, height() - 6);
    const double space = 12;
    box.moveLeft(hoverX_ + space + box.width() < width() ? hoverX_ + space
                                                         : hoverX_ - space - box.width());
    painter.setPen(c.border);
    painter.setBrush(c.window);
    painter.drawRoundedRect(box, 3, 3);
    painter.setPen(c.text);
    painter.drawText(box, Qt::AlignCenter, text);
    painter.setPen(QPen(c.text, 1));
    painter.drawLine(QPointF(hoverX_, 4), QPointF(hoverX_, height() - 4));
}

void TimeBar::mousePressEvent(QMouseEvent *event) {
    if (event->button() == Qt::LeftButton && planes_ > 0)
        emit seekWanted(planeAt(event->position().x()));
}

void TimeBar::mouseMoveEvent(QMouseEvent *event) {
    hoverX_ = event->position().x();
    update();
    if ((event->buttons() & Qt::LeftButton) != 0 && planes_ > 0)
        emit seekWanted(planeAt(hoverX_));
}

void TimeBar::wheelEvent(QWheelEvent *event) {
    if (planes_ == 0 || event->angleDelta().y() == 0)
        return;
    const auto step = std::max(1.0, static_cast<double>(planes_) / 100);
    const double next = static_cast<double>(plane_) + (event->angleDelta().y() > 0 ? step : -step);
    emit seekWanted(static_cast<quint64>(std::clamp(next, 0.0, static_cast<double>(planes_ - 1))));
    event->accept();
}

void TimeBar::leaveEvent(QEvent *) {
    hoverX_ = -1;
    update();
}

}  // namespace fovea
