// SPDX-License-Identifier: Apache-2.0
// A recording in a Session: speed, range and a picture that is held.
#include "app/catalog.h"
#include "engine/pipeline/session.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

/// 2000 planes of 8x8 pixels at 40 kHz, played in a session.
struct Film {
    Film() {
        test::writeBytes(folder / "x.dat", std::vector<unsigned char>(8 * 2000, 0x5A));
        config.source.kind = "file";
        config.source.path = (folder / "x.dat").string();
        config.source.shape = PlaneShape{8, 8};
        config.source.holdAtEnd = true;
        config.display.views = {{"raw", false}};
    }
    /// The next frame that is as wished; null when none comes.
    template <class Wish> FrameResultPtr waitFor(Wish wish) {
        for (int i = 0; i < 20000 * test::slowness(); ++i) {
            if (FrameResultPtr frame = session.takeFrame(); frame && wish(*frame))
                return frame;
            std::this_thread::sleep_for(1ms);
        }
        return nullptr;
    }
    const test::TemporaryFolder folder;
    SteadyClock clock;
    const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
    Session session{*catalog, clock};
    Config config;
};

}  // namespace

TEST_CASE("a held picture stays at its plane when a method looks further ahead or back", "[app]") {
    Film film;
    REQUIRE(film.session.start(film.config));
    REQUIRE(film.session.waitOpened());
    film.session.setPaused(true);
    film.session.seek(1000);
    REQUIRE(film.waitFor([](const FrameResult &frame) { return frame.plane == 1000; }));
    for (const char *const method : {"tfi", "raw", "tfp"}) {
        CAPTURE(method);
        film.config.display.views = {{method, false}};
        REQUIRE(film.session.apply(film.config));
        const FrameResultPtr frame = film.waitFor([&](const FrameResult &shown) {
            return shown.plane == 1000 && !shown.views.empty() && shown.views[0].method == method;
        });
        REQUIRE(frame);
    }
    REQUIRE(film.session.stop());
}

TEST_CASE("a plane that is gone to while a method changes is the one that is shown", "[app]") {
    Film film;
    REQUIRE(film.session.start(film.config));
    REQUIRE(film.session.waitOpened());
    film.session.setPaused(true);
    std::uint64_t plane = 1000;
    for (int round = 0; round < 10; ++round)
        for (const char *const method : {"tfp", "raw"}) {
            CAPTURE(method, ++plane);
            film.config.display.views = {{method, false}};
            REQUIRE(film.session.apply(film.config));
            film.session.seek(plane);
            REQUIRE(film.waitFor([&](const FrameResult &shown) {
                return shown.plane == plane && !shown.views.empty() &&
                       shown.views[0].method == method;
            }));
        }
    REQUIRE(film.session.stop());
}

TEST_CASE("speed, loop and range act through the one configuration", "[app]") {
    Film film;
    REQUIRE(film.session.start(film.config));
    REQUIRE(film.session.waitOpened());
    film.config.source.speed = 0.1;
    film.config.source.loop = true;
    film.config.source.rangeBegin = 500;
    film.config.source.rangeEnd = 900;
    REQUIRE(film.session.apply(film.config));
    const auto now = film.session.playback();
    REQUIRE(now);
    CHECK(now->speed == 0.1);
    CHECK(now->loop);
    CHECK(now->rangeBegin == 500);
    CHECK(now->rangeEnd == 900);
    CHECK(film.session.config()->source.speed == 0.1);

    film.config.source.rangeEnd = 5000;
    film.config.recon.gain = 2;
    REQUIRE_FALSE(film.session.apply(film.config));
    CHECK(film.session.playback()->rangeEnd == 900);
    CHECK(film.session.config()->source.rangeEnd == 900);
    CHECK(film.session.config()->recon.gain == 1);
    film.config.source.rangeEnd = 0;
    REQUIRE(film.session.apply(film.config));
    CHECK(film.session.playback()->rangeEnd == 2000);
    REQUIRE(film.session.stop());
}
