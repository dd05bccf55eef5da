// SPDX-License-Identifier: Apache-2.0
// Many small arrays in one piece of device memory.
#pragma once

#include "engine/cuda/device_work.h"

#include <cstring>
#include <functional>
#include <span>
#include <vector>

namespace fovea {

/// Arrays are asked for first, then settle() makes the memory and writes where each lies into the
/// pointers that were given; these must stay where they are until then.
///
/// Threads: one at a time.
class DeviceSlab {
public:
    /// `count` zeros.
    template <class T> void reserve(T *&field, std::size_t count) {
        const std::size_t at = take(count * sizeof(T));
        later_.emplace_back(
            [&field, at](std::uint8_t *base) { field = reinterpret_cast<T *>(base + at); });
    }
    template <class T> void put(const T *&field, std::span<const T> values) {
        const std::size_t at = take(values.size_bytes());
        content_.resize(at + values.size_bytes());
        if (!values.empty())
            std::memcpy(content_.data() + at, values.data(), values.size_bytes());
        later_.emplace_back(
            [&field, at](std::uint8_t *base) { field = reinterpret_cast<const T *>(base + at); });
    }
    /// Waits until all is there.
    void settle(DeviceWork &work);

    [[nodiscard]] std::uint8_t *memory() const { return memory_.get(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    /// Where an array of that many bytes begins.
    std::size_t take(std::size_t bytes);

    std::vector<std::uint8_t> content_;
    std::vector<std::function<void(std::uint8_t *)>> later_;
    std::size_t bytes_ = 0;
    DeviceArray<std::uint8_t> memory_;
};

}  // namespace fovea
