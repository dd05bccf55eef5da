// SPDX-License-Identifier: Apache-2.0
// The service's recording: begun and ended by the configuration, and by a lost camera if so wished.
#include "app/fovea-detectd/service_recorder.h"

#include "datasets/spike_file.h"
#include "tests/app/fovea-detectd/service_process.h"
#include "tests/fakes/pluggable_source.h"

using namespace fovea;
using namespace fovea::test;

namespace {

template <class Ready> bool soon(Ready ready) {
    const auto end = std::chrono::steady_clock::now() + scaled(20000);
    while (!ready()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
}

std::string recordTo(const std::filesystem::path &file) {
    return camera("record:\n  file: \"" + file.string() + "\"\n");
}

std::uint64_t planesIn(const std::filesystem::path &file) {
    SpikeFileOptions options;
    const auto opened = SpikeFile::open(file, options);
    INFO(file);
    REQUIRE(opened);
    CHECK(opened->info().descriptor->closed);
    return opened->info().planes;
}

}  // namespace

TEST_CASE("the service records what it sees; its end closes the recording", "[detectd]") {
    const TemporaryFolder folder;
    const auto file = folder / "seen.dat";
    ServiceProcess service(recordTo(file));
    (void)service.hello();
    REQUIRE(soon([&] { return service.status()["recording"]["planes"] > 2000; }));
    const Json recording = service.status()["recording"];
    CHECK(recording["active"] == true);
    CHECK(recording["error"] == "");
    CHECK(recording["full_in"] != "");
    service.signal(SIGTERM);
    const auto lines = service.rest();
    INFO(service.log());
    CHECK(service.exitCode(scaled(5000)) == 0);
    REQUIRE_FALSE(lines.empty());
    const Json &planes = lines.back()["planes"];
    CHECK(planesIn(file) >= 2000);
    CHECK(planesIn(file) <= planes["received"].get<std::uint64_t>());
}

TEST_CASE("a configuration that is read again ends and begins recordings", "[detectd]") {
    const TemporaryFolder folder;
    const auto file = folder / "seen.dat";
    ServiceProcess service(recordTo(file));
    (void)service.hello();
    const auto active = [&] { return service.status()["recording"].value("active", false); };
    const auto reload = [&](const std::string &yaml) {
        std::ofstream(service.config()) << yaml;
        service.signal(SIGHUP);
    };
    REQUIRE(soon([&] { return active() && service.status()["recording"]["planes"] > 500; }));
    reload(camera());
    REQUIRE(soon([&] { return !active(); }));
    CHECK(planesIn(file) > 500);
    reload(recordTo(file));
    REQUIRE(soon([&] { return active() && service.status()["recording"]["planes"] > 500; }));
    // One that cannot be is refused; what runs goes on.
    reload(recordTo(folder / "nowhere" / "seen.dat"));
    REQUIRE(soon([&] { return service.status()["config"]["reload_error"] != ""; }));
    CHECK(active());
    service.signal(SIGTERM);
    (void)service.rest();
    CHECK(service.exitCode(scaled(5000)) == 0);
    // The name was taken: nothing is overwritten.
    CHECK(planesIn(folder / "seen-1.dat") > 500);
}

TEST_CASE("S2: a lost camera's recording goes on in another file, or ends, as configured",
          "[detectd]") {
    for (const bool closes : {false, true}) {
        const TemporaryFolder folder;
        const auto plug = std::make_shared<Plug>();
        PluggableCatalog catalog(plug);
        SteadyClock clock;
        Session session(catalog, clock);
        ServiceRecorder recorder(session);
        Config config;
        config.source.kind = "usb";
        config.record.file = (folder / "seen.dat").string();
        config.record.onLost = closes ? "close" : "continue";
        std::vector<Output> outputs;
        outputs.push_back(*recorder.begin(config));
        REQUIRE(session.start(config, std::move(outputs)));
        const auto wait = [&](auto ready) {
            return soon([&] {
                const SessionStatus status = session.status();
                recorder.watch(status);
                return ready(status);
            });
        };
        REQUIRE(wait([](const SessionStatus &s) { return s.planes.delivered > 200; }));
        plug->in = false;
        REQUIRE(wait([](const SessionStatus &s) { return s.losses == 1; }));
        CHECK(recorder.json()["active"] == !closes);
        plug->in = true;
        std::uint64_t before = 0;
        REQUIRE(wait([&](const SessionStatus &s) {
            before = s.planes.delivered;
            return s.reconnects == 1;
        }));
        REQUIRE(wait([&](const SessionStatus &s) { return s.planes.delivered > before + 200; }));
        REQUIRE(session.stop(std::chrono::seconds{5}));
        CHECK(planesIn(folder / "seen.dat") >= 200);
        CHECK(std::filesystem::exists(folder / "seen-1.dat") == !closes);
    }
}

TEST_CASE("a recording that cannot go on ends with its reason, the service goes on", "[detectd]") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "disk");
    ServiceProcess service(recordTo(folder / "disk" / "seen.dat"));
    (void)service.hello();
    REQUIRE(soon([&] { return service.status()["recording"]["planes"] > 500; }));
    std::filesystem::remove_all(folder / "disk");
    REQUIRE(soon([&] { return service.status()["recording"]["active"] == false; }));
    CHECK(service.status()["recording"]["error"] != "");
    const auto received = service.status()["planes"]["received"].get<std::uint64_t>();
    CHECK(soon([&] {
        return service.status()["planes"]["received"].get<std::uint64_t>() > received + 1000;
    }));
    CHECK(service.log().find("recording stopped") != std::string::npos);
    service.signal(SIGTERM);
    (void)service.rest();
    CHECK(service.exitCode(scaled(5000)) == 0);
}
