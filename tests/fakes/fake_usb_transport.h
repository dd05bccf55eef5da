// SPDX-License-Identifier: Apache-2.0
// A bus with the model camera on it, for tests of the driver without libusb.
#pragma once

#include "drivers/usb/usb_transport.h"
#include "tests/fakes/ft60x_model.h"

#include <deque>
#include <memory>
#include <thread>
#include <utility>

namespace fovea::test {

/// What test and transport share. Threads: any, but settings before open() only.
struct FakeBus {
    explicit FakeBus(PlaneShape shape, std::uint32_t firstCounter = 0)
        : camera(shape, "F601-0001", firstCounter) {
        device.vendor = 0x0403;
        device.product = 0x601f;
        device.serial = camera.serial();
        device.name = "Spike camera";
        device.node = "/dev/bus/usb/002/002";
        device.bus = 2;
        device.address = 2;
        device.megabits = 5000;
    }
    Ft60xModel camera;
    UsbDevice device;
    std::vector<UsbDevice> others;
    std::size_t maxPacketBytes = 1024;
    std::vector<UsbCode> openCodes;  ///< of the first open() calls, in order
    UsbCode configCode = UsbCode::Ok;
    std::size_t slotsThatFit = ~std::size_t{0};  ///< submit() gives NoMemory beyond
    bool neverEnds = false;                      ///< cancelled transfers do not come back
    std::size_t perPoll = 4;                     ///< completions in one poll()
    std::atomic<int> opens{0};
    std::atomic<int> closes{0};
};

class FakeUsbTransport final : public UsbTransport {
public:
    explicit FakeUsbTransport(std::shared_ptr<FakeBus> bus) : bus_(std::move(bus)) {}

    std::vector<UsbDevice> devices() override {
        std::vector<UsbDevice> all = bus_->others;
        if (bus_->camera.plugged())
            all.push_back(bus_->device);
        return all;
    }
    UsbCode open(const UsbDevice &device) override {
        const auto number = static_cast<std::size_t>(bus_->opens++);
        if (number < bus_->openCodes.size() && bus_->openCodes[number] != UsbCode::Ok)
            return bus_->openCodes[number];
        open_ = bus_->camera.plugged() && device.address == bus_->device.address;
        return open_ ? UsbCode::Ok : UsbCode::NoDevice;
    }
    void close() override {
        bus_->closes += open_ ? 1 : 0;
        open_ = false;
        waiting_.clear();
        completed_ = {};
    }
    [[nodiscard]] std::size_t maxPacketBytes() const override { return bus_->maxPacketBytes; }
    UsbCode controlIn(std::uint8_t request, std::uint16_t value,
                      std::span<std::uint8_t> data) override {
        const auto answer = bus_->camera.controlIn(request, value, data.size());
        return answer ? bus_->configCode : UsbCode::Stall;
    }
    UsbCode bulkOut(std::uint8_t endpoint, std::span<const std::uint8_t> data) override {
        if (!bus_->camera.plugged())
            return UsbCode::NoDevice;
        return endpoint == 0x01 && bus_->camera.command(data) ? UsbCode::Ok : UsbCode::Io;
    }
    UsbCode clearHalt() override {
        bus_->camera.clearHalt();
        return waiting_.empty() ? UsbCode::Ok : UsbCode::Busy;
    }
    UsbCode allocate(std::size_t slots, std::size_t bytes, Completed completed) override {
        buffers_.assign(slots, std::vector<std::uint8_t>(bytes));
        completed_ = std::move(completed);
        return UsbCode::Ok;
    }
    [[nodiscard]] std::span<const std::uint8_t> buffer(Slot slot) const override {
        return buffers_[slot];
    }
    [[nodiscard]] bool zeroCopy() const override { return false; }
    UsbCode submit(Slot slot) override {
        if (!bus_->camera.plugged())
            return UsbCode::NoDevice;
        if (waiting_.size() >= bus_->slotsThatFit)
            return UsbCode::NoMemory;
        waiting_.push_back(slot);
        return UsbCode::Ok;
    }
    void cancelAll() override { cancelled_ = !bus_->neverEnds; }
    UsbCode poll(Milliseconds limit) override {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        for (std::size_t done = 0; done == 0 && !completeSome(done);) {
            if (std::chrono::steady_clock::now() >= deadline)
                break;
            std::this_thread::sleep_for(std::chrono::microseconds{200});
        }
        return open_ && !bus_->camera.plugged() && waiting_.empty() ? UsbCode::NoDevice
                                                                    : UsbCode::Ok;
    }

private:
    static UsbCode codeOf(BulkIn::End end) {
        switch (end) {
        case BulkIn::End::Stall:
            return UsbCode::Stall;
        case BulkIn::End::Overflow:
            return UsbCode::Overflow;
        case BulkIn::End::Error:
            return UsbCode::Io;
        case BulkIn::End::TimedOut:
            return UsbCode::TimedOut;
        case BulkIn::End::Gone:
            return UsbCode::NoDevice;
        default:
            return UsbCode::Ok;
        }
    }
    /// True when there is nothing to wait for.
    bool completeSome(std::size_t &done) {
        const bool cancelled = std::exchange(cancelled_, false);
        for (std::size_t left = cancelled ? waiting_.size() : bus_->perPoll;
             left > 0 && !waiting_.empty(); --left) {
            const Slot slot = waiting_.front();
            BulkIn result;
            if (!cancelled)
                result = bus_->camera.bulkIn(buffers_[slot]);
            if (!cancelled && result.end == BulkIn::End::NotYet)
                break;
            waiting_.pop_front();
            ++done;
            completed_(slot, cancelled ? UsbCode::Cancelled : codeOf(result.end), result.bytes);
        }
        return !bus_->camera.plugged();
    }

    const std::shared_ptr<FakeBus> bus_;
    bool open_ = false;
    bool cancelled_ = false;
    std::deque<Slot> waiting_;
    std::vector<std::vector<std::uint8_t>> buffers_;
    Completed completed_;
};

}  // namespace fovea::test
