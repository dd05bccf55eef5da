// SPDX-License-Identifier: Apache-2.0
// The service with the capture card's camera, by a library that stands in for the card's.
#include "tests/app/fovea-detectd/service_process.h"

#include <cstdlib>
#include <iostream>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the service runs on the card whose library the configuration names", "[detectd]") {
    constexpr double rate = 1000;
    constexpr int height = 64;
    ::setenv("FAKE_CARD_HEIGHT", std::to_string(height).c_str(), 1);
    ::setenv("FAKE_CARD_BYTES_PER_SECOND", std::to_string(rate * height * 128).c_str(), 1);
    ServiceProcess service("source:\n  kind: pcie\n  pcie_library: \"" FOVEA_FAKE_CARD
                           "\"\n  shape: 1000x64\n  rate_hz: 1000\n");
    (void)service.hello();
    std::uint64_t lines = 0;
    while (lines < 100) {
        const auto line = service.json();
        INFO(service.log());
        REQUIRE(line);
        lines += line->at("type") == "detections" ? 1 : 0;
    }
    const Json status = service.status();
    CHECK(status["source"]["width"] == 1000);
    CHECK(status["source"]["height"] == height);
    CHECK(status["source"]["live"] == true);
    CHECK(get(service.port, "/readyz").status == 200);
    service.signal(SIGTERM);
    const auto rest = service.rest();
    CHECK(service.exitCode(scaled(5000)) == 0);
    REQUIRE_FALSE(rest.empty());
    const Json &planes = rest.back()["planes"];
    CHECK(planes["received"] ==
          planes["delivered"].get<std::uint64_t>() + planes["dropped_total"].get<std::uint64_t>());
    std::cout << "PCIe: the service took " << planes["received"] << " planes from the card\n";
}
