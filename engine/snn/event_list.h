// SPDX-License-Identifier: Apache-2.0
// Which rows of a convolution's weights an output adds up.
#pragma once

#include "engine/snn/conv_form.h"
#include "engine/snn/spike_grid.h"

namespace fovea {

/// The places that one output sees.
class SeenPlaces {
public:
    void find(const ConvForm &form, std::size_t y, std::size_t x);
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] std::uint32_t tap(std::size_t i) const { return taps_[i]; }
    [[nodiscard]] std::size_t pixel(std::size_t i) const { return pixels_[i]; }

private:
    std::vector<std::uint32_t> taps_, pixels_;
    std::size_t count_ = 0;
};

/// Rows (channel of the group x taps + tap) of what is not zero, and its value where that is not 1.
class EventList {
public:
    [[nodiscard]] std::span<const std::uint32_t> rows() const { return {rows_.data(), count_}; }
    /// One a row, or none when all are 1.
    [[nodiscard]] std::span<const float> factors() const {
        return {factors_.data(), scaled_ ? count_ : 0};
    }
    /// Spikes of a group in one step, in the order of the weights.
    void list(const ConvForm &form, const SeenPlaces &seen, const SpikeGrid &in, std::size_t sample,
              std::size_t step, std::size_t group);
    /// Numbers of one sample and step, in the order of the weights.
    void list(const ConvForm &form, const SeenPlaces &seen, const float *values, std::size_t group);

private:
    void begin(std::size_t most);

    std::vector<std::uint32_t> rows_;
    std::vector<float> factors_;
    std::size_t count_ = 0;
    bool scaled_ = false;
    std::vector<std::uint64_t> tapsOf_;  ///< taps at which a channel fired
};

}  // namespace fovea
