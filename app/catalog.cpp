// SPDX-License-Identifier: Apache-2.0
// From SourceConfig to a driver.
#include "app/catalog.h"

#include "drivers/pcie/pcie_source.h"
#include "drivers/pcie/vendor_library.h"
#include "drivers/replay/replay_source.h"
#include "drivers/synthetic/synthetic_source.h"
#include "drivers/usb/libusb/libusb_transport.h"
#include "drivers/usb/usb_messages.h"
#include "drivers/usb/usb_source.h"

namespace fovea {

namespace {

Result<std::unique_ptr<SpikeSource>> makeSynthetic(const SourceConfig &config, Clock &clock) {
    SyntheticSettings settings;
    settings.shape = config.shape.value_or(settings.shape);
    settings.planeRateHz = config.planeRateHz.value_or(settings.planeRateHz);
    settings.seed = config.seed;
    settings.objects = config.objects;
    settings.scaleSensorNoise(config.sensorNoise);
    // Speed 0 = as fast as the reader takes it; any other speed is that of a live camera.
    settings.paced = config.speed > 0;
    const Result<SceneLight> light = parseSceneLight(config.light);
    if (!light)
        return tl::make_unexpected(light.error());
    settings.light = *light;
    settings.limitSeconds(config.seconds);
    if (auto checked = settings.check(); !checked)
        return failed(checked);
    return std::make_unique<SyntheticSource>(settings, clock);
}

Result<std::unique_ptr<SpikeSource>> makeReplay(const SourceConfig &config, Clock &clock) {
    if (config.path.empty())
        return fail(ErrorCode::Usage,
                    "source.path: a recording must be named for source.kind file");
    if (config.rangeEnd != 0 && config.rangeBegin >= config.rangeEnd)
        return fail(ErrorCode::Usage,
                    "source.range_end: found {}, allowed: 0 or more than source.range_begin, {}",
                    config.rangeEnd, config.rangeBegin);
    Result<SpikeFileOptions> file = spikeFileOptions(config);
    if (!file)
        return failed(file);
    ReplaySettings settings;
    settings.path = config.path;
    settings.file = std::move(*file);
    settings.play.speed = config.speed;
    settings.play.everyPlane = config.everyPlane;
    settings.play.loop = config.loop;
    settings.play.rangeBegin = config.rangeBegin;
    settings.play.rangeEnd = config.rangeEnd;
    settings.play.holdAtEnd = config.holdAtEnd;
    return std::make_unique<ReplaySource>(std::move(settings), clock);
}

Result<std::unique_ptr<SpikeSource>> makeUsb(const SourceConfig &config, Clock &clock) {
    UsbSettings settings;
    settings.match.serial = config.serial;
    if (!config.usbId.empty())
        if (auto set = settings.match.setId(config.usbId); !set)
            return failed(set);
    settings.shape = config.shape.value_or(settings.shape);
    settings.planeRateHz = config.planeRateHz;
    settings.flip = config.flip.value_or(settings.flip);
    auto transport = makeLibusbTransport();
    if (!transport)
        return fail(ErrorCode::NoDevice,
                    "usb{}{}: this build has no USB cameras; install libusb-1.0-0-dev and build "
                    "again with FOVEA_USB=ON",
                    config.serial.empty() ? "" : ":", config.serial);
    return std::make_unique<UsbSource>(std::move(settings), std::move(transport), clock);
}

void listUsb(std::vector<SourceDescription> &sources) {
    if (!makeLibusbTransport())
        return;
    for (const UsbDevice &device : readUsbDevices()) {
        if (!UsbMatch{}.fits(device))
            continue;
        SourceConfig config;
        config.kind = "usb";
        config.serial = device.serial;
        SourceDescription camera{config.kind,
                                 device.name.empty() ? "USB camera" : device.name,
                                 {},
                                 config,
                                 speedOf(device),
                                 stateOf(device)};
        camera.detail =
            fmt::format("serial {}, {}, {}", device.serial.empty() ? "unknown" : device.serial,
                        camera.speed, camera.state);
        sources.push_back(std::move(camera));
    }
}

Result<std::unique_ptr<SpikeSource>> makePcie(const SourceConfig &config, Clock &clock) {
    if (!config.serial.empty())
        return fail(ErrorCode::NoDevice,
                    "pcie:{}: the capture card tells no serial number; ask for pcie alone",
                    config.serial);
    PcieSettings settings;
    if (!config.pcieLibrary.empty())
        settings.card.library = config.pcieLibrary;
    settings.card.version = config.pcieVersion;
    if (config.shape)
        settings.layout.height = config.shape->height;
    if (settings.layout.shape() != config.shape.value_or(settings.layout.shape()) ||
        !settings.layout.valid())
        return fail(ErrorCode::Usage,
                    "source.shape: found {} for kind pcie, allowed width {} and an even height "
                    "from 2 to {}",
                    toString(*config.shape), WireLayout::width, WireLayout::maxHeight);
    settings.planeRateHz = config.planeRateHz;
    settings.flip = config.flip.value_or(settings.flip);
    return std::make_unique<PcieSource>(std::move(settings), clock);
}

// The card by the node of its kernel driver, or by its library where the configuration names one;
// the library is not asked for the card, which another program may be using.
void listPcie(std::vector<SourceDescription> &sources, const SourceConfig &known) {
    SourceConfig config;
    config.kind = "pcie";
    config.pcieLibrary = known.pcieLibrary;
    config.pcieVersion = known.pcieVersion;
    if (known.kind == "pcie")
        config.shape = known.shape;
    if (const std::optional<std::string> card = describePcieCard()) {
        sources.push_back({config.kind, "PCIe camera", *card, config});
    } else if (!known.pcieLibrary.empty()) {
        const auto library = VendorLibrary::load(known.pcieLibrary);
        sources.push_back(
            {config.kind, "PCIe camera",
             library
                 ? fmt::format("{}, by {}", toString(config.shape.value_or(WireLayout{}.shape())),
                               known.pcieLibrary)
                 : library.error().message,
             config});
    }
}

class Catalog final : public SourceCatalog {
public:
    Catalog(Clock &clock, SourceConfig known) : clock_(clock), known_(std::move(known)) {}

    std::vector<SourceDescription> list() override {
        const SourceConfig synthetic;
        const SyntheticSettings settings;
        std::vector<SourceDescription> sources{
            {synthetic.kind, "Synthetic camera",
             fmt::format("{}, {} planes/s, moving objects with known truth",
                         toString(settings.shape), settings.planeRateHz),
             synthetic}};
        listUsb(sources);
        listPcie(sources, known_);
        return sources;
    }

    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &config) override {
        if (config.kind == "synthetic")
            return makeSynthetic(config, clock_);
        if (config.kind == "file")
            return makeReplay(config, clock_);
        if (config.kind == "usb")
            return makeUsb(config, clock_);
        if (config.kind == "pcie")
            return makePcie(config, clock_);
        return fail(ErrorCode::Usage, "source.kind: found '{}', allowed synthetic, file, usb, pcie",
                    config.kind);
    }

private:
    Clock &clock_;
    const SourceConfig known_;
};

}  // namespace

std::unique_ptr<SourceCatalog> makeSourceCatalog(Clock &clock, const SourceConfig &known) {
    return std::make_unique<Catalog>(clock, known);
}

Result<SpikeFileOptions> spikeFileOptions(const SourceConfig &config) {
    const Result<FileFormat> format = parseFileFormat(config.format);
    if (!format)
        return tl::make_unexpected(format.error());
    SpikeFileOptions options;
    options.shape = config.shape;
    options.rateHz = config.planeRateHz;
    options.flip = config.flip;
    options.format = *format;
    return options;
}

}  // namespace fovea
