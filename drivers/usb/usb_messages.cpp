// SPDX-License-Identifier: Apache-2.0
// Causes and remedies of USB errors.
#include "drivers/usb/usb_messages.h"

#include <fmt/format.h>

namespace fovea {

std::string explain(UsbCode code, const UsbDevice &device) {
    switch (code) {
    case UsbCode::Ok:
        return "no error";
    case UsbCode::Access:
        return fmt::format(
            "no permission to open {}; as root, copy drivers/usb/51-fovea-camera.rules to "
            "/etc/udev/rules.d/, run 'udevadm control --reload', and plug the camera in again",
            device.node);
    case UsbCode::Busy:
        return fmt::format("another program or a kernel driver has it; 'fuser -v {}' names it",
                           device.node);
    case UsbCode::NoDevice:
        return "the camera was unplugged or lost its power";
    case UsbCode::NotFound:
        return "this device has not the interfaces and endpoints of an FT600 or FT601";
    case UsbCode::NoMemory:
        return "the kernel lends too little memory to USB; as root: 'echo 256 > "
               "/sys/module/usbcore/parameters/usbfs_memory_mb'";
    case UsbCode::TimedOut:
        return "the camera does not answer; unplug it and plug it in again";
    case UsbCode::Overflow:
        return "the camera sends more than was asked for: its firmware or the cable is at fault";
    case UsbCode::Stall:
        return "the camera has halted its stream and does not go on; plug it in again";
    case UsbCode::Io:
        return "transfers fail on the wires; try a shorter cable, another port, no hub";
    case UsbCode::Cancelled:
        return "the transfers were cancelled by the system";
    case UsbCode::Other:
        break;
    }
    return "USB fails without a known cause; 'dmesg' may say more";
}

std::string nameOf(const UsbDevice &device) {
    return device.serial.empty() ? "usb" : "usb:" + device.serial;
}

std::string stateOf(const UsbDevice &device) {
    if (!device.permitted)
        return "no permission";
    return device.inUse ? "in use" : "ready";
}

std::string speedOf(const UsbDevice &device) {
    if (device.megabits <= 0)
        return "speed unknown";
    if (slow(device))
        return fmt::format("USB 2, {} Mb/s", device.megabits);
    return fmt::format("USB 3, {} Gb/s", device.megabits / 1000);
}

}  // namespace fovea
