// SPDX-License-Identifier: Apache-2.0
// A live camera whose cable the test pulls and puts back.
#pragma once

#include "engine/core/spike_source.h"
#include "engine/pipeline/source_catalog.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace fovea::test {

/// What test and camera share. Threads: any.
struct Plug {
    std::atomic<bool> in{true};
    std::atomic<std::uint32_t> width{64};  ///< of the camera that is plugged in
    std::atomic<int> opens{0};
    std::atomic<bool> inUse{false};  ///< somebody has it
};

class PluggableSource final : public SpikeSource {
public:
    explicit PluggableSource(std::shared_ptr<Plug> plug) : plug_(std::move(plug)) {}
    void interrupt() override {}

protected:
    Result<SourceInfo> doOpen() override {
        ++plug_->opens;
        if (!plug_->in)
            return fail(ErrorCode::NoDevice, "fake camera: nothing is plugged in");
        info_.shape = {plug_->width, 40};
        info_.planeRateHz = 4000;
        info_.name = "fake camera";
        info_.serial = "F-1";
        info_.live = true;
        epoch_ += opened_ ? 1U : 0U;
        opened_ = true;
        return info_;
    }
    Result<ReadOutcome> doRead(SpikeBlock &block, std::chrono::milliseconds) override {
        if (!plug_->in)
            return fail(ErrorCode::DeviceLost, "fake camera: the cable was pulled");
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        block.begin(next_, info_.planeRateHz, epoch_);
        for (std::uint32_t i = 0; i < std::min<std::uint32_t>(20, block.capacity()); ++i)
            std::fill_n(block.append(), info_.shape.wordStride(), 0);
        next_ = block.endPlane();
        block.setCaptureTime(std::chrono::steady_clock::now());
        return ReadOutcome::Planes;
    }
    void doClose() override {}

private:
    std::shared_ptr<Plug> plug_;
    SourceInfo info_;
    std::uint64_t next_ = 0;
    std::uint32_t epoch_ = 0;  ///< grows with every return, as a camera's does
    bool opened_ = false;
};

class PluggableCatalog final : public SourceCatalog {
public:
    explicit PluggableCatalog(std::shared_ptr<Plug> plug) : plug_(std::move(plug)) {}
    std::vector<SourceDescription> list() override {
        if (!plug_->in)
            return {};
        SourceConfig config;
        config.kind = "usb";
        config.serial = "F-1";
        return {{config.kind, "fake camera", "serial F-1", config, "USB 3, 5 Gb/s",
                 plug_->inUse ? "in use" : "ready"}};
    }
    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &) override {
        return std::make_unique<PluggableSource>(plug_);
    }

private:
    std::shared_ptr<Plug> plug_;
};

}  // namespace fovea::test
