// SPDX-License-Identifier: Apache-2.0
// The model camera behind the kernel's own interface: unmodified libusb talks to it through
// umockdev (usb_testbed.cpp), or through a real kernel (usb_testbed_vhci.cpp).
#pragma once

#include "tests/fakes/ft60x_model.h"

#include <memory>
#include <sys/types.h>

namespace fovea::test {

/// A made-up /sys and /dev with one camera that can be plugged in and pulled. Programs must run
/// under umockdev-wrapper; nothing needs root. Or those of a real kernel with the module vhci-hcd,
/// which chooses addresses itself and knows none of the calls from setClient() on.
///
/// Threads: one at a time.
class UsbTestbed {
public:
    /// `model` must outlive it.
    explicit UsbTestbed(Ft60xModel &model);
    ~UsbTestbed();
    UsbTestbed(const UsbTestbed &) = delete;
    UsbTestbed &operator=(const UsbTestbed &) = delete;

    /// Whether this process runs under umockdev-wrapper.
    [[nodiscard]] static bool possible();

    /// The camera appears on bus 2 with this address. `told`: udevd tells of it.
    void plugIn(int address, bool told = true);
    void pull(bool told = true);
    /// Of the camera that is plugged in.
    [[nodiscard]] int address() const;
    /// Calls of the kernel's interface that the testbed does not know.
    [[nodiscard]] std::uint64_t unknownCalls() const;
    /// Whose memory the data goes to: this process, unless another one is named.
    void setClient(pid_t process);
    /// Claiming an interface fails with this errno; 0: it works.
    void setClaimError(int error);
    /// Transfers that the kernel takes at once.
    void setMemory(std::size_t transfers);
    /// Without it libusb splits transfers into pieces of 16 KiB.
    void setScatterGather(bool yes);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fovea::test
