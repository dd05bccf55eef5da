// SPDX-License-Identifier: Apache-2.0
// The synthetic spike sensor: integrate-and-fire pixels in front of a scene.
#pragma once

#include "drivers/synthetic/scene.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace fovea::synthetic {

/// Every pixel gathers light, fires when it has reached its threshold (at most once in a plane),
/// and keeps what is beyond it (as the simulators of SpikeCV, threshold subtracted), with photon
/// noise (variance proportional to light), dark current, gain and threshold mismatch, dead and hot
/// pixels.
///
/// Charge is a 16-bit integer with the threshold at 65536, so a spike is the carry of an addition.
/// A threshold t instead of 1 is a gain of 1 / t on all that a pixel gathers.
/// Planes must be exposed in ascending order; numbers may be left out (lost planes), the pixels
/// then go on from where they were.
/// Threads: one.
class Sensor {
public:
    /// `scene` must outlive the sensor.
    Sensor(const Scene &scene, const SyntheticSettings &settings);

    /// Fills the planes first, first + 1, ... (wordStride() words each).
    void expose(std::uint64_t first, std::span<std::uint64_t *const> planes);

private:
    struct Span {
        int begin, end;
    };
    struct Area {
        int left, right, top, bottom;
    };
    void makePixels(const SyntheticSettings &settings);
    void makeNoise(std::uint64_t seed);
    void exposeStep(std::uint64_t first, std::span<std::uint64_t *const> planes);
    void showScene(std::uint64_t plane);
    void refreshRow(int y);
    void refreshSpan(int y, Span span);

    const Scene &scene_;
    Kernels kernels_;
    bool redrawAll_;
    std::uint64_t seed_;
    float shotScale_ = 0;
    std::vector<float> gain_, dark_;  ///< by pixel, see PixelRow
    std::vector<std::uint32_t> hot_;  ///< pixels
    std::vector<SensorTile> tiles_;
    std::unique_ptr<NoiseTable> noise_;
    std::vector<DrawnObject> shown_;  ///< what the light in the tiles shows
    bool blank_ = true;               ///< nothing shown yet
    std::vector<Area> moved_;         ///< areas to draw anew
    std::vector<float> rowLight_;
    std::vector<std::uint16_t> rowFull_, rowShot_;
    std::vector<Span> spans_;
};

}  // namespace fovea::synthetic
