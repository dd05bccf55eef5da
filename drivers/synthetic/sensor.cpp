// SPDX-License-Identifier: Apache-2.0
// Pixel properties, what has to be drawn anew, and exposure of the synthetic sensor.
#include "drivers/synthetic/sensor.h"

#include "engine/core/plane_bits.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace fovea::synthetic {

namespace {

enum Stream : std::uint64_t { Fault = 11, Gain, Threshold, Dark, Charge, Table, Plane };

/// Sum of four uniform numbers with mean 0 and deviation 1: near enough to normal, never beyond
/// 3.5, and the same on every machine.
double bell(std::uint64_t seed, Stream stream, std::uint64_t position) {
    double sum = -2;
    for (std::uint64_t i = 0; i < 4; ++i)
        sum += unitInterval(randomAt(seed, stream, position * 4 + i));
    return sum * 1.7320508075688772;
}

}  // namespace

Sensor::Sensor(const Scene &scene, const SyntheticSettings &settings)
    : scene_(scene), kernels_(settings.scalar ? scalarKernels() : fastKernels()),
      redrawAll_(settings.scalar), seed_(mixBits(settings.seed)) {
    // Uniform noise of width w has deviation w / sqrt(12); photons: sqrt(light / photons).
    if (settings.photonsPerSpike > 0)
        shotScale_ = static_cast<float>(65536 * std::sqrt(12 / settings.photonsPerSpike));
    makePixels(settings);
    makeNoise(settings.seed);
    const std::size_t row = scene.shape().width + 2 * rowPadding;
    rowLight_.resize(row);
    rowFull_.resize(row);
    rowShot_.resize(row);
}

void Sensor::makePixels(const SyntheticSettings &settings) {
    const std::size_t pixels = settings.shape.pixels();
    tiles_.resize(settings.shape.wordStride() * 64 / tilePixels);
    gain_.assign(pixels + rowPadding, 0);
    dark_.assign(pixels + rowPadding, 0);
    for (std::size_t p = 0; p < pixels; ++p) {
        const double fault = unitInterval(randomAt(seed_, Fault, p));
        if (fault < settings.hotShare)
            hot_.push_back(static_cast<std::uint32_t>(p));
        else if (1 - fault <= settings.deadShare)
            continue;  // dead: gathers nothing
        const double threshold = 1 + settings.thresholdSpread * bell(seed_, Threshold, p);
        const double gain = 1 + settings.gainSpread * bell(seed_, Gain, p);
        // Dark current differs widely: the mean of 3 u^2 is 1, a few pixels have three times that.
        const double u = unitInterval(randomAt(seed_, Dark, p));
        gain_[p] = static_cast<float>(gain / threshold);
        dark_[p] = static_cast<float>(settings.darkCurrent * 3 * u * u / threshold);
        SensorTile &tile = tiles_[p / tilePixels];
        tile.dark[p % tilePixels] = static_cast<std::uint16_t>(dark_[p] * 65536);
        tile.charge[p % tilePixels] = static_cast<std::uint16_t>(randomAt(seed_, Charge, p) >> 48);
    }
}

void Sensor::makeNoise(std::uint64_t seed) {
    noise_ = std::make_unique<NoiseTable>();
    auto &table = noise_->values;
    for (std::size_t i = 0; i < noiseSize / 2; ++i) {
        table[i] = static_cast<std::uint16_t>(randomAt(seed, Table, i) >> 48);
        table[i + noiseSize / 2] = static_cast<std::uint16_t>(65535 - table[i]);
    }
    std::copy_n(table.begin(), tilePixels, table.begin() + noiseSize);
}

void Sensor::expose(std::uint64_t first, std::span<std::uint64_t *const> planes) {
    const std::uint64_t step = scene_.planesPerStep();
    while (!planes.empty()) {
        const auto count = std::min<std::uint64_t>(planes.size(), step - first % step);
        exposeStep(first, planes.first(static_cast<std::size_t>(count)));
        planes = planes.subspan(static_cast<std::size_t>(count));
        first += count;
    }
}

void Sensor::exposeStep(std::uint64_t first, std::span<std::uint64_t *const> planes) {
    showScene(first);
    std::array<std::uint64_t, maxExposure> keys;
    for (std::size_t p = 0; p < planes.size(); ++p)
        keys[p] = randomAt(seed_, Plane, first + p);
    const double level = scene_.lightAt(first);
    Exposure exposure;
    exposure.planes = planes;
    exposure.noiseKeys = std::span(keys).first(planes.size());
    exposure.noise = noise_.get();
    exposure.level = static_cast<std::uint16_t>(level * 65535);
    exposure.rootLevel = static_cast<std::uint16_t>(std::sqrt(level) * 65535);
    kernels_.expose(tiles_, exposure);
    for (std::uint64_t *plane : planes)
        for (const std::uint32_t pixel : hot_)
            setBit(plane, pixel);
}

void Sensor::showScene(std::uint64_t plane) {
    std::vector<DrawnObject> objects = scene_.drawnAt(plane);
    const auto height = static_cast<int>(scene_.shape().height);
    int top = height, bottom = 0;
    moved_.clear();
    for (std::size_t i = 0; i < objects.size() && !blank_; ++i) {
        if (objects[i].at == shown_[i].at)
            continue;
        for (const DrawnObject &place : {objects[i], shown_[i]}) {
            moved_.push_back({place.left, place.right, place.top, place.bottom});
            top = std::min(top, place.top);
            bottom = std::max(bottom, place.bottom);
        }
    }
    if (blank_ || (redrawAll_ && !moved_.empty())) {
        moved_ = {{0, static_cast<int>(scene_.shape().width), 0, height}};
        top = 0;
        bottom = height;
    }
    shown_ = std::move(objects);
    blank_ = false;
    for (int y = top; y < bottom; ++y)
        refreshRow(y);
}

/// Draws anew what moving objects cover in this row now or covered before.
void Sensor::refreshRow(int y) {
    spans_.clear();
    for (const Area &area : moved_)
        if (y >= area.top && y < area.bottom && area.left < area.right)
            spans_.push_back({area.left, area.right});
    std::sort(spans_.begin(), spans_.end(),
              [](const Span &a, const Span &b) { return a.begin < b.begin; });
    for (std::size_t i = 0; i < spans_.size();) {
        Span joined = spans_[i++];
        while (i < spans_.size() && spans_[i].begin <= joined.end)
            joined.end = std::max(joined.end, spans_[i++].end);
        refreshSpan(y, joined);
    }
}

void Sensor::refreshSpan(int y, Span span) {
    const auto count = static_cast<std::size_t>(span.end - span.begin);
    scene_.drawSpan(shown_, kernels_, span.begin, y, count, rowLight_.data());
    const std::size_t pixel =
        static_cast<std::size_t>(y) * scene_.shape().width + static_cast<std::size_t>(span.begin);
    const PixelRow row{gain_.data() + pixel, dark_.data() + pixel};
    kernels_.toSensor(rowLight_.data(), row, shotScale_, count, rowFull_.data(), rowShot_.data());
    for (std::size_t done = 0; done < count;) {
        SensorTile &tile = tiles_[(pixel + done) / tilePixels];
        const std::size_t lane = (pixel + done) % tilePixels;
        const std::size_t part = std::min(count - done, tilePixels - lane);
        std::copy_n(rowFull_.data() + done, part, tile.light.data() + lane);
        std::copy_n(rowShot_.data() + done, part, tile.shot.data() + lane);
        done += part;
    }
}

}  // namespace fovea::synthetic
