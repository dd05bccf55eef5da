// SPDX-License-Identifier: Apache-2.0
// A source whose planes, gaps, pace and failures are written down by the test.
#pragma once

#include "engine/core/random.h"
#include "engine/core/spike_source.h"
#include "engine/pipeline/source_catalog.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <thread>
#include <utility>

namespace fovea::test {

struct Script {
    PlaneShape shape{16, 9};
    double planeRateHz = 40000;
    std::uint64_t planes = 4000;
    std::uint32_t planesPerRead = 100;
    bool live = false;
    std::map<std::uint64_t, std::uint64_t> gaps;  ///< before plane -> planes lost
    DropReason gapReason = DropReason::Link;
    std::map<std::uint64_t, Error> failures;                ///< at plane, each once
    std::chrono::microseconds readTime{0};                  ///< each read sleeps so long
    Error openError{ErrorCode::NoDevice, ""};               ///< refused when it has a message
    Error reopenError{ErrorCode::NoDevice, ""};             ///< the same from the second time on
    std::uint64_t brokenFrom = ~std::uint64_t{0};           ///< blocks from here are of no use
    std::function<void(std::uint64_t plane)> beforeRead{};  ///< may wait, or throw
    bool slowOpen = false;                                  ///< open() waits for interrupt()
    std::uint64_t waiting = 0;                              ///< planes that are here when drained
};

/// Word `word` of plane `plane`: known to test and source alike.
inline std::uint64_t scriptedWord(std::uint64_t plane, std::size_t word) {
    return randomAt(7, plane, word) & randomAt(8, plane, word);
}

inline void fillScripted(std::uint64_t plane, PlaneShape shape, std::uint64_t *words) {
    std::fill_n(words, shape.wordStride(), 0);
    for (std::size_t word = 0; word < shape.words(); ++word)
        words[word] = scriptedWord(plane, word);
    if (const std::size_t rest = shape.pixels() % 64; rest != 0)
        words[shape.words() - 1] &= (std::uint64_t{1} << rest) - 1;
}

class ScriptedSource final : public SpikeSource {
public:
    explicit ScriptedSource(Script script) : script_(std::move(script)) {}
    void interrupt() override {
        if (state() == SourceState::Opening)
            interrupted_ = true;
    }

protected:
    Result<SourceInfo> doOpen() override {
        const Error &refusal =
            std::exchange(opened_, true) ? script_.reopenError : script_.openError;
        if (!refusal.message.empty())
            return tl::make_unexpected(refusal);
        while (script_.slowOpen && !interrupted_)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        if (script_.slowOpen)
            return fail(ErrorCode::Cancelled, "stopped");
        SourceInfo info;
        info.shape = script_.shape;
        info.planeRateHz = script_.planeRateHz;
        info.planes = script_.planes;
        info.name = "scripted";
        info.live = script_.live;
        return info;
    }
    Result<ReadOutcome> doRead(SpikeBlock &block, std::chrono::milliseconds) override {
        if (script_.readTime.count() > 0)
            std::this_thread::sleep_for(script_.readTime);
        if (script_.beforeRead)
            script_.beforeRead(next_);
        if (next_ >= script_.planes)
            return ReadOutcome::End;
        if (const auto failure = script_.failures.find(next_); failure != script_.failures.end()) {
            Error error = failure->second;
            script_.failures.erase(failure);
            return tl::make_unexpected(std::move(error));
        }
        if (next_ >= script_.brokenFrom)
            block = SpikeBlock({script_.shape.width + 1, 1}, block.capacity());
        block.begin(next_, script_.planeRateHz);
        const std::uint32_t count = std::min(script_.planesPerRead, block.capacity());
        while (block.planeCount() < count && next_ < script_.planes) {
            if (const auto gap = script_.gaps.find(next_); gap != script_.gaps.end()) {
                block.appendGap(gap->second, script_.gapReason);
                next_ += gap->second;
                continue;
            }
            if (script_.failures.contains(next_) && block.planeCount() > 0)
                break;
            fillScripted(next_++, block.shape(), block.append());
        }
        block.setCaptureTime(std::chrono::steady_clock::now());
        return ReadOutcome::Planes;
    }
    void doDrain() override { script_.planes = std::min(script_.planes, next_ + script_.waiting); }
    void doClose() override {}

private:
    Script script_;
    std::uint64_t next_ = 0;
    bool opened_ = false;
    std::atomic<bool> interrupted_{false};
};

/// Makes one kind of source, whatever the configuration says.
class ScriptedCatalog final : public SourceCatalog {
public:
    explicit ScriptedCatalog(Script script) : script_(std::move(script)) {}
    std::vector<SourceDescription> list() override { return {}; }
    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &) override {
        return std::make_unique<ScriptedSource>(script_);
    }

private:
    Script script_;
};

}  // namespace fovea::test
