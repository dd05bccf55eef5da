// SPDX-License-Identifier: Apache-2.0
// A network whose picture is the rate, against the rate.
#include "engine/recon/snn_levels.h"

#include "engine/core/random.h"
#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr PlaneShape camera{13, 9};

struct Planes {
    explicit Planes(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            words.push_back(planeOf(camera, [&](std::uint32_t x, std::uint32_t y) {
                return randomAt(5, i, std::uint64_t{y} * 64 + x) % 3 == 0;
            }));
            pointers.push_back(words.back().data());
        }
    }
    /// Mean rate of pixel `p` over planes [begin, end), 0 to 255.
    [[nodiscard]] double rate(std::size_t begin, std::size_t end, std::size_t p) const {
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i)
            sum += testBit(words[i].data(), p) ? 255 : 0;
        return sum / static_cast<double>(end - begin);
    }
    std::vector<std::vector<std::uint64_t>> words;
    std::vector<const std::uint64_t *> pointers;
};

std::unique_ptr<Reconstructor> snn(const Metadata &metadata, PlaneShape network = camera,
                                   ModelFit fit = ModelFit::Auto) {
    ReconSettings settings;
    settings.method = ReconMethod::Snn;
    ModelSettings use;
    use.fit = fit;
    settings.model = useOf(pixelNetwork(network), metadata, use);
    auto made = makeReconstructor(settings, camera);
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    CHECK(reachOf(settings) == (*made)->reach());
    return std::move(*made);
}

/// The largest difference to the rate over `window` planes up to `key`.
double worst(Reconstructor &method, const Planes &planes, std::size_t window, std::size_t key) {
    std::vector<std::uint8_t> grey(camera.pixels());
    REQUIRE(method.reconstruct(PlaneWindow{planes.pointers, key, key}, grey));
    double most = 0;
    for (std::size_t p = 0; p < grey.size(); ++p)
        most = std::max(most, std::abs(grey[p] - planes.rate(key + 1 - window, key + 1, p)));
    return most;
}

}  // namespace

TEST_CASE("an IF neuron a pixel gives the rate of its window", "[recon]") {
    const Planes planes(40);
    auto method = snn({{"stream_steps", "12"}});
    CHECK(method->name() == "snn");
    CHECK(method->reach() == PlaneReach{11, 0});
    for (const std::size_t key : {std::size_t{11}, std::size_t{20}, std::size_t{39}})
        CHECK(worst(*method, planes, 12, key) <= 1);
    REQUIRE(method->network());
    CHECK(method->network()->decisions == 3);
    CHECK(method->network()->end == 40);
}

TEST_CASE("a picture behind the newest plane, in blocks of pixels", "[recon]") {
    // Every block of 2x2 pixels as four channels, each the first of two planes.
    constexpr PlaneShape even{12, 8};
    Conv2d fold{{SignalShape::of({4, 2, 2, 2}), std::vector<float>(32)}, {}, {2, 2}, {}, {}, 1};
    for (std::size_t channel = 0; channel < 4; ++channel)
        fold.weight.values[channel * 8 + channel] = 1;
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({2, even.height, even.width})})
        .then("fold", fold)
        .then("output", OutputLayer{});
    ReconSettings settings;
    settings.method = ReconMethod::Snn;
    settings.model =
        useOf(builder.build().value(),
              {{"stream_input", "window"}, {"stream_steps", "3"}, {"stream_lag", "1"}});
    auto made = makeReconstructor(settings, even);
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    CHECK((*made)->reach() == PlaneReach{0, 1});
    const auto fires = [](std::uint32_t x, std::uint32_t y) { return (x * 5 + y * 3) % 7 < 3; };
    const auto first = planeOf(even, fires);
    const std::vector<std::uint64_t> second(first.size());
    const std::vector<const std::uint64_t *> planes{first.data(), second.data()};
    std::vector<std::uint8_t> grey(even.pixels());
    REQUIRE((*made)->reconstruct(PlaneWindow{planes, 0, 0}, grey));
    for (std::size_t p = 0; p < grey.size(); ++p)
        CHECK(grey[p] == (testBit(first.data(), p) ? 255 : 0));
}

TEST_CASE("tiles meet without a seam", "[recon]") {
    const Planes planes(12);
    auto method = snn({{"stream_steps", "12"}}, {5, 4}, ModelFit::Tiles);
    CHECK(worst(*method, planes, 12, 11) <= 1);
}

TEST_CASE("a resized network's pixels cover what they saw", "[recon]") {
    Planes planes(4);
    std::fill(planes.pointers.begin(), planes.pointers.end(), planes.words[0].data());
    planes.words[0] = planeOf(camera, [](std::uint32_t x, std::uint32_t) { return x < 6; });
    std::fill(planes.pointers.begin(), planes.pointers.end(), planes.words[0].data());
    auto method = snn({{"stream_steps", "4"}}, {2, 1}, ModelFit::Resize);
    std::vector<std::uint8_t> grey(camera.pixels());
    REQUIRE(method->reconstruct(PlaneWindow{planes.pointers, 3, 3}, grey));
    CHECK(grey[0] == 255);
    CHECK(grey[camera.pixels() - 1] == 0);
}

TEST_CASE("a window without all its planes is black, and counted", "[recon]") {
    Planes planes(20);
    auto method = snn({{"stream_steps", "4"}});
    std::vector<std::uint8_t> grey(camera.pixels(), 7);
    REQUIRE(method->reconstruct(PlaneWindow{planes.pointers, 2, 2}, grey));
    CHECK(std::count(grey.begin(), grey.end(), 0) == static_cast<long>(camera.pixels()));
    CHECK(method->network()->skipped == 0);  // the stream has only begun
    planes.pointers[9] = nullptr;
    REQUIRE(method->reconstruct(PlaneWindow{planes.pointers, 12, 12}, grey));
    CHECK(std::count(grey.begin(), grey.end(), 0) == static_cast<long>(camera.pixels()));
    CHECK(method->network()->skipped == 1);
    CHECK(worst(*method, planes, 4, 13) <= 1);
}

TEST_CASE("a kept state goes on from picture to picture, not over a loss", "[recon]") {
    Planes planes(40);
    auto method = snn({{"stream_state", "kept"}, {"stream_window", "8"}});
    std::vector<std::uint8_t> grey(camera.pixels());
    CHECK(worst(*method, planes, 11, 10) <= 1);  // all that were there
    CHECK(worst(*method, planes, 5, 15) <= 1);   // those since the last picture
    CHECK(method->network()->steps == 5);
    planes.pointers[20] = nullptr;
    CHECK(worst(*method, planes, 3, 23) <= 1);  // those after the lost one
    CHECK(method->network()->restarts == 1);
}

TEST_CASE("16 bits, a missing model and one that gives classes", "[recon]") {
    ReconSettings settings;
    settings.method = ReconMethod::Snn;
    const auto none = makeReconstructor(settings, camera);
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("model.file") != std::string::npos);
    CHECK(reachOf(settings) == PlaneReach{});
    settings.model = useOf(sidesNetwork(camera));
    CHECK(makeReconstructor(settings, camera).error().code == ErrorCode::Unsupported);
    settings.model = useOf(pixelNetwork(camera), {{"stream_steps", "3"}});
    CHECK(checkPlane(settings, 1, 10).error().message.find("planes 2 to 9") != std::string::npos);
    auto deep = DeepReconstructor::make(settings, camera);
    REQUIRE(deep);
    const Planes planes(3);
    std::vector<std::uint16_t> grey(camera.pixels());
    REQUIRE(deep->reconstruct(PlaneWindow{planes.pointers, 2, 2}, grey));
    CHECK(grey[5] == static_cast<std::uint16_t>(std::lround(planes.rate(0, 3, 5) * 257)));
}
