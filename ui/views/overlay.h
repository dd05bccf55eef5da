// SPDX-License-Identifier: Apache-2.0
// Boxes, identities and trails over a picture.
#pragma once

#include "engine/core/frame_sink.h"

#include <QPointF>
#include <QString>
#include <deque>
#include <functional>
#include <map>
#include <vector>

class QPainter;

namespace fovea {

/// Tracks of the newest frame and where each came from.
///
/// Threads: GUI.
class Overlay {
public:
    /// A trail is what an object did in this time of the recording (and no longer than it is big).
    static constexpr double trailSeconds = 0.1;
    /// Where the middle of a box was, and in which plane.
    struct TrailPoint {
        std::uint64_t plane = 0;
        QPointF at;
    };
    using Trail = std::deque<TrailPoint>;  ///< newest last

    void take(const FrameResult &frame);
    void clear();

    bool boxes = true;
    bool trails = true;
    /// Tracks of a lower score are not drawn.
    float threshold = 0;

    /// Those that are drawn.
    [[nodiscard]] std::vector<Track> visible() const;
    [[nodiscard]] const Trail *trail(std::uint32_t id) const;
    /// What a network says of the whole picture, "seven  0.93"; empty when it says nothing.
    [[nodiscard]] static QString answer(const NetworkReport &report);

    /// `toView` maps picture pixels to the painter's coordinates.
    void paint(QPainter &painter, const std::function<QPointF(QPointF)> &toView) const;

private:
    void paintTrail(QPainter &painter, const Track &track,
                    const std::function<QPointF(QPointF)> &toView) const;
    void paintBox(QPainter &painter, const Track &track,
                  const std::function<QPointF(QPointF)> &toView) const;

    std::vector<Track> tracks_;
    std::shared_ptr<const std::vector<std::string>> classes_;  ///< names of their labels
    std::map<std::uint32_t, Trail> trails_;
    std::uint64_t plane_ = 0;
    std::uint64_t trailPlanes_ = 1;
    std::uint32_t epoch_ = 0;
};

}  // namespace fovea
