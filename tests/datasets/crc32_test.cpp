// SPDX-License-Identifier: Apache-2.0
// The checksum is zlib's, whatever the length and the pieces.
#include "datasets/crc32.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

TEST_CASE("the checksum of any bytes is that of zlib") {
    Bytes bytes(5000);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<unsigned char>(randomAt(1, 2, i));
    const auto zlib = [&](std::size_t at, std::size_t count) {
        return static_cast<std::uint32_t>(::crc32(0, bytes.data() + at, static_cast<uInt>(count)));
    };
    for (std::size_t count = 0; count < 700; ++count)
        for (const std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{4096}})
            REQUIRE(crc32Of(std::span(bytes).subspan(at, count)) == zlib(at, count));
    const auto all = std::span(bytes);
    for (const std::size_t cut : {1U, 63U, 64U, 1000U, 4990U})
        CHECK(crc32Of(all.subspan(cut), crc32Of(all.first(cut))) == zlib(0, bytes.size()));
    CHECK(crc32Of({}) == 0);
    CHECK(crc32Of({}, 7) == 7);
}
