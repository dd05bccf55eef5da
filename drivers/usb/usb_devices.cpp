// SPDX-License-Identifier: Apache-2.0
// Reads /sys/bus/usb/devices.
#include "drivers/usb/usb_devices.h"

#include "engine/core/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace fovea {

namespace {

namespace fs = std::filesystem;

// The first line of a small file; empty when it cannot be read.
std::string lineOf(const fs::path &path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// Four hexadecimal digits; 0 when it is something else.
std::uint16_t idOf(std::string_view text) {
    std::uint16_t value = 0;
    const char *end = text.data() + text.size();
    const bool all = std::from_chars(text.data(), end, value, 16).ptr == end;
    return all && text.size() == 4 ? value : 0;
}

// What is in a folder that may vanish while it is read.
std::vector<fs::path> entriesOf(const fs::path &folder) {
    std::vector<fs::path> paths;
    std::error_code failure;
    fs::directory_iterator entry(folder, failure);
    for (; !failure && entry != fs::directory_iterator(); entry.increment(failure))
        paths.push_back(entry->path());
    return paths;
}

// A program that has claimed an interface shows as its driver "usbfs".
bool claimed(const fs::path &device) {
    std::error_code failure;
    for (const fs::path &path : entriesOf(device))
        if (path.filename().string().find(':') != std::string::npos &&
            fs::read_symlink(path / "driver", failure).filename() == "usbfs")
            return true;
    return false;
}

}  // namespace

bool UsbMatch::fits(const UsbDevice &device) const {
    return device.vendor == vendor &&
           std::find(products.begin(), products.end(), device.product) != products.end() &&
           (serial.empty() || serial == device.serial);
}

std::string UsbMatch::text() const {
    std::string all;
    for (const std::uint16_t product : products)
        all += fmt::format("{}{:04x}:{:04x}", all.empty() ? "" : " or ", vendor, product);
    return all;
}

Result<void> UsbMatch::setId(std::string_view id) {
    const std::uint16_t first = idOf(id.substr(0, std::min<std::size_t>(4, id.size())));
    const std::uint16_t second = id.size() == 9 && id[4] == ':' ? idOf(id.substr(5)) : 0;
    if (first == 0 || second == 0)
        return fail(
            ErrorCode::Usage,
            "source.usb_id: found '{}', allowed: vendor and product as 'lsusb' prints them, "
            "0403:601f",
            id);
    vendor = first;
    products = {second};
    return {};
}

std::vector<UsbDevice> readUsbDevices(const fs::path &sysfs, const fs::path &nodes) {
    std::vector<UsbDevice> devices;
    for (const fs::path &path : entriesOf(sysfs)) {
        UsbDevice device;
        device.vendor = idOf(lineOf(path / "idVendor"));
        device.product = idOf(lineOf(path / "idProduct"));
        device.bus = parseNumber<int>(lineOf(path / "busnum")).value_or(0);
        device.address = parseNumber<int>(lineOf(path / "devnum")).value_or(0);
        if (device.vendor == 0 || device.address == 0)
            continue;  // an interface, or it is just going away
        device.serial = lineOf(path / "serial");
        device.name = lineOf(path / "product");
        device.megabits = parseNumber<double>(lineOf(path / "speed")).value_or(0);
        device.node =
            (nodes / fmt::format("{:03}", device.bus) / fmt::format("{:03}", device.address))
                .string();
        device.permitted = ::access(device.node.c_str(), R_OK | W_OK) == 0;
        device.inUse = claimed(path);
        devices.push_back(std::move(device));
    }
    std::sort(devices.begin(), devices.end(), [](const UsbDevice &a, const UsbDevice &b) {
        return std::tie(a.bus, a.address) < std::tie(b.bus, b.address);
    });
    return devices;
}

}  // namespace fovea
