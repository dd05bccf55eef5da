// SPDX-License-Identifier: Apache-2.0
// From configuration keys to the recorder and its budgets.
#include "app/recorder_options.h"

#include "datasets/disk_probe.h"
#include "drivers/usb/usb_devices.h"
#include "engine/core/text.h"

#include <algorithm>
#include <optional>

namespace fovea {

namespace {

constexpr double megabyte = 1e6;
/// Of a frame on the wire of the USB camera.
constexpr double usbHeadBytes = 16;

struct Link {
    std::string name;
    double bytesPerSecond = 0;
};

/// What the bridge chip of the camera gives over its port, by the maker's figures. Nothing when the
/// camera is not plugged in.
std::optional<Link> usbLink(const SourceConfig &config) {
    UsbMatch match;
    match.serial = config.serial;
    if (!config.usbId.empty() && !match.setId(config.usbId))
        return std::nullopt;
    for (const UsbDevice &device : readUsbDevices()) {
        if (!match.fits(device))
            continue;
        if (device.megabits < 5000)
            return Link{"a USB 2 port", 40e6};
        return device.product == ft60x::ft600 ? Link{"an FT600", 180e6} : Link{"an FT601", 360e6};
    }
    return std::nullopt;
}

}  // namespace

RecordSettings recordSettings(const RecordConfig &config) {
    RecordSettings settings;
    settings.compress = config.compress;
    settings.splitMegabytes = config.splitMegabytes;
    settings.splitSeconds = config.splitSeconds;
    return settings;
}

Result<RecorderOptions> recorderOptions(const RecordSettings &record, const SourceConfig &source,
                                        const std::filesystem::path &path, std::string createdBy) {
    const auto packing = parsePackingWish(record.compress);
    if (!packing)
        return tl::make_unexpected(packing.error());
    if (*packing == PackingWish::None && path.extension() == ".zst")
        return fail(ErrorCode::Usage,
                    "{}: a plain recording has no name in .zst; pack it (compress zstd), or give "
                    "another name",
                    path.string());
    RecorderOptions options;
    options.path = path;
    options.createdBy = std::move(createdBy);
    options.packing = *packing;
    options.splitBytes = static_cast<std::uint64_t>(record.splitMegabytes * megabyte);
    options.splitSeconds = record.splitSeconds;
    options.holdSeconds = record.holdSeconds;
    options.holdBytes = static_cast<std::uint64_t>(record.holdMegabytes * megabyte);
    if (source.kind == "synthetic")
        options.settings = {{"seed", fmt::format("{}", source.seed)},
                            {"objects", fmt::format("{}", source.objects)},
                            {"light", source.light},
                            {"sensor_noise", fmt::format("{}", source.sensorNoise)}};
    return options;
}

PreflightInput preflightInput(const Config &config, const SourceInfo &source,
                              const std::filesystem::path &path) {
    PreflightInput input;
    input.shape = source.shape;
    input.planeRateHz = source.planeRateHz;
    input.live = source.live;
    input.hasLink = config.source.kind == "usb" || config.source.kind == "pcie";
    if (config.source.kind == "usb") {
        input.linkExtraBytes = usbHeadBytes;
        if (const auto link = usbLink(config.source)) {
            input.link = link->name;
            input.linkBytesPerSecond = link->bytesPerSecond;
        }
    }
    if (const auto room = freeBytes(path.parent_path()))
        input.freeBytes = *room;
    return input;
}

std::string fullIn(const RecorderStatus &status) {
    if (status.path.empty())
        return {};
    const auto room = freeBytes(status.path.parent_path());
    return room ? fullInText(*room, status.bytesPerSecond) : std::string();
}

std::string roomText(const RecorderStatus &status) {
    if (status.path.empty())
        return {};
    std::string text = ", " + byteText(static_cast<double>(status.bytes));
    if (status.armed)
        text = fmt::format(", holding {:.1f} s", status.heldSeconds);
    if (const std::string full = fullIn(status); !full.empty())
        text += ", full in " + full;
    return text;
}

}  // namespace fovea
