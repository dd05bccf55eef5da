// SPDX-License-Identifier: Apache-2.0
// CPU and device make the same pictures, also when the device fails in the middle.
#include "engine/recon/device_reconstructor.h"

#include "engine/recon/grey_pictures.h"
#include "tests/engine/recon/random_planes.h"
#include "tests/fakes/test_devices.h"

using namespace fovea;

namespace {

std::vector<ReconSettings> manySettings() {
    std::vector<ReconSettings> all;
    ReconSettings settings;
    settings.method = ReconMethod::Raw;
    all.push_back(settings);
    settings.method = ReconMethod::Tfp;
    for (const std::uint32_t window : {1U, 33U, 63U, 65U, 255U, 257U}) {
        settings.window = window;
        all.push_back(settings);
    }
    settings.gain = 3;
    settings.gamma = 2.2;
    all.push_back(settings);
    settings.method = ReconMethod::Tfi;
    for (const std::uint32_t reach : {1U, 20U, 255U, 1000U}) {
        settings.reach = reach;
        all.push_back(settings);
    }
    settings.convention = TfiConvention::Stack;
    settings.gain = settings.gamma = 1;
    all.push_back(settings);
    return all;
}

/// Every picture of `planes`, one by one and in runs of different lengths and distances.
std::vector<std::uint8_t> allPictures(Reconstructor &reconstructor, PlanePointers planes,
                                      std::uint64_t first) {
    TilePool pool(1);
    const std::size_t pixels = reconstructor.shape().pixels();
    std::vector<std::uint8_t> all;
    std::vector<std::uint8_t> grey(pixels);
    for (std::size_t key = 0; key < planes.size(); key += 37) {
        REQUIRE(reconstructor.reconstruct({planes, key, first + key}, grey));
        all.insert(all.end(), grey.begin(), grey.end());
    }
    for (const auto &[hop, count] :
         std::vector<std::pair<std::size_t, std::size_t>>{{1, 70}, {3, 20}, {40, 3}, {100, 1}}) {
        GreyPictures pictures(reconstructor.shape(), count);
        for (std::size_t key = 0; key + (count - 1) * hop < planes.size(); key += 55) {
            REQUIRE(reconstructor.reconstruct({{planes, key, first + key}, hop, count}, pictures,
                                              pool));
            for (std::size_t i = 0; i < count; ++i)
                all.insert(all.end(), pictures[i].begin(), pictures[i].end());
        }
    }
    return all;
}

std::vector<const std::uint64_t *> withGaps(const SpikeBlock &block) {
    auto planes = test::pointers(block);
    for (const std::size_t lost : {40U, 41U, 42U, 90U, 121U})
        planes[lost] = nullptr;
    return planes;
}

}  // namespace

TEST_CASE("CPU and device make the same pictures", "[recon][cuda]") {
    for (const test::TestDevice &device : test::testDevices())
        for (const PlaneShape shape :
             {PlaneShape{1, 1}, PlaneShape{63, 1}, PlaneShape{65, 2}, PlaneShape{33, 31}})
            for (const ReconSettings &settings : manySettings()) {
                INFO(device.name << ", " << toString(shape) << ", " << toString(settings.method)
                                 << ", window " << settings.window << ", reach " << settings.reach);
                const SpikeBlock block = test::randomPlanes(shape, 150, shape.pixels());
                Backend backend(BackendKind::Cuda, device.open);
                auto twin = makeReconstructor(settings, shape, &backend).value();
                REQUIRE(dynamic_cast<DeviceReconstructor *>(twin.get()) != nullptr);
                auto cpu = makeReconstructor(settings, shape).value();
                CHECK(twin->name() == cpu->name());
                CHECK(twin->reach() == cpu->reach());
                for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{1} << 40}) {
                    CHECK(allPictures(*twin, test::pointers(block), first) ==
                          allPictures(*cpu, test::pointers(block), first));
                    CHECK(allPictures(*twin, withGaps(block), first) ==
                          allPictures(*cpu, withGaps(block), first));
                }
                CHECK(backend.status().name == "cuda");
            }
}

TEST_CASE("a device that fails at any call leaves the pictures as they are", "[recon][cuda]") {
    const PlaneShape shape{33, 5};
    const SpikeBlock block = test::randomPlanes(shape, 150, 3);
    for (const ReconMethod method : {ReconMethod::Tfp, ReconMethod::Tfi}) {
        ReconSettings settings;
        settings.method = method;
        const auto wanted =
            allPictures(*makeReconstructor(settings, shape).value(), withGaps(block), 0);
        long calls = 0;
        Backend counting(BackendKind::Auto, test::pretended({}, &calls));
        (void)allPictures(*makeReconstructor(settings, shape, &counting).value(), withGaps(block),
                          0);
        REQUIRE(calls > 100);
        for (long call = 0; call < calls; call = call < 40 ? call + 1 : call + 23) {
            INFO("call " << call);
            Backend backend(BackendKind::Auto, test::pretended({0, call}));
            auto twin = makeReconstructor(settings, shape, &backend).value();
            CHECK(allPictures(*twin, withGaps(block), 0) == wanted);
            CHECK(backend.status().name == "cpu");
            CHECK_THAT(backend.status().reason, Catch::Contains("asked for"));
        }
    }
}

TEST_CASE("a run of large pictures comes down in several batches", "[recon][cuda]") {
    const PlaneShape shape{1024, 1030};
    const SpikeBlock block = test::randomPlanes(shape, 12, 3);
    ReconSettings settings;
    settings.window = 3;
    TilePool pool(1);
    for (const test::TestDevice &device : test::testDevices()) {
        Backend backend(BackendKind::Cuda, device.open);
        auto twin = makeReconstructor(settings, shape, &backend).value();
        auto cpu = makeReconstructor(settings, shape).value();
        GreyPictures a(shape, 10);
        GreyPictures b(shape, 10);
        const auto planes = test::pointers(block);
        const PictureRun run{{planes, 1, 1}, 1, 10};
        REQUIRE(twin->reconstruct(run, a, pool));
        REQUIRE(cpu->reconstruct(run, b, pool));
        for (std::size_t i = 0; i < 10; ++i)
            CHECK(std::equal(a[i].begin(), a[i].end(), b[i].begin()));
        CHECK(backend.status().name == "cuda");
    }
}
