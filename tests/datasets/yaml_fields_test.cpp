// SPDX-License-Identifier: Apache-2.0
// Getters leave absent fields alone, keep the first error, and refuse what does not fit.
#include "datasets/yaml_fields.h"

#include "tests/datasets/recordings.h"

#include <array>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("fields of every kind") {
    auto fields = YamlFields::parse("f", "a: text\nb: TRUE\nc: 12\nd: 1e3\ne: [x, 2]\n"
                                         "g: {k: v}\nh: one\n");
    REQUIRE(fields);
    std::string a;
    bool b = false;
    std::uint64_t c = 0;
    double d = 0;
    std::vector<std::string> e;
    std::map<std::string, std::string> g;
    std::vector<std::string> h;
    fields->text("a", a);
    fields->boolean("b", b);
    fields->whole("c", 0, 12, c);
    fields->number("d", 0, 1000, d);
    fields->list("e", e);
    fields->map("g", g);
    fields->list("h", h);
    fields->require("a");
    CHECK(fields->has("a"));
    CHECK_FALSE(fields->has("z"));
    CHECK(fields->result());
    CHECK(a == "text");
    CHECK(b);
    CHECK(c == 12);
    CHECK(d == 1000);
    CHECK(e == std::vector<std::string>{"x", "2"});
    CHECK(g == std::map<std::string, std::string>{{"k", "v"}});
    CHECK(h == std::vector<std::string>{"one"});
    c = 77;
    fields->whole("absent", 0, 1, c);
    CHECK(c == 77);
    CHECK(fields->result());
}

TEST_CASE("the first error is kept") {
    auto fields = YamlFields::parse("f", "a: 13\nb: x\n");
    REQUIRE(fields);
    std::uint64_t a = 5;
    bool b = false;
    fields->whole("a", 0, 12, a);
    fields->boolean("b", b);
    CHECK(a == 5);
    CHECK(fields->result().error().message ==
          "f:1: a: found '13', expected a whole number from 0 to 12");
}

TEST_CASE("unknown fields get the nearest name") {
    const std::array<std::string_view, 3> names{"rate_hz", "flip", "planes"};
    for (const auto &[wrong, nearest] :
         {std::pair{"rate", "rate_hz"}, {"flp", "flip"}, {"Planes", "planes"}}) {
        auto fields = YamlFields::parse("f", fmt::format("{}: 1\n", wrong));
        REQUIRE(fields);
        fields->allowOnly(names);
        CHECK(fields->result().error().message ==
              fmt::format("f:1: {}: unknown field, the nearest is {}", wrong, nearest));
    }
}

TEST_CASE("what is no map of fields is refused") {
    for (const char *text : {"", "text", "[a]", "a: 1\na: 2\n", "[a]: 1\n", "a: [\n", "a: 'x\n b",
                             "\t- x:\n a", "a: *b\n", "%YAML 9\n---\na: 1\n  b: 2\n"}) {
        CAPTURE(text);
        const auto fields = YamlFields::parse("f", text);
        if (fields)
            CHECK(fields->has("a"));  // yaml-cpp closes an open quote at the end by itself
        else
            CHECK(fields.error().message.starts_with("f:"));
    }
    CHECK_FALSE(YamlFields::parse("f", "a: 1\na: 2\n"));
    CHECK_FALSE(YamlFields::parse("f", "[a]"));
    CHECK_FALSE(YamlFields::parse("f", ""));
}
