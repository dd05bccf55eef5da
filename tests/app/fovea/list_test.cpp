// SPDX-License-Identifier: Apache-2.0
// fovea list shows what can be opened.
#include "tests/app/fovea/cli.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the synthetic camera is always there", "[cli]") {
    const ProgramResult text = cli({"list"});
    CHECK(text.exitCode == 0);
    CHECK(text.out.find("synthetic") == 0);
    const auto json = nlohmann::json::parse(cli({"list", "--json"}).out);
    REQUIRE(json.size() >= 1);
    CHECK(json[0]["kind"] == "synthetic");
}
