// SPDX-License-Identifier: Apache-2.0
// Behaviour of the FT601 as far as drivers/usb/ft60x.h knows it.
#include "tests/fakes/ft60x_model.h"

#include "drivers/usb/ft60x.h"

namespace fovea::test {

Ft60xModel::Ft60xModel(PlaneShape shape, std::string serial, std::uint32_t firstCounter)
    : serial_(std::move(serial)), frames_(shape, firstCounter) {}

std::vector<std::uint8_t> Ft60xModel::descriptors() const {
    // USB 3.0 device 0403:601f; interface 0: bulk OUT 0x01, interrupt IN 0x81; interface 1: bulk
    // OUT 0x02, bulk IN 0x82; each endpoint with its SuperSpeed companion.
    return {0x12, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x09, 0x03, 0x04, 0x1f, 0x60,        //
            0x00, 0x00, 0x01, 0x02, 0x03, 0x01,                                            //
            0x09, 0x02, 0x4f, 0x00, 0x02, 0x01, 0x00, 0x80, 0x30,                          //
            0x09, 0x04, 0x00, 0x00, 0x02, 0xff, 0x00, 0x00, 0x00,                          //
            0x07, 0x05, 0x01, 0x02, 0x00, 0x04, 0x00, 0x06, 0x30, 0x00, 0x00, 0x00, 0x00,  //
            0x07, 0x05, 0x81, 0x03, 0x40, 0x00, 0x01, 0x06, 0x30, 0x00, 0x00, 0x00, 0x00,  //
            0x09, 0x04, 0x01, 0x00, 0x02, 0xff, 0x00, 0x00, 0x00,                          //
            0x07, 0x05, 0x02, 0x02, 0x00, 0x04, 0x00, 0x06, 0x30, 0x00, 0x00, 0x00, 0x00,  //
            0x07, 0x05, 0x82, 0x02, 0x00, 0x04, 0x00, 0x06, 0x30, 0x00, 0x00, 0x00, 0x00};
}

std::optional<std::vector<std::uint8_t>>
Ft60xModel::controlIn(std::uint8_t request, std::uint16_t value, std::size_t length) const {
    if (request != ft60x::readConfigRequest || value != ft60x::readConfigValue)
        return std::nullopt;
    std::vector<std::uint8_t> config(ft60x::configBytes);
    config[0] = ft60x::vendor & 0xFF;
    config[1] = ft60x::vendor >> 8;
    config[2] = ft60x::ft601 & 0xFF;
    config[3] = ft60x::ft601 >> 8;
    config.resize(std::min(length, config.size()));
    return config;
}

bool Ft60xModel::command(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != ft60x::Command{}.size() || bytes[4] != ft60x::streamIn)
        return false;
    const std::lock_guard lock(mutex_);
    ++commands_;
    streaming_ = bytes[5] == static_cast<std::uint8_t>(ft60x::Operation::SetStream);
    if (streaming_) {
        begun_ = std::chrono::steady_clock::now();
        sent_ = 0;
        hanging_ = false;
    }
    return true;
}

std::optional<TransferFault> Ft60xModel::nextFault() {
    const std::uint64_t transfer = transfers_++;
    if (const auto chosen = faults_.find(transfer); chosen != faults_.end())
        return chosen->second;
    if (every_ > 0 && transfer >= everyFrom_ && (transfer - everyFrom_ + 1) % every_ == 0)
        return everyFault_;
    return std::nullopt;
}

bool Ft60xModel::due(std::size_t bytes) {
    const double pace = pace_;
    if (pace <= 0)
        return true;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    return seconds * pace >= sent_ + static_cast<double>(bytes);
}

BulkIn Ft60xModel::bulkIn(std::span<std::uint8_t> target) {
    const std::lock_guard lock(mutex_);
    if (!plugged_)
        return {BulkIn::End::Gone, 0};
    if (halted_)
        return {BulkIn::End::Stall, 0};
    if (!streaming_ || hanging_ || !due(target.size()))
        return {BulkIn::End::NotYet, 0};
    BulkIn result;
    const auto fault = nextFault();
    std::size_t bytes = target.size();
    if (fault == TransferFault::Short || fault == TransferFault::TimedOut)
        bytes = bytes / 2 / 4 * 4;
    sent_ += static_cast<double>(bytes);
    if (fault == TransferFault::Unplug) {
        plugged_ = false;
        return {BulkIn::End::Gone, 0};
    }
    if (fault == TransferFault::Hang) {
        hanging_ = true;
        return {BulkIn::End::NotYet, 0};
    }
    if (fault == TransferFault::Stall) {
        halted_ = true;
        return {BulkIn::End::Stall, 0};
    }
    frames_.read(target.first(bytes));
    result.bytes = bytes;
    if (fault == TransferFault::Overflow)
        return {BulkIn::End::Overflow, 0};
    if (fault == TransferFault::Error)
        return {BulkIn::End::Error, 0};
    if (fault == TransferFault::TimedOut)
        result.end = BulkIn::End::TimedOut;
    return result;
}

void Ft60xModel::clearHalt() {
    const std::lock_guard lock(mutex_);
    if (halted_)
        ++haltsCleared_;
    halted_ = false;
}

void Ft60xModel::failTransfer(std::uint64_t transfer, TransferFault fault) {
    const std::lock_guard lock(mutex_);
    faults_[transfers_ + transfer] = fault;
}

void Ft60xModel::failEvery(std::uint64_t every, TransferFault fault) {
    const std::lock_guard lock(mutex_);
    every_ = every;
    everyFrom_ = transfers_;
    everyFault_ = fault;
}

void Ft60xModel::plugIn() {
    const std::lock_guard lock(mutex_);
    streaming_ = halted_ = hanging_ = false;
    faults_.clear();
    every_ = 0;
    plugged_ = true;
}

bool Ft60xModel::streaming() const {
    const std::lock_guard lock(mutex_);
    return streaming_;
}

}  // namespace fovea::test
