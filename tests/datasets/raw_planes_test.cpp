// SPDX-License-Identifier: Apache-2.0
// Header-less files: lengths, and planes that begin inside a byte.
#include "datasets/raw_planes.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("planes and bytes are converted without overflow") {
    const RawLayout one{{1, 1}, 0, true};
    CHECK(one.planesIn(3) == 24);
    CHECK(one.bytesOf(17) == 3);
    const RawLayout odd{{3, 5}, 0, true};
    CHECK(odd.planesIn(1) == 0);
    CHECK(odd.planesIn(2) == 1);
    CHECK(odd.planesIn(15) == 8);
    CHECK(odd.bytesOf(3) == 6);
    const RawLayout head{{400, 250}, rowHeadBits, true};
    CHECK(head.bytesOf(1) == 13000);
    CHECK(head.planesIn(25999) == 1);
    const RawLayout camera{{400, 250}, 0, true};
    CHECK(camera.planesIn(~std::uint64_t{0}) == ~std::uint64_t{0} / 12500);
    for (const RawLayout &layout : {one, odd, head, camera})
        for (std::uint64_t planes = 0; planes < 100; ++planes)
            CHECK(layout.planesIn(layout.bytesOf(planes)) >= planes);
}

TEST_CASE("any range of planes is read, flipped or not, with or without heads") {
    TemporaryFolder folder;
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{3, 5}, PlaneShape{250, 250},
                                   PlaneShape{417, 3}, PlaneShape{64, 1}, PlaneShape{40, 6}})
        for (const bool flip : {false, true})
            for (const std::uint32_t head : {0U, rowHeadBits}) {
                CAPTURE(shape.width, shape.height, flip, head);
                const SpikeBlock planes = randomPlanes(shape, 41, 5);
                writeBytes(folder / "a.dat", rawBytes(planes, flip, head));
                const auto store = makeRawPlanes(std::move(*FileHandle::open(folder / "a.dat")),
                                                 {shape, head, flip});
                for (std::uint32_t first = 0; first < 41; first += 4)
                    for (const std::uint32_t count : {1U, 2U, 41U - first}) {
                        SpikeBlock block(shape, 41);
                        block.begin(0, 1);
                        const std::uint32_t n = std::min(count, 41 - first);
                        REQUIRE(*store->read(first, n, block.plane(0), RowOrder::Display) == n);
                        for (std::uint32_t i = 0; i < n; ++i)
                            REQUIRE(samePlane(block, i, planes, first + i));
                    }
            }
}

TEST_CASE("rows come as they are stored when that is asked for") {
    TemporaryFolder folder;
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{3, 5}, PlaneShape{400, 250}})
        for (const std::uint32_t head : {0U, rowHeadBits}) {
            const SpikeBlock planes = randomPlanes(shape, 70, 5);
            writeBytes(folder / "a.dat", rawBytes(planes, true, head));
            const auto store =
                makeRawPlanes(std::move(*FileHandle::open(folder / "a.dat")), {shape, head, true});
            SpikeBlock block(shape, 70);
            block.begin(0, 1);
            REQUIRE(*store->read(0, 70, block.plane(0), RowOrder::Stored) == 70);
            std::size_t wrong = 0;
            for (std::uint32_t i = 0; i < 70; ++i)
                for (std::size_t row = 0; row < shape.height; ++row)
                    for (std::size_t x = 0; x < shape.width; ++x)
                        wrong +=
                            testBit(block.plane(i), row * shape.width + x) !=
                            testBit(planes.plane(i), (shape.height - 1 - row) * shape.width + x);
            CHECK(wrong == 0);
        }
}
