// SPDX-License-Identifier: Apache-2.0
// The generator's scenes as what training takes: planes in, boxes with classes out.
#pragma once

#include "app/fovea-train/recipe.h"

namespace fovea {

/// Scenes without end, each seen once for `channels` planes by a sensor of its own; the input is
/// the mean rate of each pixel, the target a grid of the boxes that are true in the middle
/// (engine/train/box_grid.h). Sensor noise, light (one in four flickers), speed, number of objects
/// and disturbance are drawn for each sample.
///
/// Threads: fill() from any number at once.
class ObjectScenes final : public SampleSource {
public:
    /// `data` has passed check().
    ObjectScenes(const DataRecipe &data, std::size_t size) : data_(data), size_(size) {}
    /// Usage names what a scene cannot be like.
    [[nodiscard]] static Result<void> check(const DataRecipe &data);

    void setGrid(std::size_t columns, std::size_t rows) {
        columns_ = columns;
        rows_ = rows;
    }
    [[nodiscard]] std::size_t size() const override { return size_; }
    [[nodiscard]] SignalShape inputShape() const override {
        return SignalShape::of({1, data_.size.height, data_.size.width});
    }
    [[nodiscard]] std::size_t steps() const override { return 0; }
    [[nodiscard]] std::size_t targetSize() const override;
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override;

private:
    DataRecipe data_;
    std::size_t size_;
    std::size_t columns_ = 1, rows_ = 1;
};

}  // namespace fovea
