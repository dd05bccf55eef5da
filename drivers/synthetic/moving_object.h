// SPDX-License-Identifier: Apache-2.0
// A rigid thing that flies straight, turns, and bounces off the edges of the picture.
#pragma once

#include "drivers/synthetic/kernels.h"
#include "engine/core/detection.h"
#include "engine/core/plane_shape.h"
#include "engine/core/random.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fovea::synthetic {

/// Straight motion between two walls. The position at any plane has a closed form in integers
/// (2^-32 pixels), so it is exact and costs the same for plane 10 and plane 2^63.
struct Bounce {
    double low = 0;           ///< position of the near wall, pixels
    std::uint64_t span = 0;   ///< distance of the walls; 0 = stays at `low`
    std::uint64_t phase = 0;  ///< way made before plane 0, forth and back: 0 to 2 * span
    std::uint64_t speed = 0;  ///< per plane

    [[nodiscard]] double position(std::uint64_t plane) const;
    [[nodiscard]] double velocity(std::uint64_t plane) const;  ///< pixels per plane

private:
    [[nodiscard]] std::uint64_t way(std::uint64_t plane) const;
};

enum class ObjectForm : std::uint8_t { Disc, Rectangle, Triangle, Star, Cross };
constexpr std::uint32_t objectForms = 5;
/// By number: an object's form is its class (`Track::label` of the truth).
constexpr std::array<std::string_view, objectForms> objectFormNames{"disc", "rectangle", "triangle",
                                                                    "star", "cross"};

/// Threads: immutable once made.
class MovingObject {
public:
    /// Object `index` of `count`; speed in pixels per plane.
    MovingObject(PlaneShape shape, std::uint64_t seed, std::uint32_t index, std::uint32_t count,
                 double minSpeed, double maxSpeed);

    /// It moves in steps of so many planes (a power of two), a pixel or less each.
    [[nodiscard]] std::uint32_t planesPerStep() const { return planesPerStep_; }
    [[nodiscard]] DrawnObject drawnAt(std::uint64_t plane, PlaneShape shape) const;
    /// Tight box around the whole object; always inside the picture when that is large enough.
    [[nodiscard]] Box boxAt(std::uint64_t plane) const;
    [[nodiscard]] double vx(std::uint64_t plane) const { return x_.velocity(plane); }
    [[nodiscard]] double vy(std::uint64_t plane) const { return y_.velocity(plane); }
    [[nodiscard]] double radius() const { return radius_; }
    [[nodiscard]] ObjectForm form() const { return form_; }

private:
    struct Point {
        double x, y;
    };
    struct Polygon {
        std::vector<Point> corners;
    };
    void setForm();
    void setMotion(PlaneShape shape, Random &random, double minSpeed, double maxSpeed);
    [[nodiscard]] std::uint32_t angle(std::uint64_t plane) const {
        return angle_ + static_cast<std::uint32_t>(plane) * turn_;
    }

    ObjectForm form_ = ObjectForm::Disc;
    std::uint32_t planesPerStep_ = 1;
    double radius_ = 0;  ///< of the circle around it
    std::vector<Polygon> polygons_;
    Bounce x_, y_;
    std::uint32_t angle_ = 0;  ///< at plane 0, turns of 2^-32
    std::uint32_t turn_ = 0;   ///< per plane, modulo a turn
    double light_ = 0, contrast_ = 0;
    double uWaves_ = 0, vWaves_ = 0;  ///< texture waves per pixel
};

/// Whether the point (x, y) lies in the object.
[[nodiscard]] bool covers(const DrawnObject &object, double x, double y);

}  // namespace fovea::synthetic
