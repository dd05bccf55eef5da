// SPDX-License-Identifier: Apache-2.0
// Joins pieces where something lies across their border.
#include "datasets/byte_window.h"

namespace fovea {

const std::uint8_t *ByteWindow::view(std::size_t from, std::size_t bytes) {
    from += at_;
    if (from >= own_)
        return piece_.data() + (from - own_);
    if (from + bytes > carry_.size()) {
        const std::size_t copied = carry_.size() - own_;
        carry_.insert(carry_.end(), piece_.begin() + static_cast<std::ptrdiff_t>(copied),
                      piece_.begin() + static_cast<std::ptrdiff_t>(from + bytes - own_));
    }
    return carry_.data() + from;
}

void ByteWindow::keepRest() {
    if (at_ < own_) {
        carry_.resize(own_);
        carry_.erase(carry_.begin(), carry_.begin() + static_cast<std::ptrdiff_t>(at_));
        carry_.insert(carry_.end(), piece_.begin(), piece_.end());
    } else {
        carry_.assign(piece_.begin() + static_cast<std::ptrdiff_t>(at_ - own_), piece_.end());
    }
    own_ = carry_.size();
    at_ = 0;
    piece_ = {};
}

}  // namespace fovea
