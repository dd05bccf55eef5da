// SPDX-License-Identifier: Apache-2.0
// Forms, motion and boxes of the objects in the synthetic scene.
#include "drivers/synthetic/moving_object.h"

#include "drivers/synthetic/portable_math.h"

#include <algorithm>
#include <cmath>

namespace fovea::synthetic {

namespace {
constexpr double fixedOne = 0x1.0p32;  ///< one pixel in the integers of Bounce
constexpr std::uint32_t longestStep = 64;
constexpr double twoPi = 6.283185307179586;

std::uint64_t toFixed(double pixels) {
    return static_cast<std::uint64_t>(std::max(0.0, pixels) * fixedOne);
}
}  // namespace

std::uint64_t Bounce::way(std::uint64_t plane) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(speed) * plane + phase) % (span * 2));
}

double Bounce::position(std::uint64_t plane) const {
    if (span == 0)
        return low;
    const std::uint64_t made = way(plane);
    return low + static_cast<double>(made <= span ? made : 2 * span - made) / fixedOne;
}

double Bounce::velocity(std::uint64_t plane) const {
    if (span == 0)
        return 0;
    const double perPlane = static_cast<double>(speed) / fixedOne;
    return way(plane) < span ? perPlane : -perPlane;
}

MovingObject::MovingObject(PlaneShape shape, std::uint64_t seed, std::uint32_t index,
                           std::uint32_t count, double minSpeed, double maxSpeed) {
    Random random(randomAt(seed, 0x0B7EC7, index));
    const double side = std::min(shape.width, shape.height);
    radius_ = std::max(0.75, side * random.uniform(0.07, 0.13));
    form_ = static_cast<ObjectForm>((index + mixBits(seed)) % objectForms);
    setForm();
    setMotion(shape, random, minSpeed, maxSpeed);
    // Spread evenly, so that no two objects of a scene look alike.
    const double rank = (index + random.uniform(0.2, 0.8)) / std::max(1U, count);
    light_ = 0.58 + 0.27 * rank;
    contrast_ = random.uniform(0.03, 0.05);
    uWaves_ = random.uniform(1, 2.5) / radius_;
    vWaves_ = random.uniform(1, 2.5) / radius_;
}

void MovingObject::setForm() {
    const double r = radius_;
    const auto rectangle = [](double a, double b) {
        return Polygon{{{-a, -b}, {a, -b}, {a, b}, {-a, b}}};
    };
    const auto triangle = [r](double sign) {
        return Polygon{{{0, -r * sign},
                        {r * sign * 0.8660254, r * sign / 2},
                        {-r * sign * 0.8660254, r * sign / 2}}};
    };
    switch (form_) {
    case ObjectForm::Disc:
        break;
    case ObjectForm::Rectangle:
        polygons_ = {rectangle(0.85 * r, 0.5 * r)};
        break;
    case ObjectForm::Triangle:
        polygons_ = {triangle(1)};
        break;
    case ObjectForm::Star:
        polygons_ = {triangle(1), triangle(-1)};
        break;
    case ObjectForm::Cross:
        polygons_ = {rectangle(0.92 * r, 0.36 * r), rectangle(0.36 * r, 0.92 * r)};
        break;
    }
}

void MovingObject::setMotion(PlaneShape shape, Random &random, double minSpeed, double maxSpeed) {
    const double speed = random.uniform(minSpeed, maxSpeed);
    planesPerStep_ = longestStep;
    while (planesPerStep_ > 1 && speed * planesPerStep_ > 1)
        planesPerStep_ /= 2;
    // 15 to 75 degrees against the axes, so that every object sees both pairs of walls.
    const auto heading = static_cast<std::uint32_t>(random.uniform(15, 75) / 360 * fixedOne);
    const auto setAxis = [&](Bounce &axis, double side, double share) {
        axis.span = toFixed(side - 2 * radius_);
        axis.low = axis.span == 0 ? side / 2 : radius_;
        axis.phase = axis.span == 0 ? 0 : random.below(axis.span * 2);
        axis.speed = toFixed(speed * share);
    };
    setAxis(x_, shape.width, cosineOfTurns(heading));
    setAxis(y_, shape.height, sineOfTurns(heading));
    angle_ = static_cast<std::uint32_t>(random());
    // The rim turns at a tenth to four tenths of the speed of flight.
    const double turn = random.uniform(0.1, 0.4) * speed / (twoPi * radius_);
    turn_ = static_cast<std::uint32_t>(turn * fixedOne);
    if (random.below(2) == 1)
        turn_ = 0U - turn_;
}

DrawnObject MovingObject::drawnAt(std::uint64_t plane, PlaneShape shape) const {
    const double c = cosineOfTurns(angle(plane));
    const double s = sineOfTurns(angle(plane));
    DrawnObject drawn;
    drawn.at = plane;
    drawn.cx = static_cast<float>(x_.position(plane));
    drawn.cy = static_cast<float>(y_.position(plane));
    drawn.radius = static_cast<float>(radius_);
    drawn.parts = static_cast<std::uint32_t>(polygons_.size());
    for (std::size_t p = 0; p < polygons_.size(); ++p) {
        const std::vector<Point> &corners = polygons_[p].corners;
        drawn.edges = static_cast<std::uint32_t>(corners.size());
        for (std::size_t e = 0; e < corners.size(); ++e) {
            const Point &from = corners[e];
            const Point &to = corners[(e + 1) % corners.size()];
            const double dx = to.x - from.x;
            const double dy = to.y - from.y;
            const double length = std::sqrt(dx * dx + dy * dy);
            const double nx = dy / length;  // corners run so that this points outwards
            const double ny = -dx / length;
            drawn.part[p].nx[e] = static_cast<float>(c * nx - s * ny);
            drawn.part[p].ny[e] = static_cast<float>(s * nx + c * ny);
            drawn.part[p].offset[e] = static_cast<float>(nx * from.x + ny * from.y);
        }
    }
    drawn.ux = static_cast<float>(c * uWaves_);
    drawn.uy = static_cast<float>(s * uWaves_);
    drawn.vx = static_cast<float>(-s * vWaves_);
    drawn.vy = static_cast<float>(c * vWaves_);
    drawn.light = static_cast<float>(light_);
    drawn.contrast = static_cast<float>(contrast_);
    // Soft edges reach half a pixel out, and a little more at sharp corners.
    const Box box = boxAt(plane);
    const auto cut = [](double value, std::uint32_t side) {
        return std::clamp(static_cast<int>(value), 0, static_cast<int>(side));
    };
    drawn.left = cut(std::floor(box.x) - 2, shape.width);
    drawn.top = cut(std::floor(box.y) - 2, shape.height);
    drawn.right = cut(std::ceil(box.x + box.w) + 2, shape.width);
    drawn.bottom = cut(std::ceil(box.y + box.h) + 2, shape.height);
    return drawn;
}

Box MovingObject::boxAt(std::uint64_t plane) const {
    const double cx = x_.position(plane);
    const double cy = y_.position(plane);
    double left = polygons_.empty() ? -radius_ : 0;
    double top = left, right = -left, bottom = -left;
    const double c = cosineOfTurns(angle(plane));
    const double s = sineOfTurns(angle(plane));
    for (const Polygon &polygon : polygons_)
        for (const Point &corner : polygon.corners) {
            const double x = c * corner.x - s * corner.y;
            const double y = s * corner.x + c * corner.y;
            left = std::min(left, x);
            right = std::max(right, x);
            top = std::min(top, y);
            bottom = std::max(bottom, y);
        }
    return {static_cast<float>(cx + left), static_cast<float>(cy + top),
            static_cast<float>(right - left), static_cast<float>(bottom - top)};
}

bool covers(const DrawnObject &object, double x, double y) {
    const double dx = x - static_cast<double>(object.cx);
    const double dy = y - static_cast<double>(object.cy);
    if (object.parts == 0)
        return dx * dx + dy * dy <= static_cast<double>(object.radius * object.radius);
    for (std::uint32_t p = 0; p < object.parts; ++p) {
        const DrawnObject::Part &part = object.part[p];
        bool inside = true;
        for (std::uint32_t e = 0; e < object.edges; ++e)
            inside = inside &&
                     static_cast<double>(part.nx[e]) * dx + static_cast<double>(part.ny[e]) * dy <=
                         static_cast<double>(part.offset[e]);
        if (inside)
            return true;
    }
    return false;
}

}  // namespace fovea::synthetic
