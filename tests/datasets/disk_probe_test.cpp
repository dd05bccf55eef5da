// SPDX-License-Identifier: Apache-2.0
// The disk is measured, in bounded time and room, and nothing is left on it.
#include "datasets/disk_probe.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("a probe measures and leaves nothing") {
    const TemporaryFolder folder;
    DiskProbeOptions options;
    options.bytes = 1 << 20;
    options.chunkBytes = 64 << 10;
    double last = 0;
    const auto speed = probeDisk(
        folder.path(), [&](double share) { return last = share, true; }, options);
    REQUIRE(speed);
    CHECK(*speed > 0);
    CHECK(last == Approx(1));
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK(probeDisk(
              folder.path(), [](double) { return false; }, options)
              .error()
              .code == ErrorCode::Cancelled);
    CHECK(std::filesystem::is_empty(folder.path()));
    const auto none = probeDisk(
        folder / "absent", [](double) { return true; }, options);
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("is gone") != std::string::npos);
}

TEST_CASE("free room is that of the disk, also for a name that is not there yet") {
    const TemporaryFolder folder;
    const auto room = freeBytes(folder.path());
    REQUIRE(room);
    CHECK(*room > 0);
    CHECK(freeBytes(folder / "absent" / "more"));
}

TEST_CASE("too little room is told with both sizes") {
    const TemporaryFolder folder;
    CHECK(checkRoom(folder / "a.dat", {400, 250}, 10));
    CHECK(checkRoom("a.dat", {400, 250}, 10));
    const auto refused = checkRoom(folder / "a.dat", {1000, 1000}, 1e13);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Io);
    CHECK(refused.error().message.find("a.dat: needs 1.25 EB, ") != std::string::npos);
}
