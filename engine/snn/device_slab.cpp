// SPDX-License-Identifier: Apache-2.0
// Places of arrays, and their content on its way.
#include "engine/snn/device_slab.h"

#include <algorithm>
#include <utility>

namespace fovea {

std::size_t DeviceSlab::take(std::size_t bytes) {
    constexpr std::size_t alignment = 256;
    const std::size_t at = bytes_;
    bytes_ += (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
    return at;
}

void DeviceSlab::settle(DeviceWork &work) {
    constexpr std::size_t most = std::size_t{16} << 20;
    memory_ = work.onDevice<std::uint8_t>(bytes_);
    if (!content_.empty()) {
        const auto pinned = work.pinned<std::uint8_t>(std::min(most, content_.size()));
        for (std::size_t done = 0; done < content_.size() && !work.failed(); done += most) {
            const std::size_t some = std::min(most, content_.size() - done);
            std::memcpy(pinned.get(), content_.data() + done, some);
            work.copy(DeviceStream::Upload, memory_.get() + done, std::as_const(pinned).get(),
                      some);
            (void)work.finishAll();
        }
    }
    if (memory_.get() != nullptr)  // else the device failed, and nothing reads the arrays
        for (const auto &set : later_)
            set(memory_.get());
    later_.clear();
    content_ = {};
}

}  // namespace fovea
