// SPDX-License-Identifier: Apache-2.0
// Recordings of event cameras as what training takes: planes of what became brighter and darker.
#pragma once

#include "app/fovea-train/recipe.h"
#include "datasets/event_file.h"

namespace fovea {

/// N-MNIST: a sample's time is cut into `steps` equal parts, a step has two planes of 34x34 pixels,
/// 1 where any event made the pixel brighter or darker in that part.
///
/// Threads: fill() from any number at once.
class EventSamples final : public SampleSource {
public:
    static constexpr std::uint32_t side = 34;

    /// Reads all files; moved by up to data.shift pixels where `augment`. BadFile names what does
    /// not fit.
    [[nodiscard]] static Result<std::unique_ptr<EventSamples>>
    open(const std::vector<LabelledEventFile> &files, const DataRecipe &data, bool augment);

    [[nodiscard]] std::size_t size() const override { return labels_.size(); }
    [[nodiscard]] SignalShape inputShape() const override {
        return SignalShape::of({2, side, side});
    }
    [[nodiscard]] std::size_t steps() const override { return steps_; }
    [[nodiscard]] std::size_t targetSize() const override { return 1; }
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override;

private:
    EventSamples(const DataRecipe &data, bool augment)
        : steps_(data.steps), shift_(augment ? static_cast<int>(data.shift) : 0) {}
    [[nodiscard]] std::size_t words() const { return (steps_ * 2 * side * side + 63) / 64; }

    std::size_t steps_;
    int shift_;
    std::vector<std::uint64_t> bits_;  ///< a sample's steps, both planes, rows, pixels
    std::vector<std::uint8_t> labels_;
};

}  // namespace fovea
