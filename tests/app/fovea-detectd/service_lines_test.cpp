// SPDX-License-Identifier: Apache-2.0
// The real service's detections: the same as the command line's, complete, and every plane counted.
#include "tests/app/fovea-detectd/service_process.h"
#include "tests/fakes/stream_models.h"

#include <fmt/format.h>
#include <thread>

using namespace fovea;
using namespace fovea::test;

namespace {

std::uint64_t count(const Json &json, const char *key) {
    return json.at(key).get<std::uint64_t>();
}

/// The sum rule on a ledger that nothing is on its way in.
bool balanced(const Json &planes, std::uint64_t inFlight) {
    std::uint64_t dropped = 0;
    for (const auto &reason : planes.at("dropped"))
        dropped += reason.get<std::uint64_t>();
    return dropped == count(planes, "dropped_total") &&
           count(planes, "received") == count(planes, "delivered") + dropped + inFlight;
}

/// Planes from the nominal camera through TFP into the service for a while.
void runNominalCamera(int seconds) {
    ServiceProcess service("source:\n  kind: synthetic\n  shape: 400x250\n  rate_hz: 40000\n"
                           "display:\n  views: [tfp]\n");
    (void)service.hello();
    std::uint64_t sequence = 0;
    std::uint64_t lost = 0;
    const auto take = [&](const Json &line) {
        if (line["type"] == "end")
            return;
        REQUIRE(line["sequence"] == sequence);
        const std::uint64_t results = line["type"] == "gap" ? count(line, "results") : 1;
        lost += line["type"] == "gap" ? results : 0;
        sequence += results;
        if (line["type"] == "detections")
            REQUIRE(balanced(line["planes"], count(line["planes"], "received") -
                                                 count(line["planes"], "delivered") -
                                                 count(line["planes"], "dropped_total")));
    };
    const auto begin = std::chrono::steady_clock::now();
    auto nextLook = begin;
    while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(seconds)) {
        const auto line = service.json();
        REQUIRE(line);
        take(*line);
        if (std::chrono::steady_clock::now() < nextLook)
            continue;
        nextLook += std::chrono::milliseconds(500);
        const Json status = service.status();
        REQUIRE(balanced(status["planes"], count(status, "in_flight")));
    }
    service.signal(SIGTERM);
    const auto lines = service.rest();
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    CHECK(service.exitCode(scaled(2000)) == 0);
    for (const Json &line : lines)
        take(line);
    const Json end = lines.back();
    REQUIRE(end["type"] == "end");
    CHECK(end["results"] == sequence);
    CHECK(end["results_lost"] == lost);
    CHECK(balanced(end["planes"], 0));
    // A camera that does not run at its rate would lose nothing, too.
    CHECK(static_cast<double>(count(end["planes"], "received")) > 0.9 * 40000 * seconds);
    CHECK(static_cast<double>(count(end["planes"], "received")) < 1.1 * 40000 * (took + 1));
    WARN(fmt::format("{} s at 40 kHz: {} planes received, {} delivered, dropped {}; {} results, "
                     "{} lost to the reader",
                     seconds, count(end["planes"], "received"), count(end["planes"], "delivered"),
                     end["planes"]["dropped"].dump(), sequence, lost));
}

}  // namespace

TEST_CASE("a file gives the lines that the command line gives", "[detectd]") {
    const TemporaryFolder folder;
    simulate(folder / "scene.dat", "0.4");
    Process command(FOVEA_CLI, {"detect", folder / "scene.dat", "--shape", "160x120", "--rate",
                                "20000", "--every", "20", "--json"});
    const auto expected = command.rest();
    REQUIRE(command.exitCode(scaled(30000)) == 0);
    REQUIRE(expected.size() == 400);

    for (const char *speed : {"0", "1"}) {
        ServiceProcess service("source:\n  kind: file\n  path: " + (folder / "scene.dat").string() +
                               "\n  shape: 160x120\n  rate_hz: 20000\n  speed: " + speed +
                               "\ndetect:\n  every: 20\n");
        const Json hello = service.hello();
        CHECK(hello["schema"] == jsonSchema);
        CHECK(hello["status"]["source"]["planes"] == 8000);
        auto lines = service.rest();
        CHECK(service.exitCode(scaled(10000)) == 0);
        REQUIRE(lines.size() == expected.size() + 1);
        std::size_t objects = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            for (const char *live : {"type", "unix_time", "latency_seconds", "planes"})
                CHECK(lines[i].erase(live) == 1);
            REQUIRE(lines[i] == expected[i]);
            objects += lines[i]["objects"].size();
        }
        CHECK(objects > 0);
        CHECK(lines.back()["type"] == "end");
        CHECK(lines.back()["results"] == expected.size());
        CHECK(lines.back()["planes"]["delivered"] == 8000);
        CHECK(balanced(lines.back()["planes"], 0));
    }
}

TEST_CASE("a network says in the service what it says on the command line", "[detectd]") {
    const TemporaryFolder folder;
    simulate(folder / "scene.dat", "0.02");
    const PlaneShape shape{160, 120};
    const std::string model = folder / "sides.nir";
    REQUIRE(writeNir(sidesNetwork(shape), model, defaultNirStep,
                     {{"stream_steps", "8"}, {"stream_classes", "left,right"}}));
    Process command(FOVEA_CLI, {"run", model, folder / "scene.dat", "--shape", "160x120", "--rate",
                                "20000", "--json"});
    std::vector<Json> expected;
    for (Json &line : command.rest())
        if (line.contains("network"))
            expected.push_back(line["network"]);
    REQUIRE(command.exitCode(scaled(30000)) == 0);
    REQUIRE(expected.size() == 50);

    ServiceProcess service("source:\n  kind: file\n  path: " + (folder / "scene.dat").string() +
                           "\n  shape: 160x120\n  rate_hz: 20000\n  speed: 0\nmodel:\n  file: " +
                           model + "\ndetect:\n  method: snn\n  every: 8\n");
    (void)service.hello();
    std::vector<Json> said;
    for (Json &line : service.rest())
        if (line.contains("network") && line["type"] == "detections") {
            Json &network = line["network"];
            network.erase("network_seconds");
            if (said.empty() || said.back() != network)
                said.push_back(network);
        }
    CHECK(service.exitCode(scaled(10000)) == 0);
    // A result is due at every eighth plane and tells the newest decision: not the last one.
    REQUIRE(said.size() + 1 >= expected.size());
    for (std::size_t i = 0; i < said.size(); ++i) {
        expected[i].erase("network_seconds");
        CHECK(said[i] == expected[i]);
    }
}

TEST_CASE("lines can go to a file that is appended to", "[detectd]") {
    const TemporaryFolder folder;
    const std::string output = folder / "lines.jsonl";
    for (int run = 1; run <= 2; ++run) {
        ServiceProcess service(camera("  seconds: 0.05\nservice:\n  output: " + output + "\n"));
        CHECK_FALSE(service.line());
        CHECK(service.exitCode(scaled(10000)) == 0);
        std::istringstream in(textOf(output));
        int hellos = 0;
        int ends = 0;
        for (std::string line; std::getline(in, line);) {
            const Json json = Json::parse(line);
            hellos += json["type"] == "hello" ? 1 : 0;
            ends += json["type"] == "end" ? 1 : 0;
        }
        CHECK(hellos == run);
        CHECK(ends == run);
    }
}

TEST_CASE("D2: a slow reader loses results, is told so, and harms nobody else", "[detectd]") {
    ServiceProcess service(camera("service:\n  queue_results: 32\n"));
    (void)service.hello();
    // Nobody reads: the pipe fills, then the queue, then results are lost.
    const auto end = std::chrono::steady_clock::now() + scaled(20000);
    while (service.lines("dropped") < 200 && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    REQUIRE(service.lines("dropped") >= 200);
    const Json before = service.status();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const Json stalled = service.status();
    CHECK(count(stalled["planes"], "delivered") > count(before["planes"], "delivered"));
    CHECK(balanced(stalled["planes"], count(stalled, "in_flight")));
    CHECK(get(service.port, "/readyz").status == 200);

    std::uint64_t next = 0;
    std::uint64_t lost = 0;
    // A slow machine loses some already before the pipe is full: a gap may tell of a few only.
    bool detectionsAfterGap = false;
    for (int i = 0; i < 50000 && !detectionsAfterGap; ++i) {
        const auto line = service.json();
        REQUIRE(line);
        REQUIRE(line->at("sequence") == next);
        if (line->at("type") == "gap")
            lost += count(*line, "results");
        next += line->at("type") == "gap" ? count(*line, "results") : 1;
        detectionsAfterGap = lost >= 200 && line->at("type") == "detections";
    }
    CHECK(detectionsAfterGap);
    service.signal(SIGTERM);
    (void)service.rest();
    CHECK(service.exitCode(scaled(2000)) == 0);
}

TEST_CASE("A3: at the nominal rate every plane is accounted for", "[detectd]") {
    runNominalCamera(5);
}

TEST_CASE("A3: a minute at 40 kHz, every plane accounted for", "[.soak]") {
    runNominalCamera(60);
}
