// SPDX-License-Identifier: Apache-2.0
// Outputs that remember, and sessions that run to their end.
#pragma once

#include "engine/pipeline/session.h"
#include "tests/fakes/scripted_source.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

namespace fovea::test {

using namespace std::chrono_literals;

struct Collector final : FrameSink {
    std::string name() const override { return "collector"; }
    Result<void> consume(const FrameResult &frame) override {
        if (delay.count() > 0)
            std::this_thread::sleep_for(delay);
        frames.push_back(frame);
        return {};
    }
    std::vector<FrameResult> frames;
    std::chrono::microseconds delay{0};
};

struct Recorder final : SpikeSink {
    std::string name() const override { return "recorder"; }
    Result<void> begin(const SourceInfo &info) override {
        shape = info.shape;
        return {};
    }
    Result<void> write(const SpikeBlock &block) override {
        if (failAt > 0 && planes.size() >= failAt)
            return fail(ErrorCode::Io, "disk full");
        for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
            planes.push_back(block.planeNumber(i));
            std::vector<std::uint64_t> wanted(shape.wordStride());
            fillScripted(planes.back(), shape, wanted.data());
            wrong += std::equal(wanted.begin(), wanted.end(), block.plane(i)) ? 0 : 1;
        }
        return {};
    }
    Result<void> finish() override {
        ++finished;
        return {};
    }
    PlaneShape shape;
    std::vector<std::uint64_t> planes;
    std::size_t failAt = 0;
    int wrong = 0;
    int finished = 0;
};

inline Config quiet() {
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    return config;
}

inline std::chrono::nanoseconds limit(std::chrono::milliseconds time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time * slowness());
}

inline SessionStatus runToEnd(Session &session, const Config &config,
                              std::vector<Output> outputs = {}) {
    REQUIRE(session.start(config, std::move(outputs)));
    REQUIRE(session.waitOpened());
    REQUIRE(session.waitFinished(limit(60s)));
    const Result<void> stopped = session.stop();
    INFO((stopped ? std::string() : stopped.error().message));
    CHECK(stopped.has_value());
    return session.status();
}

}  // namespace fovea::test
