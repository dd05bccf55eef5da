// SPDX-License-Identifier: Apache-2.0
// The layout of what is written, and what happens on a full disk.
#include "engine/snn/hdf5_writer.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("what is written can be read in its shape", "[snn]") {
    const TemporaryFolder folder;
    auto file = Hdf5Writer::create(folder / "x.h5").value();
    const std::vector<std::int64_t> whole = {1, -2, 3};
    const std::vector<float> single = {1.5F, 2.5F, 3.5F, 4.5F, 5.5F, 6.5F};
    const std::vector<double> fine = {0.1, 0.2};
    const std::vector<std::uint64_t> three = {3}, six = {2, 3}, two = {2};
    file.integers("/a/whole", whole, three);
    file.numbers("/a/b/single", std::span<const float>(single), six);
    file.numbers("/a/fine", std::span<const double>(fine), two);
    file.text("/word", "naïve");
    file.texts("/pairs", std::vector<std::string>{"a", "bc", "", "d"}, 2);
    file.texts("/none", {}, 2);
    file.group("/empty");
    REQUIRE(file.close());

    const auto root = Hdf5Group::openFile(folder / "x.h5").value();
    CHECK(root.names().value() == std::vector<std::string>{"a", "empty", "none", "pairs", "word"});
    const auto inner = root.group("a").value();
    CHECK(inner.doubles("whole")->values == std::vector<double>{1, -2, 3});
    CHECK(inner.doubles("fine")->values == fine);
    CHECK(inner.group("b")->floats("single")->values == single);
    CHECK(inner.group("b")->floats("single")->sides == six);
    CHECK(root.text("word").value() == "naïve");
    CHECK(root.texts("pairs", 2).value() == std::vector<std::string>{"a", "bc", "", "d"});
    CHECK(root.texts("none", 2)->empty());
}

TEST_CASE("a path that cannot be is an error", "[snn]") {
    const TemporaryFolder folder;
    CHECK(Hdf5Writer::create(folder.path()).error().code == ErrorCode::Io);
    auto file = Hdf5Writer::create(folder / "x.h5").value();
    file.text("/a", "one");
    file.text("/a", "two");  // is there already
    CHECK(file.close().error().code == ErrorCode::Io);
}
