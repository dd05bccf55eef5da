// SPDX-License-Identifier: Apache-2.0
// Every code has a cause, and where there is one, a remedy.
#include "drivers/usb/usb_messages.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <set>

using namespace fovea;
using Catch::Contains;

TEST_CASE("every code is explained in its own words", "[usb]") {
    UsbDevice device;
    device.node = "/dev/bus/usb/004/009";
    std::set<std::string> texts;
    for (int code = 0; code <= static_cast<int>(UsbCode::Other); ++code)
        texts.insert(explain(static_cast<UsbCode>(code), device));
    REQUIRE(texts.size() == static_cast<std::size_t>(UsbCode::Other) + 1);
    REQUIRE_THAT(explain(UsbCode::Access, device), Contains("/dev/bus/usb/004/009"));
    REQUIRE_THAT(explain(UsbCode::Busy, device), Contains("fuser -v /dev/bus/usb/004/009"));
    REQUIRE_THAT(explain(UsbCode::NoMemory, device), Contains("usbfs_memory_mb"));
}

TEST_CASE("the udev rule that the message names is shipped", "[usb]") {
    REQUIRE_THAT(explain(UsbCode::Access, {}), Contains("drivers/usb/51-fovea-camera.rules"));
    REQUIRE(std::filesystem::exists(FOVEA_SOURCE_DIR "/drivers/usb/51-fovea-camera.rules"));
}

TEST_CASE("names, states and speeds of the list", "[usb]") {
    UsbDevice device;
    REQUIRE(nameOf(device) == "usb");
    device.serial = "F1";
    REQUIRE(nameOf(device) == "usb:F1");
    REQUIRE(stateOf(device) == "ready");
    device.inUse = true;
    REQUIRE(stateOf(device) == "in use");
    device.permitted = false;
    REQUIRE(stateOf(device) == "no permission");
    REQUIRE(speedOf(device) == "speed unknown");
    REQUIRE_FALSE(slow(device));
    device.megabits = 480;
    REQUIRE(speedOf(device) == "USB 2, 480 Mb/s");
    REQUIRE(slow(device));
    device.megabits = 10000;
    REQUIRE(speedOf(device) == "USB 3, 10 Gb/s");
}
