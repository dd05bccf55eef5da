// SPDX-License-Identifier: Apache-2.0
// Events into bits, bits into planes.
#include "app/fovea-train/event_samples.h"

#include "engine/core/plane_bits.h"
#include "engine/core/random.h"

#include <algorithm>

namespace fovea {

Result<std::unique_ptr<EventSamples>>
EventSamples::open(const std::vector<LabelledEventFile> &files, const DataRecipe &data,
                   bool augment) {
    std::unique_ptr<EventSamples> samples(new EventSamples(data, augment));
    samples->bits_.assign(files.size() * samples->words(), 0);
    std::uint64_t *bits = samples->bits_.data();
    for (const LabelledEventFile &file : files) {
        const auto events = readEvents(file.path);
        if (!events)
            return tl::make_unexpected(events.error());
        std::uint64_t end = 1;
        for (const SensorEvent &event : *events)
            end = std::max<std::uint64_t>(end, std::uint64_t{event.microseconds} + 1);
        for (const SensorEvent &event : *events) {
            if (event.x >= side || event.y >= side)
                return fail(ErrorCode::BadFile, "{}: an event at {},{}, expected {}x{} pixels",
                            file.path.string(), event.x, event.y, side, side);
            const std::size_t step = event.microseconds * samples->steps_ / end;
            setBit(bits, ((step * 2 + (event.brighter ? 0 : 1)) * side + event.y) * side + event.x);
        }
        samples->labels_.push_back(file.label);
        bits += samples->words();
    }
    return samples;
}

void EventSamples::fill(std::size_t index, std::uint64_t seed, std::span<float> input,
                        std::span<float> target) const {
    Random random(seed);
    const auto draw = [&] {
        return static_cast<int>(random.below(2 * static_cast<std::uint64_t>(shift_) + 1)) - shift_;
    };
    const int dx = draw(), dy = draw();
    target[0] = labels_[index];
    const std::uint64_t *const bits = bits_.data() + index * words();
    constexpr int end = side;
    std::size_t at = 0;
    for (std::size_t plane = 0; plane < 2 * steps_; ++plane)
        for (int y = 0; y < end; ++y)
            for (int x = 0; x < end; ++x) {
                const int fromX = x - dx, fromY = y - dy;
                const bool inside = fromX >= 0 && fromX < end && fromY >= 0 && fromY < end;
                const std::size_t row = plane * side + static_cast<std::size_t>(fromY);
                input[at++] = inside && testBit(bits, row * side + static_cast<std::size_t>(fromX))
                                  ? 1.0F
                                  : 0.0F;
            }
}

}  // namespace fovea
