// SPDX-License-Identifier: Apache-2.0
// fovea model info against the golden networks and against files that are none.
#include "tests/app/fovea/cli.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("model info tells what a network is made of", "[cli]") {
    const auto folder = goldenFolder();
    if (!folder) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    const std::string file = (*folder / "nir" / "nested.nir").string();
    const ProgramResult text = cli({"model", "info", file});
    CHECK(text.exitCode == 0);
    CHECK(text.err.empty());
    for (const char *const part : {"sub/s", "Scale", "(3)", "NIR 1.0.7"})
        CHECK(text.out.find(part) != std::string::npos);
    const ProgramResult result = cli({"model", "info", "--json", file});
    REQUIRE(result.exitCode == 0);
    const auto json = nlohmann::json::parse(result.out);
    CHECK(json["nodes"].size() == 5);
    CHECK(json["input_shape"] == nlohmann::json({3}));
    CHECK(json["recurrent"] == false);
    CHECK(json["warnings"].empty());
    CHECK(json["parameters"] == 0);
    const ProgramResult slower = cli({"model", "info", file, "--dt", "1e-5", "--json", "--quiet"});
    CHECK(nlohmann::json::parse(slower.out)["dt_seconds"] == 1e-5);
}

TEST_CASE("what is no network is one clear message and its status", "[cli]") {
    const TemporaryFolder folder;
    const std::string text = (folder / "x.nir").string();
    writeBytes(text, {'h', 'i'});
    struct Case {
        std::vector<std::string> arguments;
        int status;
        std::string part;
    };
    for (const Case &one :
         {Case{{"model", "info", text}, 4, "x.nir"},
          Case{{"model", "info", (folder / "no.nir").string()}, 4, "no.nir"},
          Case{{"model", "info"}, 2, "FILE"}, Case{{"model", "info", "--jsn", text}, 2, "--json"},
          Case{{"model"}, 2, "model"}, Case{{"model", "info", text, "--dt", "-1"}, 2, "--dt"}}) {
        const ProgramResult result = cli(one.arguments);
        INFO(result.err);
        CHECK(result.exitCode == one.status);
        CHECK(result.out.empty());
        CHECK(isOneMessage(result.err));
        CHECK(result.err.find(one.part) != std::string::npos);
    }
}
