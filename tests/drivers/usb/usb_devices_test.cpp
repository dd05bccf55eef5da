// SPDX-License-Identifier: Apache-2.0
// The kernel's list of devices, from a made-up one.
#include "drivers/usb/usb_devices.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace fovea;

namespace {

void write(const std::filesystem::path &path, const std::string &text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << "\n";
}

}  // namespace

TEST_CASE("devices are read with serial, speed and state", "[usb]") {
    const test::TemporaryFolder folder;
    const auto sysfs = folder / "sys";
    write(sysfs / "2-1/idVendor", "0403");
    write(sysfs / "2-1/idProduct", "601f");
    write(sysfs / "2-1/serial", "F601 7");
    write(sysfs / "2-1/product", "Spike camera");
    write(sysfs / "2-1/speed", "5000");
    write(sysfs / "2-1/busnum", "2");
    write(sysfs / "2-1/devnum", "17");
    write(sysfs / "2-1:1.0/bInterfaceNumber", "00");  // an interface, no device
    write(sysfs / "1-2/idVendor", "1d6b");
    write(sysfs / "1-2/idProduct", "0002");
    write(sysfs / "1-2/speed", "1.5");
    write(sysfs / "1-2/busnum", "1");
    write(sysfs / "1-2/devnum", "1");
    write(sysfs / "3-1/idVendor", "0403");  // going away: half of its files are gone
    write(folder / "dev/002/017", "");

    auto devices = readUsbDevices(sysfs, folder / "dev");
    REQUIRE(devices.size() == 2);
    REQUIRE(devices[0].vendor == 0x1d6b);
    REQUIRE(devices[0].megabits == 1.5);
    REQUIRE_FALSE(devices[0].permitted);  // has no node
    const UsbDevice &camera = devices[1];
    REQUIRE(camera.vendor == 0x0403);
    REQUIRE(camera.product == 0x601f);
    REQUIRE(camera.serial == "F601 7");
    REQUIRE(camera.name == "Spike camera");
    REQUIRE(camera.bus == 2);
    REQUIRE(camera.address == 17);
    REQUIRE(camera.node == (folder / "dev/002/017").string());
    REQUIRE(camera.permitted);
    REQUIRE_FALSE(camera.inUse);

    std::filesystem::create_directories(sysfs / "2-1/2-1:1.0");
    std::filesystem::create_symlink("../drivers/usbfs", sysfs / "2-1/2-1:1.0/driver");
    REQUIRE(readUsbDevices(sysfs, folder / "dev")[1].inUse);
}

TEST_CASE("no list, no devices", "[usb]") {
    REQUIRE(readUsbDevices("/nowhere", "/nowhere").empty());
}

TEST_CASE("which devices are cameras", "[usb]") {
    UsbMatch match;
    UsbDevice device;
    REQUIRE_FALSE(match.fits(device));
    device.vendor = 0x0403;
    device.product = 0x601e;
    device.serial = "A";
    REQUIRE(match.fits(device));
    REQUIRE(match.text() == "0403:601e or 0403:601f");
    match.serial = "B";
    REQUIRE_FALSE(match.fits(device));
    match.serial = "A";
    REQUIRE(match.setId("1234:abCD"));
    REQUIRE(match.text() == "1234:abcd");
    REQUIRE_FALSE(match.fits(device));
    for (const char *bad : {"", "0403", "0403:", "0403:601", "0403-601f", "0403:601fx", "04g3:601f",
                            "0000:0000", "+403:601f"}) {
        INFO(bad);
        const auto refused = match.setId(bad);
        REQUIRE_FALSE(refused);
        REQUIRE(refused.error().code == ErrorCode::Usage);
    }
}
