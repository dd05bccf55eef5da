// SPDX-License-Identifier: Apache-2.0
// The table of methods: names are unique, read back, and every method can be made.
#include "engine/recon/recon_methods.h"

#include "tests/fakes/stream_models.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace fovea {

TEST_CASE("every method of the table has its own name, reads back and can be made") {
    std::set<std::string_view> names;
    std::set<std::string_view> titles;
    for (const ReconMethodInfo &info : reconMethods()) {
        INFO(info.name);
        REQUIRE(names.insert(info.name).second);
        REQUIRE(titles.insert(info.title).second);
        REQUIRE_FALSE(info.what.empty());
        REQUIRE(info.what.back() != '.');
        REQUIRE(toString(info.method) == info.name);
        const auto parsed = parseReconMethod(info.name);
        REQUIRE(parsed);
        REQUIRE(*parsed == info.method);
        REQUIRE(&infoOf(info.method) == &info);
        ReconSettings settings;
        settings.method = info.method;
        if (info.method == ReconMethod::Snn)
            settings.model = test::useOf(test::pixelNetwork({8, 4}));
        const auto made = makeReconstructor(settings, {8, 4});
        REQUIRE(made);
        REQUIRE((*made)->name() == info.name);
    }
    REQUIRE(infoOf(ReconMethod::Tfp).reads(ReconParameter::Window));
    REQUIRE_FALSE(infoOf(ReconMethod::Tfp).reads(ReconParameter::Reach));
    REQUIRE(infoOf(ReconMethod::Tfi).reads(ReconParameter::Reach));
}

TEST_CASE("an unknown method is refused with all the known names") {
    const auto parsed = parseReconMethod("tfx");
    REQUIRE_FALSE(parsed);
    for (const ReconMethodInfo &info : reconMethods())
        REQUIRE(parsed.error().message.find(info.name) != std::string::npos);
}

}  // namespace fovea
