// SPDX-License-Identifier: Apache-2.0
// The ring of chunks and the thread that writes them.
#include "datasets/stream_file.h"

#include "datasets/output_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fovea {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t alignment = 4096;
constexpr std::chrono::seconds lookAfterPath{1};

struct FreeDelete {
    void operator()(std::uint8_t *memory) const { std::free(memory); }
};

struct Chunk {
    std::unique_ptr<std::uint8_t, FreeDelete> memory;
    std::size_t filled = 0;   ///< by append()
    std::size_t flushed = 0;  ///< of them in the file
    std::size_t direct = 0;   ///< of them past the page cache: whole pages from the beginning
    SteadyTime since{};       ///< when the oldest byte that is not in the file came
};

}  // namespace

struct StreamFile::State {
    StreamFileOptions options;
    std::filesystem::path path;
    int file = -1;
    int directFile = -1;
    SteadyTime looked{};

    mutable std::mutex mutex;  ///< of everything down to the blank line
    std::condition_variable filledMore;
    std::condition_variable wroteMore;
    std::vector<Chunk> chunks;  ///< a ring: `full` of them from `first` on, then the one to fill
    std::size_t first = 0;
    std::size_t full = 0;
    bool draining = false;
    std::optional<Error> error;
    std::uint64_t taken = 0;

    std::atomic<std::uint64_t> inFile{0};
    std::atomic<bool> useDirect{false};
    std::thread thread;

    ~State() {
        (void)drain();
        for (const int one : {file, directFile})
            if (one >= 0)
                ::close(one);
    }
    Chunk &open() { return chunks[(first + full) % chunks.size()]; }

    void run();
    Chunk *waitForWork(std::unique_lock<std::mutex> &lock);
    [[nodiscard]] std::optional<Error> write(const std::uint8_t *data, std::size_t bytes,
                                             std::uint64_t offset, bool past);
    [[nodiscard]] std::optional<Error> flush(Chunk &chunk, std::size_t to, std::uint64_t offset);
    [[nodiscard]] std::optional<Error> lookAfter();
    [[nodiscard]] Result<void> append(std::span<const std::uint8_t> data);
    [[nodiscard]] Result<void> drain();
    [[nodiscard]] Result<void> health() const {
        return error ? Result<void>(tl::make_unexpected(*error)) : Result<void>{};
    }
};

// Null when nothing will come.
Chunk *StreamFile::State::waitForWork(std::unique_lock<std::mutex> &lock) {
    while (true) {
        if (full > 0)
            return &chunks[first];
        Chunk &last = open();
        if (last.filled > last.flushed) {
            const SteadyTime due = last.since + options.longest;
            if (draining || std::chrono::steady_clock::now() >= due)
                return &last;
            filledMore.wait_until(lock, due);
        } else if (draining) {
            return nullptr;
        } else {
            filledMore.wait(lock);
        }
    }
}

void StreamFile::State::run() {
    // A file that reaches its limit sends a signal; here the error of the write says it.
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock(mutex);
    std::uint64_t offset = 0;  // of the first chunk
    while (Chunk *chunk = waitForWork(lock)) {
        const std::size_t to = chunk->filled;
        lock.unlock();
        auto failure = flush(*chunk, to, offset);
        lock.lock();
        if (failure) {
            error = std::move(failure);
            wroteMore.notify_all();
            return;
        }
        chunk->flushed = to;
        chunk->since = std::chrono::steady_clock::now();
        if (to == options.chunkBytes) {
            chunk->filled = chunk->flushed = chunk->direct = 0;
            offset += options.chunkBytes;
            first = (first + 1) % chunks.size();
            --full;
        }
        wroteMore.notify_all();
    }
}

// Up to `to`: whole pages past the page cache, what is left the usual way. The last page, once it
// is whole, is written again, so that one that was not does not send all behind it the usual way.
std::optional<Error> StreamFile::State::flush(Chunk &chunk, std::size_t to, std::uint64_t offset) {
    const std::size_t pages = useDirect ? to / alignment * alignment : 0;
    if (pages > chunk.direct) {
        if (auto failure = write(chunk.memory.get() + chunk.direct, pages - chunk.direct,
                                 offset + chunk.direct, true))
            return failure;
        chunk.direct = pages;
    }
    const std::size_t from = std::max(chunk.flushed, chunk.direct);
    if (to > from)
        if (auto failure = write(chunk.memory.get() + from, to - from, offset + from, false))
            return failure;
    // What went through the page cache shall not pile up there.
    if (to == options.chunkBytes && !useDirect)
        ::sync_file_range(file, static_cast<off_t>(offset), static_cast<off_t>(to),
                          SYNC_FILE_RANGE_WRITE);
    return lookAfter();
}

std::optional<Error> StreamFile::State::write(const std::uint8_t *data, std::size_t bytes,
                                              std::uint64_t offset, bool past) {
    while (bytes > 0) {
        past = past && useDirect;
        const ssize_t done =
            ::pwrite(past ? directFile : file, data, bytes, static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && past && errno == EINVAL) {
            useDirect = false;
            continue;
        }
        if (done < 0)
            return writeError(path, fmt::format("writing at byte {}", offset), errno);
        // A part that is not whole pages cannot be followed by a direct write.
        past = past && static_cast<std::size_t>(done) % alignment == 0;
        data += done;
        bytes -= static_cast<std::size_t>(done);
        offset += static_cast<std::uint64_t>(done);
        inFile = std::max<std::uint64_t>(inFile, offset);
    }
    return std::nullopt;
}

// Writing to a file without a name works and helps nobody.
std::optional<Error> StreamFile::State::lookAfter() {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now - looked <= lookAfterPath)
        return std::nullopt;
    looked = now;
    return isGone(path, file) ? std::optional(writeError(path, "writing", ENOENT)) : std::nullopt;
}

Result<void> StreamFile::State::append(std::span<const std::uint8_t> data) {
    std::unique_lock lock(mutex);
    while (!data.empty()) {
        // One chunk is always being filled; it may be the last that is free.
        wroteMore.wait(lock, [&] { return error || full < chunks.size(); });
        if (error)
            return health();
        Chunk &chunk = open();
        const std::size_t at = chunk.filled;
        const std::size_t count = std::min(data.size(), options.chunkBytes - at);
        lock.unlock();
        // Only this thread touches bytes behind `filled`.
        if (!chunk.memory)
            chunk.memory.reset(
                static_cast<std::uint8_t *>(std::aligned_alloc(alignment, options.chunkBytes)));
        if (!chunk.memory)
            return fail(ErrorCode::Io, "{}: no memory for {} bytes", path.string(),
                        options.chunkBytes);
        std::memcpy(chunk.memory.get() + at, data.data(), count);
        lock.lock();
        const bool wasWritten = chunk.flushed == chunk.filled;
        if (wasWritten)
            chunk.since = std::chrono::steady_clock::now();
        chunk.filled += count;
        taken += count;
        data = data.subspan(count);
        const bool isFull = chunk.filled == options.chunkBytes;
        if (isFull)
            ++full;
        if (isFull || wasWritten)
            filledMore.notify_one();
    }
    return health();
}

Result<void> StreamFile::State::drain() {
    {
        const std::lock_guard lock(mutex);
        draining = true;
    }
    filledMore.notify_one();
    if (thread.joinable())
        thread.join();
    return health();
}

StreamFile::StreamFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
StreamFile::StreamFile(StreamFile &&) noexcept = default;
StreamFile &StreamFile::operator=(StreamFile &&) noexcept = default;
StreamFile::~StreamFile() = default;

Result<StreamFile> StreamFile::create(const std::filesystem::path &path,
                                      const StreamFileOptions &options) {
    auto state = std::make_unique<State>();
    state->options = options;
    state->path = path;
    state->file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (state->file < 0) {
        if (errno == EEXIST)
            return fail(ErrorCode::InvalidArgument, "{}: cannot be made: {}", path.string(),
                        std::strerror(errno));
        return tl::make_unexpected(writeError(path, "cannot be made", errno));
    }
    if (options.direct)
        state->directFile = ::open(path.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC);
    state->useDirect = state->directFile >= 0;
    state->chunks.resize(std::max<std::size_t>(2, options.chunks));
    state->looked = std::chrono::steady_clock::now();
    state->thread = std::thread([raw = state.get()] { raw->run(); });
    return StreamFile(std::move(state));
}

Result<void> StreamFile::append(std::span<const std::uint8_t> data) {
    return state_->append(data);
}

Result<void> StreamFile::drain() {
    return state_->drain();
}

Result<void> StreamFile::truncate(std::uint64_t bytes) {
    if (::ftruncate(state_->file, static_cast<off_t>(bytes)) != 0)
        return tl::make_unexpected(
            writeError(path(), fmt::format("cutting to {} bytes", bytes), errno));
    state_->inFile = bytes;
    return {};
}

Result<void> StreamFile::finish() {
    // EINVAL: special files such as /dev/null cannot be synced, which is no loss.
    const bool synced = ::fsync(state_->file) == 0 || errno == EINVAL;
    const int syncError = errno;
    const bool closed = ::close(std::exchange(state_->file, -1)) == 0;
    if (!synced || !closed)
        return tl::make_unexpected(
            writeError(path(), "making it safe on the disk", synced ? errno : syncError));
    return {};
}

std::uint64_t StreamFile::bytes() const {
    const std::lock_guard lock(state_->mutex);
    return state_->taken;
}

std::uint64_t StreamFile::written() const {
    return state_->inFile;
}

bool StreamFile::direct() const {
    return state_->useDirect;
}

const std::filesystem::path &StreamFile::path() const {
    return state_->path;
}

}  // namespace fovea
