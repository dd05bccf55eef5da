// SPDX-License-Identifier: Apache-2.0
// Keeps the card's stream flowing: a thread that is in the vendor's library, and the bytes it
// brought.
#pragma once

#include "drivers/pcie/vendor_library.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

struct CardSettings {
    std::string library = jr6101::library;
    std::string node = jr6101::node;  ///< whose absence explains why nothing works
    std::uint32_t version = 1;        ///< whole part of the library's version; 0: any
    /// Bytes that a late reader may leave waiting: 0.1 s at 20 kHz.
    std::size_t bufferBytes = 256 << 20;
    std::chrono::milliseconds openPatience{3000};  ///< with a library that does not come back
    std::chrono::milliseconds watchdog{150};       ///< no bytes for so long: the card is lost
};

struct CardCounts {
    std::uint64_t blocks = 0;  ///< that brought bytes
    std::uint64_t bytes = 0;
    std::uint64_t droppedBlocks = 0;  ///< let go because the reader was late
    std::uint64_t droppedBytes = 0;
    std::uint64_t oddBlocks = 0;    ///< not of whole 64-byte blocks
    std::uint64_t mostWaiting = 0;  ///< in the card's own queue, as the library says
};

/// Reads the card for ever, whether or not anybody takes what came. When the buffers are full,
/// whole blocks are let go, and the next piece says how many bytes are missing before it.
///
/// Nothing here waits for the vendor's library longer than it says: a thread that does not come
/// back from a call is left behind, and the card cannot be opened again until it has come back (the
/// library knows only one card, and no two threads).
/// Threads: start and stop belong to one thread; take, giveBack, wake and counts may be used from
/// any.
class CardReader {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    struct Piece {
        std::vector<std::uint8_t> bytes;
        std::optional<std::uint64_t> cutBefore;  ///< bytes missing before it
        TimePoint arrived{};
    };
    struct Opened {
        jr6101::DeviceInfo info{};
        std::vector<std::string> warnings;
    };

    explicit CardReader(CardSettings settings);
    ~CardReader();
    CardReader(const CardReader &) = delete;
    CardReader &operator=(const CardReader &) = delete;

    /// Loads the library and opens the card; once. wake() ends it with Cancelled.
    [[nodiscard]] Result<Opened> start();
    /// Ends reading, waiting up to `limit`; what came can still be taken. False: the library did
    /// not come back, its thread is left behind.
    bool stop(std::chrono::milliseconds limit);

    /// The oldest piece; nothing after `limit`, after wake(), or when lossReason() says why.
    [[nodiscard]] std::optional<Piece> take(std::chrono::nanoseconds limit);
    /// The memory of a piece may be used again.
    void giveBack(Piece piece);
    /// Ends a start() or take() that waits, or the next take().
    void wake();

    /// Nothing can be taken now, and nothing will come.
    [[nodiscard]] bool ended() const;
    /// Why no more bytes will come; nothing while they may.
    [[nodiscard]] std::optional<std::string> lossReason() const;
    [[nodiscard]] CardCounts counts() const;

private:
    struct Shared;

    std::shared_ptr<Shared> shared_;
};

}  // namespace fovea
