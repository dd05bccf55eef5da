// SPDX-License-Identifier: Apache-2.0
// Reads Prometheus text strictly, without using what is tested.
#pragma once

#include <catch2/catch.hpp>
#include <charconv>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace fovea::test {

/// Samples by "name{labels}". Fails the test on any line that the format does not allow: a sample
/// without HELP and TYPE before it, a type or family twice, a counter that is not named _total.
inline std::map<std::string, double> parseMetrics(const std::string &text) {
    static const std::regex sample(
        R"re(^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? (\S+)$)re");
    static const std::regex comment(R"re(^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$)re");
    std::map<std::string, double> samples;
    std::map<std::string, std::string> typeOf;
    std::set<std::string> helped;
    std::istringstream lines(text);
    std::smatch match;
    REQUIRE_FALSE(text.empty());
    CHECK(text.back() == '\n');
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        if (std::regex_match(line, match, comment)) {
            if (match[1] == "HELP")
                CHECK(helped.insert(match[2]).second);
            else
                CHECK(typeOf.emplace(match[2], match[3]).second);
            continue;
        }
        REQUIRE(std::regex_match(line, match, sample));
        const std::string name = match[1];
        const std::string family = std::regex_replace(name, std::regex("_(bucket|sum|count)$"), "");
        const std::string owner = typeOf.contains(name) ? name : family;
        REQUIRE(typeOf.contains(owner));
        CHECK(helped.contains(owner));
        if (typeOf[owner] == "counter")
            CHECK(name.ends_with("_total"));
        double value = 0;
        const std::string number = match[4];
        const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
        CHECK(parsed.ec == std::errc{});
        CHECK(samples.emplace(name + match[2].str(), value).second);
    }
    return samples;
}

}  // namespace fovea::test
