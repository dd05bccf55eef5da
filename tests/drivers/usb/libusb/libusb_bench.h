// SPDX-License-Identifier: Apache-2.0
// The driver with unmodified libusb and the model camera, and what a process uses.
#pragma once

#include "drivers/usb/libusb/libusb_transport.h"
#include "drivers/usb/usb_source.h"
#include "engine/pipeline/session.h"
#include "tests/fakes/usb_testbed.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <ctime>
#include <fstream>
#include <thread>

namespace fovea::test {

using namespace std::chrono_literals;

constexpr PlaneShape vidar{400, 250};
using Seconds = std::chrono::duration<double>;

inline double secondsSince(std::chrono::steady_clock::time_point begin) {
    return Seconds(std::chrono::steady_clock::now() - begin).count();
}

struct Bench {
    SteadyClock clock;
    Ft60xModel camera{vidar};
    UsbTestbed bed{camera};
    UsbSettings settings;

    Bench() {
        REQUIRE(UsbTestbed::possible());
        settings.planeRateHz = 20000;
        settings.ring.spare = 64;
        settings.ring.watchdog = std::chrono::milliseconds(static_cast<int>(2000 * slowness()));
        settings.framePatience = 20s;
        settings.accessPatience = 0ms;
        bed.plugIn(2);
        camera.setPace(2000 * 12516.0);
    }
    std::unique_ptr<UsbSource> make() {
        return std::make_unique<UsbSource>(settings, makeLibusbTransport(), clock);
    }
};

struct Footprint {
    std::size_t files = 0, threads = 0, kilobytes = 0;
};

inline Footprint footprint() {
    Footprint now;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++now.files;
    for ([[maybe_unused]] const auto &entry :
         std::filesystem::directory_iterator("/proc/self/task"))
        ++now.threads;
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmRSS:")
            status >> now.kilobytes;
    return now;
}

/// Seconds of a processor that this process has used.
inline double processorSeconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The bench's camera, whose reader can be made to stand still.
class HeldSource final : public SpikeSource {
public:
    HeldSource(std::unique_ptr<UsbSource> camera, Bench &bench, std::atomic<std::uint64_t> &until)
        : camera_(std::move(camera)), bench_(bench), until_(until) {}
    void interrupt() override { camera_->interrupt(); }

protected:
    Result<SourceInfo> doOpen() override { return camera_->open(); }
    Result<ReadOutcome> doRead(SpikeBlock &block, std::chrono::milliseconds timeout) override {
        while (bench_.camera.frames().sent() < until_)
            std::this_thread::sleep_for(1ms);
        return camera_->read(block, timeout);
    }
    void doDrain() override { (void)camera_->drain(); }
    void doClose() override { camera_->close(); }

private:
    const std::unique_ptr<UsbSource> camera_;
    Bench &bench_;
    std::atomic<std::uint64_t> &until_;  ///< frames that the camera has sent
};

/// Makes the bench's camera.
class BenchCatalog final : public SourceCatalog {
public:
    explicit BenchCatalog(Bench &bench) : bench_(bench) {}
    std::vector<SourceDescription> list() override { return {}; }
    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &) override {
        auto camera = bench_.make();
        camera_ = camera.get();
        return std::make_unique<HeldSource>(std::move(camera), bench_, until_);
    }
    [[nodiscard]] UsbCounts counts() const { return camera_->counts(); }
    /// Nothing is read until the camera has sent so many frames.
    void holdUntil(std::uint64_t frames) { until_ = frames; }

private:
    Bench &bench_;
    UsbSource *camera_ = nullptr;
    std::atomic<std::uint64_t> until_{0};
};

template <class Ready> void waitFor(Session &session, Ready ready) {
    const auto begin = std::chrono::steady_clock::now();
    while (!ready(session.status()) && secondsSince(begin) < 60 * slowness())
        std::this_thread::sleep_for(5ms);
    REQUIRE(ready(session.status()));
}

}  // namespace fovea::test
