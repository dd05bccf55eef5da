// SPDX-License-Identifier: Apache-2.0
// Walking over the bits of the places that are seen.
#include "engine/snn/event_list.h"

#include <bit>

namespace fovea {

namespace {

/// Calls `each` with the bits of channels [first, last), counted from `first`.
template <class Each>
void eachSpike(const std::uint64_t *words, std::size_t first, std::size_t last, Each &&each) {
    for (std::size_t w = first / 64; w * 64 < last; ++w) {
        std::uint64_t bits = words[w];
        if (w * 64 < first)
            bits &= ~std::uint64_t{0} << (first % 64);
        if (last - w * 64 < 64)
            bits &= (std::uint64_t{1} << (last - w * 64)) - 1;
        for (; bits != 0; bits &= bits - 1)
            each(w * 64 + static_cast<std::size_t>(std::countr_zero(bits)) - first);
    }
}

}  // namespace

void SeenPlaces::find(const ConvForm &form, std::size_t y, std::size_t x) {
    taps_.resize(form.taps());
    pixels_.resize(form.taps());
    count_ = 0;
    for (std::uint32_t ky = 0; ky < form.kernel.height; ++ky)
        for (std::uint32_t kx = 0; kx < form.kernel.width; ++kx) {
            // Below the top or left edge the difference wraps and is beyond the side.
            const std::size_t row =
                y * form.stride.height + std::size_t{ky} * form.dilation.height - form.top;
            const std::size_t column =
                x * form.stride.width + std::size_t{kx} * form.dilation.width - form.left;
            taps_[count_] = ky * form.kernel.width + kx;
            pixels_[count_] = static_cast<std::uint32_t>(row * form.in.width + column);
            count_ += row < form.in.height && column < form.in.width ? 1 : 0;
        }
}

void EventList::begin(std::size_t most) {
    if (rows_.size() < most)
        rows_.resize(most);
    count_ = 0;
    scaled_ = false;
}

void EventList::list(const ConvForm &form, const SeenPlaces &seen, const SpikeGrid &in,
                     std::size_t sample, std::size_t step, std::size_t group) {
    begin(form.rows());
    const std::size_t first = group * form.groupInputs();
    const std::size_t last = first + form.groupInputs();
    const auto taps = static_cast<std::uint32_t>(form.taps());
    std::uint32_t *next = rows_.data();
    const auto words = [&](std::size_t i) { return in.at(sample, seen.pixel(i), step); };
    if (seen.size() == 1) {
        for (std::size_t i = 0; i < seen.size(); ++i)
            eachSpike(words(i), first, last, [&](std::size_t c) {
                *next++ = static_cast<std::uint32_t>(c) * taps + seen.tap(i);
            });
    } else {
        // Words of 64 places at a time for each channel, so that its taps come together.
        const std::size_t pieces = (seen.size() + 63) / 64;
        tapsOf_.assign(form.groupInputs() * pieces, 0);
        for (std::size_t i = 0; i < seen.size(); ++i)
            eachSpike(words(i), first, last, [&](std::size_t c) {
                tapsOf_[c * pieces + i / 64] |= std::uint64_t{1} << (i % 64);
            });
        for (std::size_t c = 0; c < form.groupInputs(); ++c)
            eachSpike(tapsOf_.data() + c * pieces, 0, seen.size(), [&](std::size_t i) {
                *next++ = static_cast<std::uint32_t>(c) * taps + seen.tap(i);
            });
    }
    count_ = static_cast<std::size_t>(next - rows_.data());
}

void EventList::list(const ConvForm &form, const SeenPlaces &seen, const float *values,
                     std::size_t group) {
    // One more: what is left out is written, too.
    begin(form.rows() + 1);
    if (factors_.size() < form.rows() + 1)
        factors_.resize(form.rows() + 1);
    scaled_ = true;
    const std::size_t pixels = form.in.height * form.in.width;
    for (std::size_t c = 0; c < form.groupInputs(); ++c) {
        const float *channel = values + (group * form.groupInputs() + c) * pixels;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            const float value = channel[seen.pixel(i)];
            rows_[count_] = static_cast<std::uint32_t>(c * form.taps()) + seen.tap(i);
            factors_[count_] = value;
            count_ += value != 0 ? 1 : 0;
        }
    }
}

}  // namespace fovea
