// SPDX-License-Identifier: Apache-2.0
// What is said of libraries that are missing, no library, or the wrong one.
#include "drivers/pcie/vendor_library.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

using namespace fovea;
using namespace fovea::test;
using Catch::Contains;

TEST_CASE("the capture card's library is loaded, or what is wrong with it is said", "[pcie]") {
    const auto message = [](const std::string &path) {
        const auto loaded = VendorLibrary::load(path);
        REQUIRE_FALSE(loaded);
        REQUIRE(loaded.error().code == ErrorCode::NoDevice);
        REQUIRE_THAT(loaded.error().message, Contains("source.pcie_library"));
        return loaded.error().message;
    };
    const TemporaryFolder folder;
    CHECK_THAT(message("/nowhere/libhda100.so"), Contains("/nowhere/libhda100.so: no such file"));
    CHECK_THAT(message("libhda100-that-nobody-has.so"), Contains("cannot be loaded"));
    writeBytes(folder / "text.so", {'n', 'o'});
    CHECK_THAT(message((folder / "text.so").string()), Contains("cannot be loaded"));
    CHECK_THAT(message(folder.path().string()), Contains("cannot be loaded"));
    CHECK_THAT(message(FOVEA_OLD_CARD), Contains("has no function DevMBRead"));
    const auto loaded = VendorLibrary::load(FOVEA_FAKE_CARD);
    REQUIRE(loaded);
    CHECK((*loaded)->path == FOVEA_FAKE_CARD);
    CHECK((*loaded)->read != nullptr);
    CHECK((*loaded)->giveBack != nullptr);
}
