// SPDX-License-Identifier: Apache-2.0
// Noise, history, detection and pictures of single blocks, without threads.
#include "engine/pipeline/stages.h"

#include "tests/engine/detect/random_planes.h"
#include "tests/fakes/scripted_source.h"
#include "tests/fakes/test_devices.h"

#include <catch2/catch.hpp>

#include <set>

using namespace fovea;
using namespace fovea::test;

namespace {

const PlaneShape shape{40, 30};

std::shared_ptr<SpikeBlock> block(std::uint64_t first, std::uint32_t count,
                                  std::uint32_t epoch = 0) {
    auto result = std::make_shared<SpikeBlock>(shape, count);
    result->begin(first, 40000, epoch);
    for (std::uint32_t i = 0; i < count; ++i)
        fillScripted(first + i, shape, result->append());
    return result;
}

Config withViews(std::vector<ViewConfig> views) {
    Config config;
    config.display.views = std::move(views);
    config.detect.enabled = false;
    return config;
}

std::vector<std::uint8_t> spikesOf(std::uint64_t plane) {
    std::vector<std::uint64_t> words(shape.wordStride());
    fillScripted(plane, shape, words.data());
    std::vector<std::uint8_t> grey(shape.pixels());
    for (std::size_t p = 0; p < grey.size(); ++p)
        grey[p] = testBit(words.data(), p) ? 255 : 0;
    return grey;
}

const Stages::ResultHandler ignore = [](const FrameResult &) {};

}  // namespace

TEST_CASE("pictures show the newest plane that has all its neighbours") {
    auto stages = Stages::make(withViews({{"raw", false}, {"tfp", false}}), shape, 40000).value();
    CHECK(stages->lookAhead() == 16);
    CHECK_FALSE(stages->canDisplay());
    REQUIRE(stages->process(block(0, 100), ignore));
    const FrameResult frame = stages->display();
    CHECK(frame.plane == 83);
    REQUIRE(frame.views.size() == 2);
    CHECK(frame.views[0].picture.grey == spikesOf(83));
    double sum = 0;
    for (std::uint64_t plane = 67; plane < 100; ++plane)
        sum += spikesOf(plane)[5] / 255.0;
    CHECK(frame.views[1].picture.grey[5] == static_cast<std::uint8_t>(sum / 33 * 255));
}

TEST_CASE("single planes give the same picture as whole blocks") {
    const Config config = withViews({{"tfp", false}});
    auto whole = Stages::make(config, shape, 40000).value();
    auto single = Stages::make(config, shape, 40000).value();
    REQUIRE(whole->process(block(0, 300), ignore));
    for (std::uint64_t plane = 0; plane < 300; ++plane)
        REQUIRE(single->process(block(plane, 1), ignore));
    CHECK(single->display().plane == whole->display().plane);
    CHECK(single->display().views[0].picture.grey == whole->display().views[0].picture.grey);
}

TEST_CASE("another epoch and planes that go back begin anew") {
    auto stages = Stages::make(withViews({{"raw", false}}), shape, 40000).value();
    REQUIRE(stages->process(block(1000, 50), ignore));
    REQUIRE(stages->process(block(10, 5, 1), ignore));
    CHECK(stages->display().plane == 14);
    CHECK(stages->display().views[0].picture.grey == spikesOf(14));
    REQUIRE(stages->process(block(3, 2, 1), ignore));
    CHECK(stages->display().plane == 4);
}

TEST_CASE("noise that is switched on disturbs what is already here, and off restores it") {
    Config config = withViews({{"raw", false}});
    auto stages = Stages::make(config, shape, 40000).value();
    REQUIRE(stages->process(block(0, 50), ignore));
    const auto clean = stages->display().views[0].picture.grey;
    config.noise.injectors = {parseInjectors("flip:0.2").value().front()};
    REQUIRE(stages->configure(config));
    const FrameResult noisy = stages->display();
    CHECK(noisy.views[0].picture.grey != clean);
    CHECK_FALSE(noisy.noise.empty());
    config.noise.injectors[0].enabled = false;
    REQUIRE(stages->configure(config));
    CHECK(stages->display().views[0].picture.grey == clean);
    CHECK(stages->display().noise.empty());
}

TEST_CASE("wrong settings are refused and the old ones stay") {
    Config config = withViews({{"raw", false}});
    auto stages = Stages::make(config, shape, 40000).value();
    REQUIRE(stages->process(block(0, 50), ignore));
    config.display.views = {{"nonsense", false}};
    CHECK_FALSE(stages->configure(config).has_value());
    CHECK(stages->display().views.size() == 1);
}

TEST_CASE("on an error nothing changes, whichever setting was wrong") {
    Config config = withViews({{"raw", false}});
    auto stages = Stages::make(config, shape, 40000).value();
    REQUIRE(stages->process(block(0, 50), ignore));
    config.display.views = {{"tfp", false}, {"tfi", true}};
    SECTION("noise") {
        config.noise.injectors = {{InjectorKind::Flip, 0.1}, {InjectorKind::Drop, 7}};
    }
    SECTION("detection") {
        config.detect.enabled = true;
        config.detect.detector.motion.changeSigmas = -1;
    }
    REQUIRE_FALSE(stages->configure(config).has_value());
    CHECK(stages->lookAhead() == 0);
    CHECK(stages->display().views.size() == 1);
    CHECK(stages->display().views[0].method == "raw");
}

TEST_CASE("slow play for long keeps no more than the pictures need") {
    Config config = withViews({{"tfp", false}});
    config.recon.window = 401;
    auto stages = Stages::make(config, shape, 40000).value();
    for (std::uint64_t plane = 0; plane < 10000; ++plane)
        REQUIRE(stages->process(block(plane, 1), ignore));
    config.noise.injectors = parseInjectors("flip:0.1").value();
    REQUIRE(stages->configure(config));
    CHECK(stages->display().block->planeCount() <= 401 / 8);
    CHECK(stages->display().plane == 10000 - 201);
}

TEST_CASE("a gap of any length is passed at once") {
    Config config = withViews({{"tfp", false}});
    config.detect.enabled = true;
    config.detect.every = 1;
    auto stages = Stages::make(config, shape, 40000).value();
    constexpr std::uint64_t gap = std::uint64_t{1} << 53U;
    auto holed = std::make_shared<SpikeBlock>(shape, 20);
    holed->begin(0, 40000);
    for (std::uint64_t plane = 0; plane < 10; ++plane)
        fillScripted(plane, shape, holed->append());
    holed->appendGap(gap, DropReason::Link);
    for (std::uint64_t plane = 10; plane < 20; ++plane)
        fillScripted(gap + plane, shape, holed->append());
    std::vector<std::uint64_t> planes;
    REQUIRE(
        stages->process(holed, [&](const FrameResult &frame) { planes.push_back(frame.plane); }));
    REQUIRE(planes.size() == 20);
    CHECK(planes[9] == 9);
    CHECK(planes[10] == gap + 10);
    CHECK(stages->display().plane == gap + 19 - 16);
}

TEST_CASE("results lie on the grid, also over gaps, and none for planes that never came") {
    Config config = withViews({});
    config.detect.enabled = true;
    config.detect.every = 10;
    auto stages = Stages::make(config, shape, 40000).value();
    std::vector<std::uint64_t> planes;
    const auto collect = [&](const FrameResult &frame) { planes.push_back(frame.plane); };
    REQUIRE(stages->process(block(5, 20), collect));
    REQUIRE(stages->process(block(25, 10), collect));
    REQUIRE(stages->process(block(1002, 20), collect));
    CHECK(planes == std::vector<std::uint64_t>{10, 20, 30, 1010, 1020});

    auto holed = std::make_shared<SpikeBlock>(shape, 20);
    holed->begin(1022, 40000);
    for (std::uint64_t plane = 1022; plane < 1032; ++plane)
        fillScripted(plane, shape, holed->append());
    holed->appendGap(16, DropReason::Link);
    for (std::uint64_t plane = 1048; plane < 1055; ++plane)
        fillScripted(plane, shape, holed->append());
    planes.clear();
    REQUIRE(stages->process(holed, collect));
    CHECK(planes == std::vector<std::uint64_t>{1030, 1050});
}

TEST_CASE("the default grid is one result a millisecond") {
    Config config = withViews({});
    config.detect.enabled = true;
    auto stages = Stages::make(config, shape, 20000).value();
    int results = 0;
    REQUIRE(stages->process(block(0, 200), [&](const FrameResult &) { ++results; }));
    CHECK(results == 10);
}

TEST_CASE("no identity is given twice when detection is set anew, or off and on") {
    constexpr PlaneShape wide{300, 80};
    Config config = withViews({});
    config.detect.enabled = true;
    config.detect.detector.method = DetectionMethod::Attention;
    auto stages = Stages::make(config, wide, 40000).value();
    std::uint64_t next = 0;
    const auto seen = [&] {
        SquareScene scene(wide, 0.6F, 24);
        std::set<std::uint32_t> ids;
        for (const std::uint64_t end = next + 1200; next < end; next += 50) {
            const auto planes = std::make_shared<SpikeBlock>(wide, 50);
            planes->begin(next, 40000);
            while (!planes->full())
                scene.next(planes->append());
            REQUIRE(stages->process(planes, [&](const FrameResult &frame) {
                for (const Track &track : frame.tracks)
                    ids.insert(track.id);
            }));
        }
        return ids;
    };
    std::set<std::uint32_t> before = seen();
    REQUIRE_FALSE(before.empty());
    config.detect.tracker.gate += 1;
    REQUIRE(stages->configure(config));
    std::set<std::uint32_t> after = seen();
    REQUIRE_FALSE(after.empty());
    CHECK(*after.begin() > *before.rbegin());
    config.detect.enabled = false;
    REQUIRE(stages->configure(config));
    config.detect.enabled = true;
    REQUIRE(stages->configure(config));
    before = after;
    after = seen();
    REQUIRE_FALSE(after.empty());
    CHECK(*after.begin() > *before.rbegin());
}

TEST_CASE("threads do not change boxes and identities") {
    constexpr PlaneShape wide{300, 80};
    Config config = withViews({});
    config.detect.enabled = true;
    config.detect.detector.method = DetectionMethod::Attention;
    const auto run = [&](TilePool *pool) {
        auto stages = Stages::make(config, wide, 40000, pool).value();
        SquareScene scene(wide, 0.6F, 24);
        std::vector<std::vector<Track>> found;
        for (std::uint64_t first = 0; first < 1200; first += 50) {
            const auto planes = std::make_shared<SpikeBlock>(wide, 50);
            planes->begin(first, 40000);
            while (!planes->full())
                scene.next(planes->append());
            REQUIRE(stages->process(
                planes, [&](const FrameResult &frame) { found.push_back(frame.tracks); }));
        }
        return found;
    };
    const auto expected = run(nullptr);
    REQUIRE(std::any_of(expected.begin(), expected.end(),
                        [](const auto &tracks) { return !tracks.empty(); }));
    for (const unsigned threads : {1U, 2U, 3U}) {
        TilePool pool(threads);
        CHECK(run(&pool) == expected);
    }
}

TEST_CASE("pictures do not depend on the backend, nor on when it fails", "[pipeline][cuda]") {
    const auto run = [](Backend *backend) {
        std::vector<std::uint8_t> all;
        auto stages =
            Stages::make(withViews({{"tfp"}, {"tfi"}, {"raw"}}), shape, 40000, nullptr, backend)
                .value();
        for (std::uint64_t first = 0; first < 400; first += 100) {
            REQUIRE(stages->process(block(first, 100), [](const FrameResult &) {}));
            const FrameResult frame = stages->display();
            REQUIRE(frame.views.size() == 3);
            for (const ViewPicture &view : frame.views)
                all.insert(all.end(), view.picture.grey.begin(), view.picture.grey.end());
        }
        return all;
    };
    const auto wanted = run(nullptr);
    for (const TestDevice &device : testDevices()) {
        Backend backend(BackendKind::Cuda, device.open);
        CHECK(run(&backend) == wanted);
        CHECK(backend.status().name == "cuda");
    }
    long all = 0;  // calls of all three views' devices
    Backend counting(BackendKind::Auto, pretended({}, &all));
    CHECK(run(&counting) == wanted);
    REQUIRE(all > 150);
    for (long call = 0; call < all; call += 11) {
        long calls = 0;
        Backend backend(BackendKind::Auto, pretended({0, call}, &calls));
        CHECK(run(&backend) == wanted);
        CHECK(backend.status().name == "cpu");
        CHECK_THAT(backend.status().reason, Catch::Contains("asked for"));
    }
}
