// SPDX-License-Identifier: Apache-2.0
// The catalog makes what it lists, and says why it cannot make the rest.
#include "app/catalog.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("everything listed can be made and opened", "[app]") {
    ManualClock clock;
    const auto catalog = makeSourceCatalog(clock);
    const auto sources = catalog->list();
    REQUIRE_FALSE(sources.empty());
    for (const SourceDescription &one : sources) {
        if (one.kind != "synthetic")
            continue;  // a real camera may be busy
        const auto source = catalog->make(one.config);
        REQUIRE(source);
        CHECK((*source)->state() == SourceState::Closed);
        REQUIRE((*source)->open());
        CHECK((*source)->state() == SourceState::Streaming);
    }
}

TEST_CASE("the settings of a synthetic scene reach it", "[app]") {
    ManualClock clock;
    SourceConfig config;
    config.shape = PlaneShape{33, 7};
    config.planeRateHz = 10000;
    config.seconds = 0.5;
    config.speed = 0;
    const auto source = makeSourceCatalog(clock)->make(config);
    REQUIRE(source);
    const auto info = (*source)->open();
    REQUIRE(info);
    CHECK(info->shape == PlaneShape{33, 7});
    CHECK(info->planeRateHz == 10000.0);
    CHECK(info->planes == 5000U);
    CHECK_FALSE(info->live);
    config.speed = 1;
    const auto live = makeSourceCatalog(clock)->make(config);
    REQUIRE(live);
    CHECK((*live)->open()->live);
}

TEST_CASE("a recording is opened as the configuration says", "[app]") {
    const test::TemporaryFolder folder;
    const auto path = folder / "x.dat";
    test::writeBytes(path, std::vector<unsigned char>(80));
    ManualClock clock;
    const auto catalog = makeSourceCatalog(clock);
    SourceConfig config;
    config.kind = "file";
    CHECK(catalog->make(config).error().code == ErrorCode::Usage);
    config.path = path.string();
    config.shape = PlaneShape{8, 8};
    config.planeRateHz = 500;
    const auto source = catalog->make(config);
    REQUIRE(source);
    const auto info = (*source)->open();
    REQUIRE(info);
    CHECK(info->planes == 10U);
    CHECK(info->planeRateHz == 500.0);
    CHECK((*source)->playback() != nullptr);
    config.format = "bmp";
    CHECK(catalog->make(config).error().code == ErrorCode::Usage);
}

TEST_CASE("a USB camera is made without looking, and opening one that is not there says so",
          "[app]") {
    ManualClock clock;
    const auto catalog = makeSourceCatalog(clock);
    SourceConfig config;
    config.kind = "usb";
    config.serial = "AB12";
    const auto made = catalog->make(config);
    if (!made) {
        WARN("this build has no libusb: skipped");
        CHECK(made.error().code == ErrorCode::NoDevice);
        CHECK(made.error().message.find("usb:AB12") != std::string::npos);
        return;
    }
    config.usbId = "ffff:0001";  // nobody has that
    const auto nowhere = catalog->make(config);
    REQUIRE(nowhere);
    const auto opened = (*nowhere)->open();
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::NoDevice);
    CHECK(opened.error().message.find("ffff:0001") != std::string::npos);
    config.usbId = "FT601";
    CHECK(catalog->make(config).error().code == ErrorCode::Usage);
}

TEST_CASE("PCIe cameras are checked before they are opened, and unknown kinds refused", "[app]") {
    ManualClock clock;
    const auto catalog = makeSourceCatalog(clock);
    SourceConfig config;
    config.kind = "pcie";
    config.serial = "AB12";
    const auto refused = catalog->make(config);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::NoDevice);
    CHECK(refused.error().message.find("AB12") != std::string::npos);
    config.serial.clear();
    config.shape = PlaneShape{400, 250};
    CHECK(catalog->make(config).error().code == ErrorCode::Usage);
    config.shape = PlaneShape{1000, 7};
    CHECK(catalog->make(config).error().message.find("1000x7") != std::string::npos);
    config.shape.reset();
    config.pcieLibrary = "/nowhere/libhda100.so";
    const auto missing = catalog->make(config);
    REQUIRE(missing);
    const auto unopened = (*missing)->open();
    REQUIRE_FALSE(unopened);
    CHECK(unopened.error().code == ErrorCode::NoDevice);
    CHECK(unopened.error().message.find("/nowhere/libhda100.so: no such file") !=
          std::string::npos);
    config.kind = "telepathy";
    const auto made = catalog->make(config);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::Usage);
    CHECK(made.error().message.find("synthetic, file, usb, pcie") != std::string::npos);
}
