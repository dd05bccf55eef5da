// SPDX-License-Identifier: Apache-2.0
// Boxes, identities and trails over a picture.
#include "ui/views/overlay.h"

#include "ui/settings/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

namespace fovea {

void Overlay::take(const FrameResult &frame) {
    if (frame.epoch != epoch_ || frame.plane < plane_)
        trails_.clear();
    epoch_ = frame.epoch;
    plane_ = frame.plane;
    tracks_ = frame.tracks;
    std::map<std::uint32_t, std::deque<QPointF>> next;
    for (const Track &track : tracks_) {
        std::deque<QPointF> points = std::move(trails_[track.id]);
        const QPointF centre(track.box.x + track.box.w / 2, track.box.y + track.box.h / 2);
        if (points.empty() || (points.back() - centre).manhattanLength() > 0.5)
            points.push_back(centre);
        if (points.size() > trailPoints)
            points.pop_front();
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

const std::deque<QPointF> *Overlay::trail(std::uint32_t id) const {
    const auto found = trails_.find(id);
    return found == trails_.end() ? nullptr : &found->second;
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
    const std::deque<QPointF> *points = trail(track.id);
    if (points == nullptr || points->size() < 2)
        return;
    QColor colour = objectColour(track.id);
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 1; i < points->size(); ++i) {  // the old end fades
        colour.setAlphaF(0.15F +
                         0.75F * static_cast<float>(i) / static_cast<float>(points->size()));
        painter.setPen(QPen(colour, 1.6, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(toView((*points)[i - 1]), toView((*points)[i]));
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

    const QString text =
        QStringLiteral("%1  %2").arg(track.id).arg(static_cast<double>(track.score), 0, 'f', 2);
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
