// SPDX-License-Identifier: Apache-2.0
// What is written comes back; what is damaged is refused.
#include "engine/train/checkpoint.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <fstream>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a checkpoint comes back as it was", "[train]") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.bin";
    const Checkpoint written{{"a", {1, -0.5, 1e300}}, {"b", {}}, {"", {3}}};
    REQUIRE(writeCheckpoint(written, path));
    REQUIRE(readCheckpoint(path).value() == written);
    REQUIRE(writeCheckpoint({}, path));
    REQUIRE(readCheckpoint(path).value().empty());
}

TEST_CASE("a damaged checkpoint is refused", "[train]") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.bin";
    REQUIRE(writeCheckpoint({{"name", {1, 2, 3}}}, path));
    const auto bytes = readBytes(path);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char *>(bytes.data()),
                   static_cast<std::streamsize>(size));
        const auto read = readCheckpoint(path);
        REQUIRE_FALSE(read);
        REQUIRE(read.error().code == ErrorCode::BadFile);
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] ^= 0x10;
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char *>(changed.data()),
                   static_cast<std::streamsize>(changed.size()));
        REQUIRE_FALSE(readCheckpoint(path));
    }
    REQUIRE_FALSE(readCheckpoint(folder.path() / "none"));
    REQUIRE_FALSE(writeCheckpoint({}, folder.path() / "no" / "folder"));
}
