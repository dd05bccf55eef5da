// SPDX-License-Identifier: Apache-2.0
// Pieces of pictures that move before and behind each other: scenes to learn from.
#pragma once

#include "engine/core/plane_shape.h"
#include "engine/core/random.h"

#include <span>
#include <vector>

namespace fovea::synthetic {

/// A grey picture, 0 to 255, lent.
struct GreyView {
    PlaneShape shape;
    std::span<const std::uint8_t> grey;
};

/// A background cut from one picture and up to three shapes cut from another, each with a straight
/// motion of its own and smooth edges. Everything depends on the random numbers only.
///
/// Threads: any, once made; pictures must outlive it.
class MovingPictures {
public:
    /// `speed`: the most that something moves, in pixels a plane. `white`: light of a white pixel
    /// in spikes a plane.
    MovingPictures(PlaneShape shape, GreyView behind, GreyView before, double speed, double white,
                   Random &random);

    /// Light of each pixel at time `plane`, which may be any.
    void lightAt(double plane, std::span<float> light) const;

private:
    struct Layer {
        GreyView picture;
        double x = 0, y = 0;    ///< of the picture's corner at plane 0, seen from the view
        double vx = 0, vy = 0;  ///< of the view over the picture
        bool turned = false;    ///< mirrored
        float gain = 1;
        double centreX = 0, centreY = 0, radiusX = 0, radiusY = 0;  ///< shape; radius 0: all
        bool round = true;
    };
    [[nodiscard]] Layer layer(GreyView picture, double speed, Random &random) const;
    void draw(const Layer &layer, double plane, std::span<float> light) const;

    PlaneShape shape_;
    std::vector<Layer> layers_;
};

}  // namespace fovea::synthetic
