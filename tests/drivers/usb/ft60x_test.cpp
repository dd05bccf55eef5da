// SPDX-License-Identifier: Apache-2.0
// The bytes that go to the chip.
#include "drivers/usb/ft60x.h"

#include "tests/fakes/ft60x_model.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("a command is twenty bytes as the public drivers send them", "[usb]") {
    const ft60x::Command wanted{7, 0, 0, 0, 0x82, 2, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    REQUIRE(ft60x::makeCommand(7, ft60x::Operation::SetStream, 0x40000) == wanted);
}

TEST_CASE("the model understands them", "[usb]") {
    test::Ft60xModel model({64, 16});
    REQUIRE_FALSE(model.streaming());
    REQUIRE(model.command(ft60x::makeCommand(0, ft60x::Operation::SetStream, 4096)));
    REQUIRE(model.streaming());
    REQUIRE(model.command(ft60x::makeCommand(1, ft60x::Operation::Abort, 0)));
    REQUIRE_FALSE(model.streaming());
    REQUIRE_FALSE(model.command(std::array<std::uint8_t, 19>{}));
    const auto config =
        model.controlIn(ft60x::readConfigRequest, ft60x::readConfigValue, ft60x::configBytes);
    REQUIRE(config->size() == ft60x::configBytes);
    REQUIRE((*config)[0] == 0x03);
    REQUIRE_FALSE(model.controlIn(0xF2, 0, 4));
}
