// SPDX-License-Identifier: Apache-2.0
// A few threads that share out the tiles of one piece of work.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

namespace fovea {

/// Runs work(begin, end) over tiles of [0, count).
///
/// Where tiles begin and end depends on `count` and `tile` only, never on the number of threads, so
/// work that writes only what belongs to its tile gives the same result with any number of them;
/// which thread takes which tile is not fixed. But each begins with the same share in every call of
/// that size, and takes what is left of another's from its end: what a tile works on mostly stays
/// in the cache of one core. The calling thread takes part; the others sleep
/// between calls (soon after one: the next may follow at once, and waking up takes longer than many
/// a job) and nobody waits for one that did not wake in time. These helpers have a lower
/// priority than the rest of the program, so that it always finds a core. A call costs some
/// microseconds and allocates nothing: hand over a block of planes, not one.
/// Threads: one calls run() at a time, and not from inside of work.
class TilePool {
public:
    /// `threads` counts the calling one; 0: defaultThreads(). Where the system gives fewer threads,
    /// there are fewer.
    explicit TilePool(unsigned threads = 0);
    ~TilePool();
    TilePool(const TilePool &) = delete;
    TilePool &operator=(const TilePool &) = delete;

    /// All cores but one, at least 2 where there are 2: the window and the camera need one, too,
    /// and helpers give way to them (see above).
    [[nodiscard]] static unsigned defaultThreads();
    /// The calling one and its helpers.
    [[nodiscard]] unsigned threads() const { return static_cast<unsigned>(helpers_.size()) + 1; }

    /// Calls work(begin, end) with [0, tile), [tile, 2 * tile), ... up to `count`, each once, and
    /// returns when all are done. `tile` is 1 or more; work must not throw.
    template <class Work> void run(std::size_t count, std::size_t tile, Work &&work) {
        using Target = std::remove_reference_t<Work>;
        const auto call = [](const void *target, std::size_t begin, std::size_t end) noexcept {
            (*const_cast<Target *>(static_cast<const Target *>(target)))(begin, end);
        };
        runJob({call, &work, count, tile});
    }

private:
    struct Job {
        void (*call)(const void *work, std::size_t begin, std::size_t end) noexcept = nullptr;
        const void *work = nullptr;
        std::size_t count = 0;
        std::size_t tile = 1;
    };
    /// Tiles that one thread begins with and nobody has taken yet.
    class alignas(64) Share {
    public:
        void assign(std::size_t begin, std::size_t end);
        [[nodiscard]] std::optional<std::size_t> takeFirst();
        [[nodiscard]] std::optional<std::size_t> takeLast();
        [[nodiscard]] bool empty() const;

    private:
        std::atomic<std::uint64_t> tiles_{0};  ///< begin; end in the upper half
    };
    void runJob(const Job &job);
    void takeTiles(const Job &job, std::size_t own);
    void help(std::size_t own);

    std::vector<Share> shares_;  ///< one a thread; the first is the calling one's

    std::mutex mutex_;  ///< of everything down to the blank line
    std::condition_variable wake_;
    std::condition_variable left_;
    Job job_;
    std::uint64_t number_ = 0;         ///< of the job: a helper joins each once
    std::atomic<unsigned> inside_{0};  ///< helpers that are at work; read without it, too
    bool open_ = false;                ///< helpers may join
    bool stopping_ = false;

    std::vector<std::thread> helpers_;
};

}  // namespace fovea
