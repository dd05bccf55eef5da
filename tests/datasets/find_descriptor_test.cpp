// SPDX-License-Identifier: Apache-2.0
// Which descriptor and which labels belong to a recording.
#include "datasets/descriptor.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the sidecar comes first, then the nearest config.yaml that speaks of spikes") {
    TemporaryFolder folder;
    const auto deep = folder.path() / "a" / "b" / "c";
    std::filesystem::create_directories(deep);
    const auto recording = deep / "x.dat";
    const auto width = [&]() -> std::uint32_t {
        const auto found = findDescriptor(recording);
        REQUIRE(found);
        return *found ? (*found)->shape.width : 0;
    };
    CHECK(width() == 0);
    writeText(folder / "config.yaml", "spike_w: 1\nspike_h: 1\n");
    CHECK(width() == 1);
    writeText(folder.path() / "a" / "config.yaml", "spike_w: 2\nspike_h: 1\n");
    CHECK(width() == 2);
    writeText(deep / "config.yaml", "some: other program\n");
    CHECK(width() == 2);
    std::filesystem::create_directory(folder.path() / "a" / "b" / "config.yaml");
    CHECK(width() == 2);
    writeText(deep / "x.dat.yaml", "spike_w: 3\nspike_h: 1\n");
    CHECK(width() == 3);
    writeText(deep / "x.dat.yaml", "spike_w: 3\n");
    CHECK_FALSE(findDescriptor(recording));
}
