// SPDX-License-Identifier: Apache-2.0
// NIR's primitives in the forms that files hold.
#include "engine/snn/nir_layers.h"

#include "engine/snn/hdf5_writer.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

using namespace fovea;
using namespace fovea::test;

namespace {

Result<Layer> readBack(const std::string &type, const std::function<void(Hdf5Writer &)> &write) {
    const TemporaryFolder folder;
    auto file = Hdf5Writer::create(folder / "x.h5").value();
    file.group("/n");
    write(file);
    REQUIRE(file.close());
    std::vector<std::string> warnings;
    const auto root = Hdf5Group::openFile(folder / "x.h5").value();
    return readNirLayer(root.group("n").value(), type, 1e-4, warnings);
}

void putInteger(Hdf5Writer &file, const std::string &name, std::int64_t value) {
    file.integers("/n/" + name, std::span(&value, 1), {});
}

void putWeight(Hdf5Writer &file, const std::vector<std::uint64_t> &sides) {
    std::vector<float> values(Hdf5Array<float>{sides, {}}.elements(), 1);
    file.numbers("/n/weight", std::span<const float>(values), sides);
}

}  // namespace

TEST_CASE("convolutions take numbers, scalars and words", "[snn]") {
    const auto same = readBack("Conv2d", [](Hdf5Writer &file) {
        putWeight(file, {4, 2, 3, 2});
        file.text("/n/padding", "same");
    });
    REQUIRE(same);
    CHECK(std::get<Conv2d>(*same).padding == Border{1, 0, 1, 1});
    CHECK(std::get<Conv2d>(*same).stride == Size2{1, 1});
    CHECK(std::get<Conv2d>(*same).bias.empty());
    const auto scalar = readBack("Conv2d", [](Hdf5Writer &file) {
        putWeight(file, {4, 2, 3, 3});
        putInteger(file, "stride", 2);
        putInteger(file, "padding", 1);
        putInteger(file, "groups", 2);
    });
    REQUIRE(scalar);
    CHECK(std::get<Conv2d>(*scalar).stride == Size2{2, 2});
    CHECK(std::get<Conv2d>(*scalar).padding == Border{1, 1, 1, 1});
    CHECK(std::get<Conv2d>(*scalar).groups == 2);
    const auto line = readBack("Conv1d", [](Hdf5Writer &file) {
        putWeight(file, {4, 2, 3});
        putInteger(file, "stride", 2);
        putInteger(file, "padding", 1);
    });
    REQUIRE(line);
    CHECK(std::get<Conv2d>(*line).weight.shape == SignalShape::of({4, 2, 1, 3}));
    CHECK(std::get<Conv2d>(*line).stride == Size2{1, 2});
    CHECK(std::get<Conv2d>(*line).padding == Border{0, 1, 0, 1});
    CHECK_FALSE(readBack("Conv2d", [](Hdf5Writer &file) { putWeight(file, {4, 2, 3}); }));
    CHECK_FALSE(readBack("Conv2d", [](Hdf5Writer &file) {
        putWeight(file, {4, 2, 3, 3});
        putInteger(file, "stride", -1);
    }));
    CHECK_FALSE(readBack("Conv2d", [](Hdf5Writer &file) {
        putWeight(file, {4, 2, 3, 3});
        file.text("/n/padding", "round");
    }));
}

TEST_CASE("linear weights may have leading ones", "[snn]") {
    const auto linear = readBack("Linear", [](Hdf5Writer &file) { putWeight(file, {1, 1, 3, 2}); });
    REQUIRE(linear);
    CHECK(std::get<Linear>(*linear).weight.shape == SignalShape::of({3, 2}));
}

TEST_CASE("pools take their stride from the kernel when there is none", "[snn]") {
    const auto pool =
        readBack("AvgPool2d", [](Hdf5Writer &file) { putInteger(file, "kernel_size", 2); });
    REQUIRE(pool);
    CHECK(std::get<Pool2d>(*pool) == Pool2d{PoolKind::Average, {2, 2}, {2, 2}, {}, true});
    CHECK_FALSE(readBack("SumPool2d", [](Hdf5Writer &) {}));
}

TEST_CASE("delays become steps", "[snn]") {
    const auto delay = readBack("Delay", [](Hdf5Writer &file) {
        const std::vector<double> seconds = {3e-4, 0};
        const std::vector<std::uint64_t> two = {2};
        file.numbers("/n/delay", std::span<const double>(seconds), two);
    });
    REQUIRE(delay);
    CHECK(std::get<Delay>(*delay).steps == Parameter({3, 0}));
}

TEST_CASE("whole numbers only", "[snn]") {
    CHECK(wholeNumber(-3, "x").value() == -3);
    CHECK(wholeNumber(0.5, "x").error().message == "x: 0.5 is no whole number");
    CHECK_FALSE(wholeNumber(NAN, "x"));
    CHECK_FALSE(wholeNumber(1e300, "x"));
}
