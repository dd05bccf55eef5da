// SPDX-License-Identifier: Apache-2.0
// What the synthetic camera looks at, and the truth about it.
#pragma once

#include "drivers/synthetic/moving_object.h"
#include "drivers/synthetic/settings.h"
#include "engine/core/spike_source.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea::synthetic {

/// A textured background, objects in front of it (a higher id hides a lower one), and a light that
/// falls on all of it.
///
/// Objects move in steps of at most a pixel, on a grid of absolute plane numbers (a fast one every
/// 4 planes at 40 kHz); sensor and truth see the same steps.
///
/// Truth: objectsAt() gives the tight box of each whole object, cut at the edge of the picture (the
/// objects bounce inside it, so the cut is rarely needed), its id from 1, its form as label and its
/// velocity. An object is left out while objects before it hide more than 70 % of its area.
///
/// Threads: any; immutable once made. Settings must have passed check().
class Scene final : public GroundTruth {
public:
    explicit Scene(const SyntheticSettings &settings);
    /// A still picture in place of background and objects: `light` of each pixel of settings.shape,
    /// in spikes per plane.
    Scene(const SyntheticSettings &settings, std::span<const float> light);

    [[nodiscard]] TrackSet objectsAt(std::uint64_t plane) const override;
    [[nodiscard]] Picture pictureAt(std::uint64_t plane) const override;

    [[nodiscard]] PlaneShape shape() const { return shape_; }
    /// Nothing changes between two multiples of this.
    [[nodiscard]] std::uint32_t planesPerStep() const { return planesPerStep_; }
    /// Objects as they are at `plane`, farthest first.
    [[nodiscard]] std::vector<DrawnObject> drawnAt(std::uint64_t plane) const;
    /// Light of pixels [x, x + count) of row y under full light; `light` has rowPadding floats
    /// of room beyond.
    void drawSpan(const std::vector<DrawnObject> &objects, const Kernels &kernels, int x, int y,
                  std::size_t count, float *light) const;
    /// Share of the full light that is on at `plane`, 0 to 1.
    [[nodiscard]] double lightAt(std::uint64_t plane) const;

private:
    void setLight(const SyntheticSettings &settings);
    void paintBackground(std::uint64_t seed);
    [[nodiscard]] double hiddenShare(const std::vector<DrawnObject> &drawn, std::size_t index,
                                     const Box &box) const;

    PlaneShape shape_;
    std::uint32_t planesPerStep_ = 1;
    std::vector<MovingObject> objects_;
    std::vector<float> background_;  ///< one per pixel, rowPadding more at the end
    std::uint32_t lightStep_ = 1;    ///< planes for which the light stays
    double lightDepth_ = 0;
    std::uint64_t lightTurn_ = 0;  ///< turns of 2^-64 per plane
};

}  // namespace fovea::synthetic
