// SPDX-License-Identifier: Apache-2.0
// Each kind of value: what it takes, what it refuses, what it writes.
#include "engine/pipeline/config_codecs.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("values are taken within their limits and left alone otherwise") {
    double length = 1;
    const codec::Codec number = codec::number(length, 0.5, 4.0);
    CHECK(number.read(YAML::Load("2.5")).empty());
    CHECK(length == 2.5);
    for (const char *bad : {"0.4", "4.1", "nan", "inf", "2,5", "x", "[2]", "{a: 2}"}) {
        INFO(bad);
        CHECK(number.read(YAML::Load(bad)) == "a number from 0.5 to 4");
        CHECK(length == 2.5);
    }
    std::uint32_t window = 3;
    CHECK(codec::oddNumber(window, 1, 9).read(YAML::Load("4")) == "an odd number from 1 to 9");
    CHECK(codec::oddNumber(window, 1, 9).read(YAML::Load("5")).empty());
    CHECK(window == 5);
}

TEST_CASE("auto empties a value, anything else must be one of its kind") {
    std::optional<double> rate = 7;
    const codec::Codec automatic =
        codec::automatic(rate, [](double &value) { return codec::number(value, 1.0, 9.0); });
    CHECK(automatic.read(YAML::Load("auto")).empty());
    CHECK_FALSE(rate);
    CHECK(automatic.write() == "auto");
    CHECK(automatic.read(YAML::Load("10")) == "auto, or a number from 1 to 9");
    CHECK(automatic.read(YAML::Load("8")).empty());
    CHECK(automatic.write() == "8");
}

TEST_CASE("a list takes all of its items or none") {
    std::vector<std::string> names{"old"};
    const codec::Codec list = codec::list<std::string>(
        names, "a list of short names",
        [](const std::string &item, std::string &name) {
            name = item;
            return item.size() < 4;
        },
        [](const std::string &name) { return name; });
    CHECK(list.read(YAML::Load("[one, three]")) == "a list of short names");
    CHECK(list.write() == "[\"old\"]");
    CHECK(list.read(YAML::Load("[one, two]")).empty());
    CHECK(list.write() == "[\"one\", \"two\"]");
    CHECK(list.read(YAML::Load("")).empty());
    CHECK(names.empty());
}
