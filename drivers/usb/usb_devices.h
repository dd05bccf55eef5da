// SPDX-License-Identifier: Apache-2.0
// What is plugged in, read from the kernel's own list: needs no permission, no udevd, opens
// nothing.
#pragma once

#include "drivers/usb/ft60x.h"
#include "drivers/usb/usb_transport.h"
#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace fovea {

/// Which devices are cameras: any FT600 or FT601, unless something else is said.
struct UsbMatch {
    std::uint16_t vendor = ft60x::vendor;
    std::vector<std::uint16_t> products{ft60x::ft600, ft60x::ft601};
    std::string serial;  ///< empty: any

    [[nodiscard]] bool fits(const UsbDevice &device) const;
    /// "0403:601e or 0403:601f"
    [[nodiscard]] std::string text() const;
    /// Takes vendor and product from "0403:601f", because the numbers in the chip can be changed by
    /// its owner; Usage when it is no such text.
    [[nodiscard]] Result<void> setId(std::string_view id);
};

/// All USB devices, in the order of bus and address. What cannot be read is left out.
[[nodiscard]] std::vector<UsbDevice>
readUsbDevices(const std::filesystem::path &sysfs = "/sys/bus/usb/devices",
               const std::filesystem::path &nodes = "/dev/bus/usb");

}  // namespace fovea
