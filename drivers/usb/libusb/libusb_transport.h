// SPDX-License-Identifier: Apache-2.0
// The system's USB through libusb 1.0.
#pragma once

#include "drivers/usb/usb_transport.h"

#include <memory>

namespace fovea {

/// Null when this build has no libusb (FOVEA_USB=OFF).
///
/// Each open() makes a library context of its own, so that a device is found that came while no
/// udevd told of it. The stream's buffers are the kernel's own memory when it lends enough for all
/// of them (usbfs_memory_mb), else ordinary memory.
/// Threads: see UsbTransport.
[[nodiscard]] std::unique_ptr<UsbTransport> makeLibusbTransport();

}  // namespace fovea
