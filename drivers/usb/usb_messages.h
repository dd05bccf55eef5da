// SPDX-License-Identifier: Apache-2.0
// What went wrong on the bus, in words that say what to do about it.
#pragma once

#include "drivers/usb/usb_transport.h"

#include <string>

namespace fovea {

/// Cause and remedy, without the device's name: "no permission to open /dev/...; ...".
[[nodiscard]] std::string explain(UsbCode code, const UsbDevice &device);

/// "usb:SERIAL", or "usb" when there is none: what every message begins with, and what the command
/// line takes.
[[nodiscard]] std::string nameOf(const UsbDevice &device);

/// "ready", "in use", "no permission".
[[nodiscard]] std::string stateOf(const UsbDevice &device);

/// "USB 3, 5 Gb/s", "USB 2, 480 Mb/s".
[[nodiscard]] std::string speedOf(const UsbDevice &device);

/// Below 5 Gb/s: a USB 2 port, hub or cable.
[[nodiscard]] inline bool slow(const UsbDevice &device) {
    return device.megabits > 0 && device.megabits < 5000;
}

}  // namespace fovea
