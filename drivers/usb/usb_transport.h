// SPDX-License-Identifier: Apache-2.0
// The seam between the camera driver and the system's USB: no policy, so that a fake can stand in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fovea {

/// How a call or a transfer ended.
enum class UsbCode : std::uint8_t {
    Ok,
    Access,    ///< no permission
    Busy,      ///< somebody else has it
    NoDevice,  ///< it is not there any more
    NotFound,  ///< no such device, interface or endpoint
    NoMemory,  ///< the kernel has no more for USB
    TimedOut,
    Overflow,  ///< more came than was asked for
    Stall,     ///< the endpoint is halted
    Io,        ///< the wires: checksum, no answer
    Cancelled,
    Other,
};

/// A device on the bus, as the system shows it without opening it.
struct UsbDevice {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    std::string serial;
    std::string name;  ///< its product string
    std::string node;  ///< for people: /dev/bus/usb/002/003
    int bus = 0;
    int address = 0;
    double megabits = 0;    ///< a second: 480, 5000, 10000; 0 when not known
    bool permitted = true;  ///< this user may open it
    bool inUse = false;     ///< a program has its interfaces

    friend bool operator==(const UsbDevice &, const UsbDevice &) = default;
};

/// One device and the transfers that read its stream.
///
/// A slot is a buffer with a transfer; it belongs to the system from submit() to its completion.
/// Threads: one at a time, but devices() any; completions are called inside poll() and inside the
/// calls that wait for an answer (controlIn, bulkOut).
class UsbTransport {
public:
    using Slot = std::uint32_t;
    using Completed = std::function<void(Slot slot, UsbCode status, std::size_t bytes)>;
    using Milliseconds = std::chrono::milliseconds;

    UsbTransport() = default;
    UsbTransport(const UsbTransport &) = delete;
    UsbTransport &operator=(const UsbTransport &) = delete;
    virtual ~UsbTransport() = default;

    /// What is plugged in now, never from a memory of earlier.
    [[nodiscard]] virtual std::vector<UsbDevice> devices() = 0;

    /// Opens the device and claims its interfaces; all of it or nothing.
    [[nodiscard]] virtual UsbCode open(const UsbDevice &device) = 0;
    /// Ends everything. Transfers that the system does not give back are left behind for ever
    /// rather than waited for. Idempotent.
    virtual void close() = 0;
    /// Largest packet of the stream's endpoint; 0 when there is no such endpoint.
    [[nodiscard]] virtual std::size_t maxPacketBytes() const = 0;

    /// Vendor request to the device; `data` is filled.
    [[nodiscard]] virtual UsbCode controlIn(std::uint8_t request, std::uint16_t value,
                                            std::span<std::uint8_t> data) = 0;
    [[nodiscard]] virtual UsbCode bulkOut(std::uint8_t endpoint,
                                          std::span<const std::uint8_t> data) = 0;
    /// Ends the halt of the stream's endpoint; with no transfer in flight.
    [[nodiscard]] virtual UsbCode clearHalt() = 0;

    /// Makes `slots` buffers of `bytes`, a multiple of the packet size; once after each open().
    [[nodiscard]] virtual UsbCode allocate(std::size_t slots, std::size_t bytes,
                                           Completed completed) = 0;
    [[nodiscard]] virtual std::span<const std::uint8_t> buffer(Slot slot) const = 0;
    /// The device writes into the buffers itself; else the kernel copies.
    [[nodiscard]] virtual bool zeroCopy() const = 0;
    [[nodiscard]] virtual UsbCode submit(Slot slot) = 0;
    /// Asks for the end of all transfers; each still completes.
    virtual void cancelAll() = 0;
    /// Waits up to `limit` for completions and calls them. NoDevice: the device was pulled.
    [[nodiscard]] virtual UsbCode poll(Milliseconds limit) = 0;
};

}  // namespace fovea
