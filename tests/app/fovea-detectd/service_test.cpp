// SPDX-License-Identifier: Apache-2.0
// The real service: how it starts, answers, reloads and ends.
#include "app/catalog.h"
#include "app/fovea-detectd/service.h"

#include "engine/snn/nir_file.h"
#include "tests/app/fovea-detectd/metrics_text.h"
#include "tests/app/fovea-detectd/service_process.h"
#include "tests/fakes/stream_models.h"

#include <thread>

using namespace fovea;
using namespace fovea::test;

namespace {

/// Runs the service to its end and gives code, stdout and log.
struct Ended {
    explicit Ended(const std::string &yaml, std::vector<std::string> more = {}) {
        ServiceProcess process(yaml, std::move(more));
        while (const auto text = process.line())
            out += *text + "\n";
        code = process.exitCode(scaled(20000)).value_or(-1);
        log = process.log();
    }
    int code = -1;
    std::string out;
    std::string log;
};

std::string fileSource(const std::filesystem::path &path, const std::string &more = {}) {
    return "source:\n  kind: file\n  path: " + path.string() + "\n  shape: 160x120\n" + more;
}

/// Waits until `done` or a generous limit.
template <class Done> bool eventually(Done done) {
    const auto end = std::chrono::steady_clock::now() + scaled(10000);
    while (!done()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace

TEST_CASE("a configuration is checked without opening anything", "[detectd]") {
    const TemporaryFolder folder;
    const std::string output = folder / "lines";
    const Ended good(camera("service:\n  output: " + output + "\n"), {"--check-config"});
    CHECK(good.code == 0);
    CHECK(good.out.find("ok") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(output));
    for (const char *bad :
         {"source:\n  kind: camera\n", "surce:\n  kind: synthetic\n", "source: [\n",
          "service:\n  port: 70000\n", "service:\n  address: 0.0.0.0\n", "source:\n  kind: file\n",
          "source:\n  shape: 16384x16384\n", "source:\n  rate_hz: 1000000\n",
          "service:\n  output: /nodir/x\n",
          "source:\n  {kind: file, path: x, range_begin: 10, range_end: 5}\n",
          "record:\n  path: x\n", "service:\n  address: example.org\n"}) {
        CAPTURE(bad);
        for (const std::vector<std::string> &options :
             {std::vector<std::string>{"--check-config"}, std::vector<std::string>{}}) {
            const Ended ended(bad, options);
            CHECK(ended.code == 2);
            CHECK(ended.out.empty());
            CHECK(ended.log.starts_with("fovea-detectd: "));
            CHECK(std::count(ended.log.begin(), ended.log.end(), '\n') == 1);
        }
    }
}

TEST_CASE("options that are wrong end with 2", "[detectd]") {
    Process none(FOVEA_DETECTD, {});
    CHECK(none.exitCode(scaled(10000)) == 2);
    Process missing(FOVEA_DETECTD, {"--config", "/no/such/file.yaml"});
    CHECK(missing.exitCode(scaled(10000)) == 2);
    CHECK(missing.log().find("/no/such/file.yaml") != std::string::npos);
    Process unknown(FOVEA_DETECTD, {"--configg", "x"});
    CHECK(unknown.exitCode(scaled(10000)) == 2);
    Process help(FOVEA_DETECTD, {"--help"});
    CHECK(help.exitCode(scaled(10000)) == 0);
}

TEST_CASE("what is missing is named with its code", "[detectd]") {
    const Ended file(fileSource("/no/such/scene.dat"));
    CHECK(file.code == 4);
    CHECK(file.log.find("/no/such/scene.dat") != std::string::npos);
    CHECK(Ended("source:\n  kind: usb\n").code == 3);
    const Ended output(camera("service:\n  output: /no/such/folder/lines\n"));
    CHECK(output.code == 2);
    CHECK(output.log.find("/no/such/folder/lines") != std::string::npos);
}

TEST_CASE("a port in use ends with a message that names it", "[detectd]") {
    ServiceProcess first(camera());
    (void)first.hello();
    const Ended second(camera(), {"--set", "service.port=" + std::to_string(first.port)});
    CHECK(second.code == 1);
    CHECK(second.log.find(std::to_string(first.port)) != std::string::npos);
    CHECK(get(first.port, "/healthz").status == 200);
}

TEST_CASE("the pages of a running camera", "[detectd]") {
    ServiceProcess service(camera());
    const Json hello = service.hello();
    CHECK(hello["status"]["source"]["width"] == 96);
    CHECK(hello["status"]["source"]["rate_hz"] == 10000.0);
    CHECK(get(service.port, "/healthz").status == 200);
    CHECK(eventually([&] { return get(service.port, "/readyz").status == 200; }));
    const auto first = parseMetrics(get(service.port, "/metrics").body);
    CHECK(first.at(R"(fovea_source_state{state="streaming"})") == 1);
    CHECK(eventually([&] {
        return parseMetrics(get(service.port, "/metrics").body).at("fovea_planes_delivered_total") >
               first.at("fovea_planes_delivered_total") + 1000;
    }));
    const Json status = service.status();
    CHECK(status["state"] == hello["status"]["state"]);
    CHECK(status["ready"] == true);
    CHECK(status["uptime_seconds"].get<double>() > 0);
    const Json planes = status["planes"];
    CHECK(planes["received"] == planes["delivered"].get<std::uint64_t>() +
                                    planes["dropped_total"].get<std::uint64_t>() +
                                    status["in_flight"].get<std::uint64_t>());
    CHECK(get(service.port, "/v1/status", "", "POST").status == 405);
    CHECK(ask(service.port, "GET /v1/status HTTP/1.1\r\nHost: example.org\r\n"
                            "Connection: close\r\n\r\n")
              .status == 403);
    CHECK(get(service.port, "/../../../etc/passwd").status == 404);
}

TEST_CASE("half-open connections harm neither pages nor planes", "[detectd]") {
    ServiceProcess service(camera());
    (void)service.hello();
    std::vector<Client> clients;
    for (int i = 0; i < 200; ++i) {
        clients.emplace_back(service.port);
        clients.back().send("GET /healthz HT");
    }
    const auto before = service.status()["planes"]["delivered"].get<std::uint64_t>();
    CHECK(get(service.port, "/healthz").status == 200);
    CHECK(eventually([&] {
        return service.status()["planes"]["delivered"].get<std::uint64_t>() > before + 1000;
    }));
}

TEST_CASE("J1: signals end it with 0 and a last line, in time", "[detectd]") {
    for (const int number : {SIGTERM, SIGINT}) {
        ServiceProcess service(camera());
        (void)service.hello();
        REQUIRE(service.json());
        service.signal(number);
        const auto begin = std::chrono::steady_clock::now();
        const auto lines = service.rest();
        CHECK(service.exitCode(scaled(2000)) == 0);
        CHECK(std::chrono::steady_clock::now() - begin < scaled(2000));
        REQUIRE_FALSE(lines.empty());
        const Json end = lines.back();
        CHECK(end["type"] == "end");
        CHECK(end["planes"]["received"] == end["planes"]["delivered"].get<std::uint64_t>() +
                                               end["planes"]["dropped_total"].get<std::uint64_t>());
        CHECK(end["results_lost"] == 0);
    }
}

TEST_CASE("J1: a signal right after the start ends it with 0", "[detectd]") {
    for (int delay : {30, 60, 120}) {
        ServiceProcess service(camera());
        // Before the handlers are there a signal simply ends the process.
        REQUIRE(eventually([&] { return service.log().find("status at") != std::string::npos; }));
        std::this_thread::sleep_for(std::chrono::milliseconds(delay));
        service.signal(SIGTERM);
        CHECK(service.exitCode(scaled(2000)) == 0);
    }
}

TEST_CASE("J1: a reader that stopped reading does not keep it", "[detectd]") {
    const TemporaryFolder folder;
    simulate(folder / "scene.dat", "1");
    for (const std::string &source :
         {camera("service:\n  queue_results: 16\n"), fileSource(folder / "scene.dat")}) {
        ServiceProcess service(source, {"--set", "source.speed=1", "--set", "source.loop=true"});
        (void)service.hello();
        // Long enough for the pipe and the queue to fill.
        REQUIRE(eventually([&] { return service.lines("waiting") >= 16; }));
        service.signal(SIGTERM);
        CHECK(service.exitCode(scaled(2000)) == 0);
    }
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FOVEA_SIGNALS_ARE_LATE  // that sanitizer keeps them until the next call that waits
#endif
#endif
#ifndef FOVEA_SIGNALS_ARE_LATE
TEST_CASE("J1: a second signal ends it at once with 130", "[detectd]") {
    // A reader that is stuck keeps the first wish busy for some tenths of a second. Stopping the
    // process in between makes the second one come late enough to count, on any machine; only when
    // this test itself is kept from stopping it in time another try is needed.
    int code = -1;
    for (int attempt = 0; attempt < 5 && code != 130; ++attempt) {
        ServiceProcess service(camera("service:\n  queue_results: 4\n"));
        (void)service.hello();
        REQUIRE(eventually([&] { return service.lines("dropped") > 100; }));
        service.signal(SIGTERM);
        REQUIRE(eventually([&] { return service.log().find("ending") != std::string::npos; }));
        service.signal(SIGSTOP);
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        service.signal(SIGTERM);
        service.signal(SIGCONT);
        code = service.exitCode(scaled(2000)).value_or(-1);
    }
    CHECK(code == 130);
}
#endif

TEST_CASE("a reader that left ends it quietly", "[detectd]") {
    ServiceProcess service(camera());
    (void)service.hello();
    service.closeReader();
    CHECK(service.exitCode(scaled(5000)) == 141);
    CHECK(service.log().find("error") == std::string::npos);
}

TEST_CASE("an output that cannot be written ends it with 1", "[detectd]") {
    const TemporaryFolder folder;
    simulate(folder / "scene.dat", "0.1");
    const std::filesystem::path config = folder / "service.yaml";
    std::ofstream(config) << fileSource(folder / "scene.dat", "  speed: 0\n")
                          << "service:\n  port: 0\n";
    // A closed stdout must not become one of the service's own files.
    for (const char *output : {">/dev/full", ">&-"}) {
        Process service("/bin/sh", {"-c", "exec \"$0\" --config \"$1\" -q " + std::string(output),
                                    FOVEA_DETECTD, config.string()});
        CHECK(service.exitCode(scaled(10000)) == 1);
        CHECK(service.log().find("stdout: ") != std::string::npos);
    }
}

TEST_CASE("at the end of a file it ends with 0, or stays when asked to", "[detectd]") {
    const TemporaryFolder folder;
    simulate(folder / "scene.dat", "0.1");
    const Ended ended(fileSource(folder / "scene.dat", "  speed: 0\n"));
    CHECK(ended.code == 0);
    CHECK(ended.out.find("\"type\":\"end\"") != std::string::npos);

    ServiceProcess staying(fileSource(folder / "scene.dat", "  speed: 0\n"), {"--stay"});
    (void)staying.hello();
    std::optional<Json> last;
    do {
        last = staying.json();
        REQUIRE(last);
    } while (last->at("type") != "end");
    REQUIRE(eventually([&] { return staying.status()["finished"] == true; }));
    CHECK(get(staying.port, "/healthz").status == 200);
    const Reply ready = get(staying.port, "/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body.find("ended") != std::string::npos);
    CHECK_FALSE(staying.exitCode(scaled(300)));
    staying.signal(SIGTERM);
    CHECK(staying.exitCode(scaled(2000)) == 0);
}

TEST_CASE("SIGHUP takes a good configuration over and refuses a bad one", "[detectd]") {
    ServiceProcess service(camera());
    (void)service.hello();
    std::ofstream(service.config()) << camera("noise:\n  inject: [\"flip:0.9999999999x\"]\n");
    service.signal(SIGHUP);
    REQUIRE(eventually([&] { return service.status()["config"]["reload_error"] != ""; }));
    CHECK(service.status()["config"]["reloads"] == 0);
    CHECK(service.status()["noise"] == "");
    std::ofstream(service.config()) << camera("noise:\n  inject: [\"flip:0.01\"]\n");
    service.signal(SIGHUP);
    REQUIRE(eventually([&] { return service.status()["noise"] != ""; }));
    CHECK(service.status()["config"]["reloads"] == 1);
    CHECK(service.status()["config"]["reload_error"] == "");
    // What only the engine can refuse: a network of pictures has nothing to detect with.
    const TemporaryFolder folder;
    const std::string model = (folder / "pixels.nir").string();
    REQUIRE(writeNir(pixelNetwork({400, 250}), model, defaultNirStep, {{"stream_steps", "8"}}));
    std::ofstream(service.config())
        << camera("noise:\n  inject: [\"flip:0.01\"]\ndetect:\n  method: snn\nmodel:\n  file: " +
                  model + "\n");
    service.signal(SIGHUP);
    REQUIRE(eventually([&] { return service.status()["config"]["reload_error"] != ""; }));
    // The lines say it, too.
    bool tagged = false;
    for (int i = 0; i < 20000 && !tagged; ++i) {
        const auto line = service.json();
        REQUIRE(line);
        tagged = line->value("noise", "") != "";
    }
    CHECK(tagged);
    CHECK(get(service.port, "/healthz").status == 200);
}

TEST_CASE("the configuration in use can be printed and read back", "[detectd]") {
    const Ended printed(camera(), {"--print-config"});
    REQUIRE(printed.code == 0);
    auto config = parseConfig(printed.out, "printed");
    REQUIRE(config);
    CHECK(config->source.shape == PlaneShape{96, 64});
}

TEST_CASE("the sample configuration is good and says the defaults", "[detectd]") {
    const std::filesystem::path folder =
        std::filesystem::path(FOVEA_SOURCE_DIR) / "app/fovea-detectd";
    const auto config = loadConfig(folder / "fovea-detectd.yaml");
    REQUIRE(config);
    CHECK(toYaml(*config) == toYaml(Config{}));
    SteadyClock clock;
    CHECK(checkService(*config, *makeSourceCatalog(clock)));
    // Every key that there is must be in it, and commented.
    CHECK(textOf(folder / "fovea-detectd.yaml") == commentedYaml(Config{}));
}

TEST_CASE("the unit file keeps the service in its box", "[detectd]") {
    const std::string unit =
        textOf(std::filesystem::path(FOVEA_SOURCE_DIR) / "app/fovea-detectd/fovea-detectd.service");
    for (const char *line :
         {"Type=simple", "Restart=on-failure", "DynamicUser=yes", "ProtectSystem=strict",
          "NoNewPrivileges=yes", "DevicePolicy=closed", "RestrictAddressFamilies=AF_UNIX AF_INET",
          "CapabilityBoundingSet=\n", "SystemCallFilter=@system-service"}) {
        CAPTURE(line);
        CHECK(unit.find(std::string("\n") + line) != std::string::npos);
    }
}
