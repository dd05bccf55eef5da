// SPDX-License-Identifier: Apache-2.0
// Rotation of buffers, drops, and recovery of the camera's stream.
#include "drivers/usb/transfer_ring.h"

#include "drivers/usb/ft60x.h"

#include <algorithm>
#include <utility>

namespace fovea {

namespace {
/// Fewer transfers than this in flight leave holes between them.
constexpr std::size_t leastDepth = 4;
/// Cancelled transfers that have not ended by then never will.
constexpr std::chrono::milliseconds endingLimit{500};
}  // namespace

TransferRing::TransferRing(UsbTransport &transport, const RingSettings &settings, Clock &clock)
    : transport_(transport), settings_(settings), clock_(clock) {}

/// What an earlier program left in the pipe is thrown away first.
UsbCode TransferRing::beginStream() {
    const std::pair<ft60x::Operation, std::size_t> commands[] = {
        {ft60x::Operation::Abort, 0},
        {ft60x::Operation::Flush, 0},
        {ft60x::Operation::Abort, 0},
        {ft60x::Operation::SetStream, settings_.slotBytes}};
    for (const auto &[operation, length] : commands) {
        const auto command =
            ft60x::makeCommand(commands_++, operation, static_cast<std::uint32_t>(length));
        if (const UsbCode code = transport_.bulkOut(ft60x::commandOut, command);
            code != UsbCode::Ok)
            return code;
    }
    return UsbCode::Ok;
}

void TransferRing::endStream() {
    for (const auto operation : {ft60x::Operation::Abort, ft60x::Operation::Flush})
        if (transport_.bulkOut(ft60x::commandOut, ft60x::makeCommand(commands_++, operation, 0)) !=
            UsbCode::Ok)
            return;
}

UsbCode TransferRing::start() {
    const std::size_t slots = settings_.inFlight + settings_.spare;
    UsbCode code =
        transport_.allocate(slots, settings_.slotBytes,
                            [this](UsbTransport::Slot slot, UsbCode status, std::size_t bytes) {
                                completed(slot, status, bytes);
                            });
    if (code == UsbCode::Ok)
        code = beginStream();
    if (code != UsbCode::Ok)
        return code;
    const std::lock_guard lock(mutex_);
    begun_ = true;
    spare_.clear();
    for (std::size_t i = slots; i-- > 0;)
        spare_.push_back(static_cast<UsbTransport::Slot>(i));
    counts_.leastSpare = settings_.spare;
    depth_ = settings_.inFlight;
    phase_ = Phase::Flowing;
    lastProgress_ = clock_.now();
    submitSpares();
    if (depth_ < std::min(leastDepth, settings_.inFlight) && !failure_)
        failure_ = UsbCode::NoMemory;
    return failure_.value_or(UsbCode::Ok);
}

/// Begins as many transfers as there should be; with the mutex held.
void TransferRing::submitSpares() {
    while (phase_ == Phase::Flowing && inFlight_ < depth_ && !spare_.empty()) {
        const UsbCode code = transport_.submit(spare_.back());
        if (code == UsbCode::Ok) {
            spare_.pop_back();
            ++inFlight_;
        } else if (code == UsbCode::NoMemory && inFlight_ > 0) {
            depth_ = inFlight_;
        } else {
            fail(code);
            return;
        }
    }
    if (inFlight_ == depth_)
        counts_.leastSpare = std::min(counts_.leastSpare, spare_.size());
}

/// With the mutex held.
void TransferRing::fail(UsbCode code) {
    if (!failure_)
        failure_ = code;
    phase_ = Phase::Stopped;
    changed_.notify_all();
}

void TransferRing::completed(UsbTransport::Slot slot, UsbCode status, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    --inFlight_;
    if (bytes > 0)
        keep(slot, bytes);
    else
        spare_.push_back(slot);
    if (status == UsbCode::NoDevice)
        fail(status);
    else if (phase_ == Phase::Flowing && status != UsbCode::Ok && status != UsbCode::TimedOut)
        countFault(status);
    submitSpares();
}

/// Bytes came; with the mutex held.
void TransferRing::keep(UsbTransport::Slot slot, std::size_t bytes) {
    lastProgress_ = clock_.now();
    flowedSinceRestart_ = true;
    ++counts_.transfers;
    counts_.bytes += bytes;
    counts_.shortTransfers += bytes < settings_.slotBytes ? 1 : 0;
    if (phase_ == Phase::Flowing && spare_.empty()) {
        ++counts_.droppedSlots;
        counts_.droppedBytes += bytes;
        cut_ = cut_.value_or(0) + bytes;
        spare_.push_back(slot);
        return;
    }
    full_.push_back(
        {slot, transport_.buffer(slot).first(bytes), std::exchange(cut_, {}), lastProgress_});
    changed_.notify_all();
}

/// A transfer has failed, and with it maybe bytes; with the mutex held.
void TransferRing::countFault(UsbCode status) {
    cut_ = cut_.value_or(0);
    if (status == UsbCode::Stall) {
        ++counts_.stalls;
        halted_ = true;
        if (counts_.restarts > 0 && !flowedSinceRestart_)
            return fail(status);
        phase_ = Phase::Ending;
        lastProgress_ = clock_.now();
        return;
    }
    ++(status == UsbCode::Overflow ? counts_.overflows : counts_.errors);
    const Clock::TimePoint now = clock_.now();
    faults_.push_back(now);
    while (faults_.front() < now - std::chrono::seconds{1})
        faults_.pop_front();
    if (faults_.size() > settings_.errorsPerSecond)
        fail(status);
}

/// All transfers have ended: the stream begins again.
void TransferRing::beginAnew() {
    UsbCode code = std::exchange(halted_, false) ? transport_.clearHalt() : UsbCode::Ok;
    if (code == UsbCode::Ok)
        code = beginStream();
    const std::lock_guard lock(mutex_);
    if (code != UsbCode::Ok)
        return fail(code);
    ++counts_.restarts;
    flowedSinceRestart_ = false;
    cut_ = cut_.value_or(0);
    lastProgress_ = clock_.now();
    phase_ = Phase::Flowing;
    submitSpares();
}

/// Looks for a stream that has died, after a poll that brought nothing.
void TransferRing::watch() {
    const std::lock_guard lock(mutex_);
    const auto silent = clock_.now() - lastProgress_;
    if (phase_ == Phase::Ending && silent > endingLimit)
        fail(UsbCode::TimedOut);
    if (phase_ != Phase::Flowing || silent <= settings_.watchdog)
        return;
    if (counts_.restarts > 0 && !flowedSinceRestart_)
        return fail(UsbCode::TimedOut);
    phase_ = Phase::Ending;
    lastProgress_ = clock_.now();
}

void TransferRing::pump(Milliseconds limit) {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = counts_.transfers;
    const bool failed = failure_.has_value();
    lock.unlock();
    const UsbCode code = transport_.poll(limit);
    lock.lock();
    if (code != UsbCode::Ok && !failure_)
        fail(code);
    const bool nothingCame = counts_.transfers == before;
    const bool ending = phase_ == Phase::Ending || (failure_ && !failed);
    const bool ended = phase_ == Phase::Ending && inFlight_ == 0;
    submitSpares();
    lock.unlock();
    if (ended)
        return beginAnew();
    if (nothingCame)
        watch();
    if (ending)
        transport_.cancelAll();
}

bool TransferRing::stop(Milliseconds limit) {
    std::unique_lock lock(mutex_);
    const bool answers = std::exchange(begun_, false) && failure_ != UsbCode::NoDevice;
    phase_ = Phase::Stopped;
    const Clock::TimePoint deadline = clock_.now() + limit;
    bool ended = inFlight_ == 0;
    lock.unlock();
    if (!ended)
        transport_.cancelAll();
    while (!ended && clock_.now() < deadline) {
        (void)transport_.poll(Milliseconds{10});
        lock.lock();
        ended = inFlight_ == 0;
        lock.unlock();
    }
    if (answers)
        endStream();
    changed_.notify_all();
    return ended;
}

std::optional<TransferRing::Piece> TransferRing::take(std::chrono::nanoseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit,
                      [this] { return !full_.empty() || woken_ || phase_ == Phase::Stopped; });
    woken_ = false;
    if (full_.empty())
        return std::nullopt;
    const Piece piece = full_.front();
    full_.pop_front();
    return piece;
}

void TransferRing::giveBack(const Piece &piece) {
    const std::lock_guard lock(mutex_);
    spare_.push_back(piece.slot);
}

void TransferRing::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

bool TransferRing::ended() const {
    const std::lock_guard lock(mutex_);
    return phase_ == Phase::Stopped && full_.empty();
}

std::optional<UsbCode> TransferRing::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

RingCounts TransferRing::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

std::size_t TransferRing::depth() const {
    const std::lock_guard lock(mutex_);
    return depth_;
}

}  // namespace fovea
