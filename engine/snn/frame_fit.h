// SPDX-License-Identifier: Apache-2.0
// Planes of a camera for a network of another size: cropped, resized or cut into tiles.
#pragma once

#include "engine/core/plane_bits.h"
#include "engine/snn/model_settings.h"

#include <vector>

namespace fovea {

/// Where the network looks, and how planes get there. Cropped planes and tiles stay spikes, packed;
/// resized ones become means.
///
/// - Exact: the sizes are equal.
/// - Crop: the middle of the picture; the network is not larger than it.
/// - Resize: input pixel i of n covers columns floor(i * width / n) to floor((i + 1) * width / n),
///   at least one, and is the mean of what it covers; rows alike.
/// - Tiles: as few as cover the picture, evenly spread, the last ones ending at its border.
///
/// Threads: any number may use it.
class FrameFit {
public:
    static constexpr std::size_t maxTiles = 4096;

    /// Usage names both sizes and what would do.
    [[nodiscard]] static Result<FrameFit> make(PlaneShape camera, PlaneShape network, ModelFit fit);

    struct Place {
        std::uint32_t x = 0;
        std::uint32_t y = 0;
        friend bool operator==(const Place &, const Place &) = default;
    };
    /// Left top corners in the picture, one a sample of the network's batch.
    [[nodiscard]] const std::vector<Place> &tiles() const { return tiles_; }
    /// Pixels of the picture that an input pixel stands for.
    [[nodiscard]] double scaleX() const { return scaleX_; }
    [[nodiscard]] double scaleY() const { return scaleY_; }
    [[nodiscard]] PlaneShape camera() const { return camera_; }
    [[nodiscard]] PlaneShape network() const { return network_; }
    /// Taken planes are planes of the network, bit-packed.
    [[nodiscard]] bool keepsSpikes() const { return fit_ != ModelFit::Resize; }

    /// 64-bit words of a taken plane: one plane of the network's shape for each tile, or the
    /// camera's plane where it is resized.
    [[nodiscard]] std::size_t takenWords() const;
    /// Takes what the network needs of a camera's plane.
    void take(const std::uint64_t *plane, std::uint64_t *taken) const;
    /// Tile `tile` of a taken plane; where spikes are kept.
    [[nodiscard]] const std::uint64_t *tile(const std::uint64_t *taken, std::size_t tile) const {
        return taken + tile * network_.wordStride();
    }
    /// Adds the taken plane's spikes (means where it is resized) to `values`, one an input pixel.
    void add(const std::uint64_t *taken, std::size_t tile, std::span<float> values) const;

private:
    FrameFit(PlaneShape camera, PlaneShape network, ModelFit fit);
    void addMeans(const std::uint64_t *plane, std::span<float> values) const;

    PlaneShape camera_;
    PlaneShape network_;
    ModelFit fit_;
    std::vector<Place> tiles_;
    double scaleX_ = 1;
    double scaleY_ = 1;
};

}  // namespace fovea
