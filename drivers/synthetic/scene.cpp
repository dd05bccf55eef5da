// SPDX-License-Identifier: Apache-2.0
// Background, objects, light and truth of the synthetic scene.
#include "drivers/synthetic/scene.h"

#include "drivers/synthetic/portable_math.h"

#include <algorithm>
#include <cmath>

namespace fovea::synthetic {

namespace {

constexpr double maxHidden = 0.7;
constexpr std::uint32_t maxStep = maxExposure;

/// The plane in the middle of a step stands for all of it.
std::uint64_t middleOfStep(std::uint64_t plane, std::uint32_t planesPerStep) {
    return plane - plane % planesPerStep + planesPerStep / 2;
}

/// Smooth random field between 0 and 1 with a cell of `cell` pixels.
double valueNoise(std::uint64_t seed, double x, double y, double cell) {
    const double cx = x / cell;
    const double cy = y / cell;
    const auto ix = static_cast<std::uint64_t>(cx);
    const auto iy = static_cast<std::uint64_t>(cy);
    const auto ease = [](double t) { return t * t * (3 - 2 * t); };
    const double fx = ease(cx - static_cast<double>(ix));
    const double fy = ease(cy - static_cast<double>(iy));
    const auto knot = [&](std::uint64_t kx, std::uint64_t ky) {
        return unitInterval(randomAt(seed, kx, ky));
    };
    const double top = knot(ix, iy) * (1 - fx) + knot(ix + 1, iy) * fx;
    const double bottom = knot(ix, iy + 1) * (1 - fx) + knot(ix + 1, iy + 1) * fx;
    return top * (1 - fy) + bottom * fy;
}

}  // namespace

Scene::Scene(const SyntheticSettings &settings) : shape_(settings.shape) {
    // Nothing moves by more than a pixel in a plane.
    const double fastest = settings.maxSpeed / settings.planeRateHz;
    const double perPlane = std::min(1.0, 1 / fastest) / settings.planeRateHz;
    planesPerStep_ = maxStep;
    for (std::uint32_t i = 0; i < settings.objects; ++i) {
        objects_.emplace_back(shape_, settings.seed, i, settings.objects,
                              settings.minSpeed * perPlane, settings.maxSpeed * perPlane);
        planesPerStep_ = std::min(planesPerStep_, objects_.back().planesPerStep());
    }
    if (settings.light != SceneLight::Constant)
        setLight(settings);
    paintBackground(settings.seed);
}

Scene::Scene(const SyntheticSettings &settings, std::span<const float> light)
    : shape_(settings.shape), planesPerStep_(maxStep), background_(light.begin(), light.end()) {
    if (settings.light != SceneLight::Constant)
        setLight(settings);
    background_.resize(shape_.pixels() + rowPadding, 0);
}

void Scene::setLight(const SyntheticSettings &settings) {
    const double hz =
        settings.light == SceneLight::Drift ? settings.lightHz / 50 : settings.lightHz;
    const double turns = hz / settings.planeRateHz;
    lightTurn_ = static_cast<std::uint64_t>(turns * 0x1.0p64);
    lightDepth_ = settings.lightDepth;
    // 32 steps in a period: the light has no visible stairs.
    lightStep_ = maxStep;
    while (lightStep_ > 1 && turns * lightStep_ > 1.0 / 32)
        lightStep_ /= 2;
    planesPerStep_ = std::min(planesPerStep_, lightStep_);
}

void Scene::paintBackground(std::uint64_t seed) {
    background_.assign(shape_.pixels() + rowPadding, 0);
    const double side = std::min(shape_.width, shape_.height);
    const double coarse = std::max(2.0, side / 4);
    const double fine = std::max(1.5, side / 25);
    std::size_t p = 0;
    for (std::uint32_t y = 0; y < shape_.height; ++y)
        for (std::uint32_t x = 0; x < shape_.width; ++x) {
            const double light = 0.10 + 0.13 * valueNoise(mixBits(seed ^ 1), x, y, coarse) +
                                 0.09 * valueNoise(mixBits(seed ^ 2), x, y, fine) +
                                 0.04 * valueNoise(mixBits(seed ^ 3), x, y, 2);
            background_[p++] = static_cast<float>(light);
        }
}

std::vector<DrawnObject> Scene::drawnAt(std::uint64_t plane) const {
    std::vector<DrawnObject> drawn;
    drawn.reserve(objects_.size());
    for (const MovingObject &object : objects_)
        drawn.push_back(object.drawnAt(middleOfStep(plane, object.planesPerStep()), shape_));
    return drawn;
}

void Scene::drawSpan(const std::vector<DrawnObject> &objects, const Kernels &kernels, int x, int y,
                     std::size_t count, float *light) const {
    const int end = x + static_cast<int>(count);
    const auto row = static_cast<std::size_t>(y) * shape_.width;
    std::copy_n(background_.data() + row + static_cast<std::size_t>(x), count, light);
    std::fill_n(light + count, rowPadding, 0.0F);
    for (const DrawnObject &object : objects) {
        const int from = std::max(x, object.left);
        const int to = std::min(end, object.right);
        if (y >= object.top && y < object.bottom && from < to)
            kernels.drawRow(object, from, y, static_cast<std::size_t>(to - from),
                            light + (from - x));
    }
}

double Scene::lightAt(std::uint64_t plane) const {
    if (lightDepth_ == 0)
        return 1;
    const std::uint64_t phase = middleOfStep(plane, lightStep_) * lightTurn_;
    return 1 - lightDepth_ * (0.5 - 0.5 * cosineOfTurns(static_cast<std::uint32_t>(phase >> 32)));
}

Picture Scene::pictureAt(std::uint64_t plane) const {
    const std::vector<DrawnObject> objects = drawnAt(plane);
    const double level = lightAt(plane) * 255;
    Picture picture{shape_, plane, std::vector<std::uint8_t>(shape_.pixels())};
    std::vector<float> row(shape_.width + 2 * rowPadding);
    const Kernels kernels = fastKernels();
    std::size_t p = 0;
    for (std::uint32_t y = 0; y < shape_.height; ++y) {
        drawSpan(objects, kernels, 0, static_cast<int>(y), shape_.width, row.data());
        for (std::uint32_t x = 0; x < shape_.width; ++x)
            picture.grey[p++] = static_cast<std::uint8_t>(
                std::min(255.0, static_cast<double>(row[x]) * level + 0.5));
    }
    return picture;
}

double Scene::hiddenShare(const std::vector<DrawnObject> &drawn, std::size_t index,
                          const Box &box) const {
    constexpr int samples = 24;
    int own = 0, hidden = 0;
    for (int i = 0; i < samples * samples; ++i) {
        const double x =
            static_cast<double>(box.x) + static_cast<double>(box.w) * (i % samples + 0.5) / samples;
        const double y =
            static_cast<double>(box.y) + static_cast<double>(box.h) * (i / samples + 0.5) / samples;
        if (!covers(drawn[index], x, y))
            continue;
        ++own;
        hidden += std::any_of(drawn.begin() + static_cast<std::ptrdiff_t>(index) + 1, drawn.end(),
                              [&](const DrawnObject &nearer) { return covers(nearer, x, y); })
                      ? 1
                      : 0;
    }
    return own == 0 ? 0 : static_cast<double>(hidden) / own;
}

TrackSet Scene::objectsAt(std::uint64_t plane) const {
    const std::vector<DrawnObject> drawn = drawnAt(plane);
    TrackSet truth{plane, {}};
    for (std::size_t i = 0; i < objects_.size(); ++i) {
        const MovingObject &object = objects_[i];
        const std::uint64_t at = drawn[i].at;
        const Box box = object.boxAt(at);
        if (hiddenShare(drawn, i, box) > maxHidden)
            continue;
        Track track;
        track.id = static_cast<std::uint32_t>(i + 1);
        track.box.x = std::max(0.0F, box.x);
        track.box.y = std::max(0.0F, box.y);
        track.box.w = std::min(static_cast<float>(shape_.width), box.x + box.w) - track.box.x;
        track.box.h = std::min(static_cast<float>(shape_.height), box.y + box.h) - track.box.y;
        track.score = 1;
        track.label = static_cast<int>(object.form());
        track.vx = static_cast<float>(object.vx(at));
        track.vy = static_cast<float>(object.vy(at));
        truth.tracks.push_back(track);
    }
    return truth;
}

}  // namespace fovea::synthetic
