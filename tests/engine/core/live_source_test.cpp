// SPDX-License-Identifier: Apache-2.0
// What all cameras share, on a camera made of a script.
#include "engine/core/live_source.h"

#include <catch2/catch.hpp>
#include <deque>

using namespace fovea;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

constexpr PlaneShape pixels{8, 1};

/// Frames that lie ready; time passes while somebody waits for one.
class ScriptedFrames final : public FrameStream {
public:
    explicit ScriptedFrames(ManualClock &clock) : clock_(clock) {}
    std::optional<StreamFrame> next(std::chrono::nanoseconds limit) override {
        if (ready.empty()) {
            clock_.advance(std::min<std::chrono::nanoseconds>(limit, 1s));
            if (strays)
                noteBytes(1, clock_.now());
            if (over)
                noteEnd();
            return std::nullopt;
        }
        clock_.advance(perFrame);
        StreamFrame frame = ready.front();
        ready.pop_front();
        frame.bytes = &byte_;
        noteBytes(1, clock_.now());
        noteFrame();
        return frame;
    }
    void beginCounting() override {}

    std::deque<StreamFrame> ready;
    std::chrono::nanoseconds perFrame{0};
    bool strays = false;
    bool over = false;

private:
    ManualClock &clock_;
    const std::uint8_t byte_ = 0xA5;
};

class ScriptedCamera final : public LiveSource {
public:
    ScriptedCamera(const LiveSettings &settings, ManualClock &clock)
        : LiveSource(pixels, settings, clock), frames_(clock) {}
    ~ScriptedCamera() override { close(); }
    void give(std::uint64_t from, std::uint64_t to) {
        for (; from < to; ++from)
            frames_.ready.push_back({.number = from});
    }
    ScriptedFrames frames_;
    std::optional<std::string> loss;
    LiveCounts counted;

protected:
    std::string label() const override { return "camera"; }
    Result<SourceInfo> openLink() override { return SourceInfo{}; }
    FrameStream &frames() override { return frames_; }
    std::size_t frameBytes() const override { return 1; }
    void unpack(const std::uint8_t *frame, std::uint64_t *words) const override {
        words[0] = *frame;
    }
    std::optional<std::string> lossReason() const override { return loss; }
    void haltLink() override {}
    void releaseLink() override {}
    void wakeLink() override {}
    LiveCounts &readCounts() override { return counted; }
};

struct CameraTest {
    ManualClock clock;
    LiveSettings settings{.planeRateHz = 20000, .framePatience = 2s, .rateWindow = 250ms};
    ScriptedCamera camera{settings, clock};
    SpikeBlock block{pixels, 10};
};

}  // namespace

TEST_CASE("planes are numbered from 0, losses are gaps, a new count is a new epoch") {
    CameraTest test;
    test.camera.give(7, 8);
    const auto info = test.camera.open();
    REQUIRE(info);
    CHECK(info->shape == pixels);
    CHECK(info->planeRateHz == 20000);
    CHECK(info->live);
    test.camera.frames_.ready.push_back({.lostOnLink = 3, .lostOnHost = 2});
    test.camera.frames_.ready.push_back({.restarted = true});
    REQUIRE(test.camera.read(test.block, 1s).value() == ReadOutcome::Planes);
    CHECK(test.block.planeCount() == 2);
    CHECK(test.block.plane(0)[0] == 0xA5);
    CHECK(test.block.planeNumber(0) == 0);
    CHECK(test.block.planeNumber(1) == 6);
    CHECK(test.block.gaps().size() == 2);
    REQUIRE(test.camera.read(test.block, 1s).value() == ReadOutcome::Planes);
    CHECK(test.block.firstPlane() == 7);
    CHECK(test.block.epoch() == 1);
    CHECK(test.camera.read(test.block, 1s).value() == ReadOutcome::Idle);
    CHECK(test.camera.counted.opens == 1);
}

TEST_CASE("bytes without a frame are a loss once they have come for too long") {
    CameraTest test;
    test.camera.frames_.strays = true;
    CHECK_THAT(test.camera.open().error().message, Contains("no frames of 8x1 (1 bytes each)"));
    test.camera.give(0, 1);
    REQUIRE(test.camera.open());
    CHECK(test.camera.read(test.block, 1s).value() == ReadOutcome::Planes);
    Result<ReadOutcome> outcome = ReadOutcome::Idle;
    for (int i = 0; i < 5 && outcome && *outcome == ReadOutcome::Idle; ++i)
        outcome = test.camera.read(test.block, 1s);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::DeviceLost);
    CHECK_THAT(outcome.error().message, Contains("4 bytes came, but no frames of 8x1"));
    CHECK(test.camera.state() == SourceState::Lost);
}

TEST_CASE("a link that ends is lost with its reason, a drained one has ended") {
    for (const bool drained : {false, true}) {
        CameraTest test;
        test.camera.give(0, 1);
        REQUIRE(test.camera.open());
        if (drained)
            REQUIRE(test.camera.drain());
        test.camera.loss = "unplugged";
        test.camera.frames_.over = true;
        CHECK(test.camera.read(test.block, 1s).value() == ReadOutcome::Planes);
        const auto outcome = test.camera.read(test.block, 1s);
        CHECK(outcome.has_value() == drained);
        if (drained)
            CHECK(*outcome == ReadOutcome::End);
        else
            CHECK(outcome.error().message == "camera: unplugged");
    }
}

TEST_CASE("the rate is measured by arrival and kept when the camera comes back") {
    CameraTest test;
    test.settings.planeRateHz.reset();
    ScriptedCamera camera(test.settings, test.clock);
    camera.frames_.perFrame = 1ms;
    camera.give(0, 300);
    CHECK(camera.open()->planeRateHz == 1000);
    CHECK(camera.read(test.block, 1s).value() == ReadOutcome::Planes);
    CHECK(camera.counted.measuredRateHz == Approx(1111).margin(1));  // ten planes in nine steps
    camera.close();
    CHECK_THAT(camera.open().error().message, Contains("sends nothing"));
    camera.interrupt();
}
