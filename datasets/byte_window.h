// SPDX-License-Identifier: Apache-2.0
// A stream that comes in pieces, seen as one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Bytes are copied only where something begins in one piece and ends in a later one.
///
/// Threads: one at a time.
class ByteWindow {
public:
    /// Bytes that follow all that came before; they must live until keepRest().
    void feed(std::span<const std::uint8_t> bytes) { piece_ = bytes; }
    /// The last piece may go: what is left of it is kept.
    void keepRest();
    [[nodiscard]] bool needsFood() const { return piece_.empty(); }

    /// Bytes that were not skipped.
    [[nodiscard]] std::size_t size() const { return own_ + piece_.size() - at_; }
    /// `bytes` bytes in one, `from` bytes from here on; until the next call of any other member
    /// that changes the window, or of view().
    [[nodiscard]] const std::uint8_t *view(std::size_t from, std::size_t bytes);
    void skip(std::size_t bytes) { at_ += bytes; }

private:
    std::vector<std::uint8_t> carry_;  ///< [0, own_) came before the piece, then copies of it
    std::size_t own_ = 0;
    std::span<const std::uint8_t> piece_;
    std::size_t at_ = 0;  ///< in the bytes of carry and piece one after the other
};

}  // namespace fovea
