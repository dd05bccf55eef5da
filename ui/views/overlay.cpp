// SPDX-License-Identifier: Apache-2.0
// Boxes, identities and trails over a picture.
#include "ui/views/overlay.h"

#include "ui/settings/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace fovea {

void Overlay::take(const FrameResult &frame) {
    classes_ = frame.network ? frame.network->classes : nullptr;
    if (frame.epoch != epoch_ || frame.plane < plane_)
        trails_.clear();
    epoch_ = frame.epoch;
    plane_ = frame.plane;
    tracks_ = frame.tracks;
    trailPlanes_ = static_cast<std::uint64_t>(std::max(1.0, trailSeconds * frame.planeRateHz));
    std::map<std::uint32_t, Trail> next;
    for (const Track &track : tracks_) {
        Trail points = std::move(trails_[track.id]);
        const QPointF centre(track.box.x + track.box.w / 2, track.box.y + track.box.h / 2);
        while (!points.empty() && points.front().plane + trailPlanes_ < plane_)
            points.pop_front();
        if (points.empty() || (points.back().at - centre).manhattanLength() > 0.5)
            points.push_back({plane_, centre});
        next[track.id] = std::move(points);
    }
    trails_ = std::move(next);
}

void Overlay::clear() {
    tracks_.clear();
    trails_.clear();
    plane_ = 0;
}

std::vector<Track> Overlay::visible() const {
    std::vector<Track> result;
    for (const Track &track : tracks_)
        if (track.score >= threshold)
            result.push_back(track);
    return result;
}

const Overlay::Trail *Overlay::trail(std::uint32_t id) const {
    const auto found = trails_.find(id);
    return found == trails_.end() ? nullptr : &found->second;
}

QString Overlay::answer(const NetworkReport &report) {
    if (report.best < 0 || !report.classes)
        return {};
    const auto best = static_cast<std::size_t>(report.best);
    return QStringLiteral("%1  %2").arg(
        QString::fromStdString((*report.classes)[best]),
        QString::number(static_cast<double>(report.scores[best]), 'f', 2));
}

void Overlay::paint(QPainter &painter, const std::function<QPointF(QPointF)> &toView) const {
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Track &track : visible()) {
        if (trails)
            paintTrail(painter, track, toView);
        if (boxes)
            paintBox(painter, track, toView);
    }
}

void Overlay::paintTrail(QPainter &painter, const Track &track,
                         const std::function<QPointF(QPointF)> &toView) const {
    const Trail *points = trail(track.id);
    if (points == nullptr || points->size() < 2)
        return;
    // As long as one and a half boxes at most: it shows where from, and hides little.
    const double longest = 1.5 * static_cast<double>(std::max(track.box.w, track.box.h));
    QColor colour = objectColour(track.id);
    painter.setBrush(Qt::NoBrush);
    double length = 0;
    for (std::size_t i = points->size() - 1; i > 0 && length < longest; --i) {
        const QPointF from = (*points)[i].at;
        QPointF step = (*points)[i - 1].at - from;
        const double stepLength = std::hypot(step.x(), step.y());
        if (length + stepLength > longest)
            step *= (longest - length) / stepLength;
        const double age = static_cast<double>(plane_ - (*points)[i].plane);
        const double left = 1 - std::max(length / longest, age / static_cast<double>(trailPlanes_));
        colour.setAlphaF(static_cast<float>(0.9 * std::clamp(left, 0.0, 1.0)));
        painter.setPen(QPen(colour, 0.8 + left, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(toView(from), toView(from + step));
        length += stepLength;
    }
}

void Overlay::paintBox(QPainter &painter, const Track &track,
                       const std::function<QPointF(QPointF)> &toView) const {
    const QColor colour = objectColour(track.id);
    const Box &box = track.box;
    const QRectF frame(toView({box.x, box.y}), toView({box.x + box.w, box.y + box.h}));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(0, 0, 0, 150), 3.2));
    painter.drawRect(frame);
    painter.setPen(QPen(colour, 1.6, track.coasting ? Qt::DashLine : Qt::SolidLine));
    painter.drawRect(frame);

    QString text =
        QStringLiteral("%1  %2").arg(track.id).arg(static_cast<double>(track.score), 0, 'f', 2);
    const auto kind = static_cast<std::size_t>(track.label);
    if (track.label >= 0 && classes_ && kind < classes_->size())
        text.prepend(QString::fromStdString((*classes_)[kind]) + QStringLiteral("  "));
    const QFontMetricsF metrics(painter.font());
    QRectF label(frame.left() - 0.8, 0, metrics.horizontalAdvance(text) + 8, metrics.height() + 1);
    label.moveBottom(frame.top() - 1);
    const QRectF window(painter.window());
    if (label.top() < window.top())
        label.moveTop(frame.bottom() + 1);
    if (label.right() > window.right())
        label.moveRight(window.right());
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(label, 2, 2);
    painter.setPen(QColor(0x10, 0x11, 0x13));
    painter.drawText(label, Qt::AlignCenter, text);
}

}  // namespace fovea
