// SPDX-License-Identifier: Apache-2.0
// The state machine that every source shares.
#include "engine/core/spike_source.h"

namespace fovea {

std::string_view toString(SourceState state) {
    switch (state) {
    case SourceState::Closed:
        return "closed";
    case SourceState::Opening:
        return "opening";
    case SourceState::Streaming:
        return "streaming";
    case SourceState::Lost:
        return "lost";
    case SourceState::Draining:
        return "draining";
    }
    return "unknown";
}

Result<SourceInfo> SpikeSource::open() {
    const SourceState before = state();
    if (before != SourceState::Closed && before != SourceState::Lost)
        return fail(ErrorCode::WrongState, "open() needs a closed or lost source, this one is {}",
                    toString(before));
    state_.store(SourceState::Opening, std::memory_order_release);
    Result<SourceInfo> info = doOpen();
    state_.store(info ? SourceState::Streaming : before, std::memory_order_release);
    return info;
}

Result<ReadOutcome> SpikeSource::read(SpikeBlock &block, std::chrono::milliseconds timeout) {
    const SourceState before = state();
    if (before != SourceState::Streaming && before != SourceState::Draining)
        return fail(ErrorCode::WrongState, "read() needs a streaming source, this one is {}",
                    toString(before));
    Result<ReadOutcome> outcome = doRead(block, timeout);
    if (!outcome)
        state_.store(outcome.error().code == ErrorCode::DeviceLost ? SourceState::Lost
                                                                   : SourceState::Draining,
                     std::memory_order_release);
    return outcome;
}

Result<void> SpikeSource::drain() {
    if (state() != SourceState::Streaming)
        return fail(ErrorCode::WrongState, "drain() needs a streaming source, this one is {}",
                    toString(state()));
    state_.store(SourceState::Draining, std::memory_order_release);
    doDrain();
    return {};
}

void SpikeSource::close() {
    if (state() == SourceState::Closed)
        return;
    doClose();
    state_.store(SourceState::Closed, std::memory_order_release);
}

}  // namespace fovea
