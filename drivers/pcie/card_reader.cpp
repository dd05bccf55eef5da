// SPDX-License-Identifier: Apache-2.0
// One thread in the vendor's library, and nobody who waits for it without end.
#include "drivers/pcie/card_reader.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

namespace fovea {

namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// The library gives no way to wait for a block. A pause grows from the first to the last while none
// comes, so that a silent card costs next to nothing.
constexpr microseconds firstPause{20};
constexpr microseconds lastPause{1000};
// What no card has so many bytes for at once is not a size.
constexpr std::int64_t mostBlockBytes = 256 << 20;
constexpr std::size_t wireUnit = 64;

std::string version(std::int32_t revision) {
    return fmt::format("{}.{:03}", revision / jr6101::revisionUnit,
                       std::abs(revision % jr6101::revisionUnit));
}

}  // namespace

/// What the two threads have in common; it outlives a reader whose library does not come back.
struct CardReader::Shared {
    explicit Shared(CardSettings s) : settings(std::move(s)) {}

    const CardSettings settings;
    std::shared_ptr<const VendorLibrary> library;
    std::atomic<const char *> call{""};  ///< of the library, going on or the last one
    std::atomic<bool> stopping{false};

    mutable std::mutex mutex;
    std::condition_variable changed;
    enum class Phase : std::uint8_t { Opening, Reading, Ended } phase = Phase::Opening;
    std::string error;  ///< why it ended by itself
    Opened opened;
    bool nodeSeen = false;
    std::deque<Piece> full;
    std::vector<std::vector<std::uint8_t>> spare;
    std::size_t heldBytes = 0;  ///< in full, and with whoever took pieces
    std::optional<std::uint64_t> cut;
    bool woken = false;
    TimePoint lastProgress{};
    std::int32_t lastAnswer = 0;
    bool inCall = false;
    TimePoint callBegan{};
    bool isOpen = false;  ///< the worker's only
    CardCounts counts;
    std::thread thread;

    void work();
    [[nodiscard]] std::string open();
    [[nodiscard]] std::string readAll();
    [[nodiscard]] std::string keep(const jr6101::MemoryBlock &block);
    void enter(Phase next, std::string why);
    template <class Call> std::int32_t in(const char *name, Call function);
    [[nodiscard]] std::optional<std::string> findLoss();
    [[nodiscard]] std::string silenceText() const;
};

namespace {

// The library knows one card, so a program has one reader of it at a time.
std::mutex onlyMutex;
std::weak_ptr<void> onlyReader;

}  // namespace

/// Calls the library and remembers where, for the message when it does not come back.
template <class Call> std::int32_t CardReader::Shared::in(const char *name, Call function) {
    call = name;
    {
        const std::lock_guard lock(mutex);
        inCall = true;
        callBegan = Steady::now();
    }
    const std::int32_t answer = function();
    const std::lock_guard lock(mutex);
    inCall = false;
    lastAnswer = answer;
    return answer;
}

void CardReader::Shared::enter(Phase next, std::string reason) {
    {
        const std::lock_guard lock(mutex);
        phase = next;
        if (error.empty())
            error = std::move(reason);
        lastProgress = Steady::now();
    }
    changed.notify_all();
}

/// Empty when it worked.
std::string CardReader::Shared::open() {
    jr6101::DeviceInfo info{};
    const std::int32_t answer = in("DevOpen", [&] { return library->open(&info, jr6101::noFlag); });
    std::error_code ignored;
    const bool node = std::filesystem::exists(settings.node, ignored);
    if (answer != 0)
        return fmt::format("the capture card cannot be opened: DevOpen answers {}; {}", answer,
                           node ? "another program may have it, or this user may not open " +
                                      settings.node
                                : settings.node + " is not there: is the card in its slot, and "
                                                  "its kernel module loaded? ('lspci', 'dmesg')");
    isOpen = true;
    const std::int32_t whole = info.driverRevision / jr6101::revisionUnit;
    if (settings.version != 0 && whole != static_cast<std::int32_t>(settings.version))
        return fmt::format("{} says that it is version {}, allowed {}.x; source.pcie_version: 0 "
                           "takes any, at the risk of wrong pictures",
                           library->path, version(info.driverRevision), settings.version);
    Opened result{info, {}};
    const std::int32_t channel =
        in("DevOpenCh", [&] { return library->openChannel(jr6101::channel, jr6101::readMode); });
    if (channel != 0)
        result.warnings.push_back(fmt::format("DevOpenCh answers {}; going on", channel));
    const std::lock_guard lock(mutex);
    opened = std::move(result);
    nodeSeen = node;
    return {};
}

std::string CardReader::Shared::keep(const jr6101::MemoryBlock &block) {
    if (block.bytes < 0 || block.bytes > mostBlockBytes || block.data == nullptr)
        return fmt::format("the library gives a block of {} bytes at {}, allowed 0 to {}: its "
                           "version may be another one",
                           block.bytes, static_cast<const void *>(block.data), mostBlockBytes);
    const auto bytes = static_cast<std::size_t>(block.bytes);
    std::vector<std::uint8_t> memory;
    {
        const std::lock_guard lock(mutex);
        lastProgress = Steady::now();
        if (!error.empty())
            return {};
        ++counts.blocks;
        counts.bytes += bytes;
        counts.oddBlocks += bytes % wireUnit != 0 ? 1 : 0;
        counts.mostWaiting =
            std::max(counts.mostWaiting,
                     static_cast<std::uint64_t>(std::max<std::int64_t>(block.waiting, 0)));
        if (heldBytes + bytes > settings.bufferBytes) {
            ++counts.droppedBlocks;
            counts.droppedBytes += bytes;
            cut = cut.value_or(0) + bytes;
            return {};
        }
        heldBytes += bytes;
        if (!spare.empty()) {
            memory = std::move(spare.back());
            spare.pop_back();
        }
    }
    memory.resize(bytes);
    std::memcpy(memory.data(), block.data, bytes);
    {
        const std::lock_guard lock(mutex);
        full.push_back({std::move(memory), std::exchange(cut, std::nullopt), lastProgress});
    }
    changed.notify_one();
    return {};
}

/// Until told to stop, or for the reason that it gives.
std::string CardReader::Shared::readAll() {
    microseconds pause = firstPause;
    while (!stopping) {
        jr6101::MemoryBlock block{};
        if (in("DevMBRead", [&] { return library->read(jr6101::channel, &block); }) != 0) {
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, lastPause);
            continue;
        }
        pause = firstPause;
        std::string wrong = block.bytes == 0 ? std::string() : keep(block);
        in("DevReadMBFree", [&] { return library->giveBack(jr6101::channel, &block); });
        if (!wrong.empty())
            return wrong;
        if (block.bytes == 0)
            std::this_thread::sleep_for(pause);
    }
    return {};
}

void CardReader::Shared::work() {
    std::string wrong = open();
    if (wrong.empty()) {
        enter(Phase::Reading, {});
        wrong = readAll();
    }
    if (isOpen) {
        in("DevCloseCh", [&] { return library->closeChannel(jr6101::channel); });
        in("DevClose", [&] { return library->close(); });
    }
    enter(Phase::Ended, std::move(wrong));
}

/// Looks whether the card has been silent for too long; with the mutex held. A loss that was told
/// stays one: what a card brings after its time is not read, because whoever asked may have ended
/// the stream with the answer.
std::optional<std::string> CardReader::Shared::findLoss() {
    if (error.empty() && phase == Phase::Reading && full.empty() &&
        Steady::now() - lastProgress >= settings.watchdog)
        error = silenceText();
    return error.empty() ? std::nullopt : std::optional(error);
}

std::string CardReader::Shared::silenceText() const {
    const auto time = settings.watchdog.count();
    std::error_code ignored;
    if (nodeSeen && !std::filesystem::exists(settings.node, ignored))
        return fmt::format("the capture card is gone: {} is not there any more", settings.node);
    // A call that took most of the time is what hangs: it began when the last bytes were long read.
    if (inCall && Steady::now() - callBegan >= settings.watchdog / 2)
        return fmt::format("the vendor's library hangs in {} for {} ms", call.load(), time);
    return fmt::format("no data for {} ms (DevMBRead answers {}): is the camera on, and its fibre "
                       "plugged in?",
                       time, lastAnswer);
}

CardReader::CardReader(CardSettings settings)
    : shared_(std::make_shared<Shared>(std::move(settings))) {}

CardReader::~CardReader() {
    (void)stop(milliseconds{0});
}

Result<CardReader::Opened> CardReader::start() {
    auto library = VendorLibrary::load(shared_->settings.library);
    if (!library)
        return failed(library);
    shared_->library = std::move(*library);
    {
        const std::lock_guard only(onlyMutex);
        if (const auto other = std::static_pointer_cast<Shared>(onlyReader.lock())) {
            const std::lock_guard lock(other->mutex);
            if (other->phase != Shared::Phase::Ended)
                return fail(ErrorCode::NoDevice, "pcie: the capture card is in use: {}",
                            other->stopping ? fmt::format("the vendor's library still hangs in {}; "
                                                          "start the program anew",
                                                          other->call.load())
                                            : "this program already reads it");
        }
        onlyReader = shared_;
        shared_->thread = std::thread([shared = shared_] { shared->work(); });
    }
    std::unique_lock lock(shared_->mutex);
    const auto ready = [this] {
        return shared_->phase != Shared::Phase::Opening || shared_->woken;
    };
    const bool answered = shared_->changed.wait_for(lock, shared_->settings.openPatience, ready);
    if (shared_->phase == Shared::Phase::Reading)
        return shared_->opened;
    if (!shared_->error.empty())
        return fail(ErrorCode::NoDevice, "pcie: {}", shared_->error);
    if (answered)
        return fail(ErrorCode::Cancelled, "pcie: stopped while opening");
    return fail(ErrorCode::NoDevice, "pcie: the vendor's library hangs in {} for {} ms",
                shared_->call.load(), shared_->settings.openPatience.count());
}

bool CardReader::stop(milliseconds limit) {
    if (!shared_->thread.joinable())
        return true;
    shared_->stopping = true;
    std::unique_lock lock(shared_->mutex);
    const bool ended = shared_->changed.wait_for(
        lock, limit, [this] { return shared_->phase == Shared::Phase::Ended; });
    if (!ended)
        shared_->error =
            fmt::format("the vendor's library does not come back from {}", shared_->call.load());
    lock.unlock();
    ended ? shared_->thread.join() : shared_->thread.detach();
    return ended;
}

std::optional<CardReader::Piece> CardReader::take(std::chrono::nanoseconds limit) {
    const TimePoint deadline = Steady::now() + limit;
    std::unique_lock lock(shared_->mutex);
    while (shared_->full.empty() && !shared_->woken && shared_->error.empty() &&
           shared_->phase == Shared::Phase::Reading) {
        const TimePoint now = Steady::now();
        const TimePoint dead = shared_->lastProgress + shared_->settings.watchdog;
        if (now >= deadline || now >= dead)
            break;
        shared_->changed.wait_until(lock, std::min(deadline, dead));
    }
    shared_->woken = false;
    if (shared_->full.empty())
        return std::nullopt;
    Piece piece = std::move(shared_->full.front());
    shared_->full.pop_front();
    return piece;
}

void CardReader::giveBack(Piece piece) {
    const std::lock_guard lock(shared_->mutex);
    shared_->heldBytes -= piece.bytes.size();
    shared_->spare.push_back(std::move(piece.bytes));
}

void CardReader::wake() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->woken = true;
    }
    shared_->changed.notify_all();
}

bool CardReader::ended() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->full.empty() && (shared_->phase == Shared::Phase::Ended || shared_->findLoss());
}

std::optional<std::string> CardReader::lossReason() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->findLoss();
}

CardCounts CardReader::counts() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->counts;
}

}  // namespace fovea
