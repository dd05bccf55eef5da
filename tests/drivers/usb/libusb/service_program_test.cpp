// SPDX-License-Identifier: Apache-2.0
// The real service with the model camera behind libusb: it survives an unplug and says so.
#ifdef FOVEA_DETECTD
#include "tests/app/fovea-detectd/metrics_text.h"
#include "tests/app/fovea-detectd/service_process.h"
#include "tests/fakes/usb_testbed.h"

#include <iostream>
#include <thread>

using namespace fovea;
using namespace fovea::test;

namespace {

struct ServiceBench {
    Ft60xModel camera{PlaneShape{400, 250}};
    UsbTestbed bed{camera};
    ServiceBench() {
        bed.plugIn(2);
        camera.setPace(1000 * 12516.0);
    }
};

std::string source(const std::string &more = {}) {
    return "source:\n  kind: usb\n  rate_hz: 1000\n" + more + "service:\n  port: 0\n";
}

/// The next line of this type.
Json next(ServiceProcess &service, const std::string &type) {
    for (int i = 0; i < 200000; ++i) {
        const auto line = service.json(scaled(60000));
        INFO(service.log());
        REQUIRE(line);
        if (line->at("type") == type)
            return *line;
    }
    FAIL("no line of type " << type);
    return {};
}

/// Waits until the page has this status and gives its text.
std::string waitForPage(const ServiceProcess &service, unsigned status) {
    const auto end = std::chrono::steady_clock::now() + scaled(60000);
    Reply reply = get(service.port, "/readyz");
    while (reply.status != static_cast<int>(status) && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        reply = get(service.port, "/readyz");
    }
    REQUIRE(reply.status == static_cast<int>(status));
    return reply.body;
}

}  // namespace

TEST_CASE("S2: the service tells loss and return of its camera on lines and pages", "[usb]") {
    ServiceBench bench;
    ServiceProcess service(source());
    bench.bed.setClient(service.id());
    (void)service.hello();
    (void)next(service, "detections");
    (void)waitForPage(service, 200);

    bench.bed.pull();
    const Json lost = next(service, "lost");
    CHECK(lost["reason"].get<std::string>().find("unplugged") != std::string::npos);
    CHECK(lost["losses"] == 1);
    CHECK(lost["last_plane_unix_time"].get<double>() <= lost["unix_time"].get<double>());
    const std::string reason = waitForPage(service, 503);
    CHECK(reason.find("the source is lost: usb:F601-0001") != std::string::npos);
    CHECK(reason.find("the last plane came") != std::string::npos);
    const Json away = service.status();
    CHECK(away["losses"] == 1);
    CHECK(away["reconnects"] == 0);
    CHECK(away["last_plane_unix_time"].is_number());
    CHECK(get(service.port, "/healthz").status == 200);

    bench.bed.plugIn(9);
    const Json back = next(service, "returned");
    CHECK(back["reconnects"] == 1);
    (void)next(service, "detections");
    (void)waitForPage(service, 200);
    const auto samples = parseMetrics(get(service.port, "/metrics").body);
    CHECK(samples.at("fovea_losses_total") == 1);
    CHECK(samples.at("fovea_reconnects_total") == 1);
    CHECK(samples.at(R"(fovea_source_state{state="streaming"})") == 1);
    std::cout << "S2: service told the loss, answered 503 (" << reason.substr(0, reason.size() - 1)
              << "), and was ready again after " << back["away_seconds"] << " s\n";
    service.signal(SIGTERM);
    const auto lines = service.rest();
    CHECK(service.exitCode(scaled(20000)) == 0);
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.back()["type"] == "end");
}

TEST_CASE("J1: a signal ends the service with 0 while its camera is away", "[usb]") {
    for (const int number : {SIGTERM, SIGINT}) {
        ServiceBench bench;
        ServiceProcess service(source());
        bench.bed.setClient(service.id());
        (void)service.hello();
        (void)next(service, "detections");
        bench.bed.pull();
        (void)next(service, "lost");
        const auto begin = std::chrono::steady_clock::now();
        service.signal(number);
        const auto lines = service.rest();
        CHECK(service.exitCode(scaled(20000)) == 0);
        std::cout << "J1: signal " << number << " while reconnecting: ended after "
                  << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()
                  << " s\n";
        REQUIRE_FALSE(lines.empty());
        CHECK(lines.back()["type"] == "end");
    }
}

TEST_CASE("S2: a service that shall not wait ends with 5 when its camera is lost", "[usb]") {
    ServiceBench bench;
    ServiceProcess service(source("  reconnect: false\n"));
    bench.bed.setClient(service.id());
    (void)service.hello();
    (void)next(service, "detections");
    bench.bed.pull();
    const auto lines = service.rest();
    CHECK(service.exitCode(scaled(20000)) == 5);
    CHECK(service.log().find("unplugged") != std::string::npos);
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.back()["type"] == "end");
}
#endif
