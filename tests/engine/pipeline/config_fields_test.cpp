// SPDX-License-Identifier: Apache-2.0
// The table of settings is complete, unambiguous and reads what it writes.
#include "engine/pipeline/config_fields.h"

#include <catch2/catch.hpp>
#include <set>

using namespace fovea;

TEST_CASE("every setting has a name of its own, a meaning, and reads what it writes") {
    Config config;
    std::set<std::string> names;
    for (const ConfigField &field : fieldsOf(config)) {
        INFO(field.section << "." << field.key);
        CHECK(names.insert(fmt::format("{}.{}", field.section, field.key)).second);
        CHECK(field.help.size() > 3);
        const std::string before = field.write();
        CHECK(field.read(YAML::Load(before)).empty());
        CHECK(field.write() == before);
    }
    CHECK(names.size() > 40);
}

TEST_CASE("no setting takes a group of keys, and each says what it allows") {
    Config config;
    for (const ConfigField &field : fieldsOf(config)) {
        INFO(field.section << "." << field.key);
        const std::string before = field.write();
        CHECK_FALSE(field.read(YAML::Load("{a: b}")).empty());
        CHECK(field.write() == before);
    }
}

TEST_CASE("texts survive quotes, backslashes and control characters") {
    Config config;
    for (const std::string text :
         {"plain", "a \"b\" \\ c", "tab\there", "new\nline", ": - # [", ""}) {
        config.source.path = text;
        for (const ConfigField &field : fieldsOf(config)) {
            if (field.key != "path" || field.section != "source")
                continue;
            const std::string written = field.write();
            config.source.path = "other";
            REQUIRE(field.read(YAML::Load(written)).empty());
            CHECK(config.source.path == text);
        }
    }
}
