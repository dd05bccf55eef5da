// SPDX-License-Identifier: Apache-2.0
// The layout of what crosses the border to the vendor's library, byte by byte.
#include "drivers/pcie/jr6101.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

using namespace fovea;

TEST_CASE("a block as the vendor's library writes it", "[pcie]") {
    std::array<unsigned char, 36> bytes{};
    bytes[1] = 0x10;   // 4096 bytes
    bytes[8] = 7;      // waiting
    bytes[16] = 1;     // flag
    bytes[24] = 0x40;  // pointer
    bytes[32] = 9;
    jr6101::MemoryBlock block{};
    std::memcpy(&block, bytes.data(), bytes.size());
    CHECK(block.bytes == 4096);
    CHECK(block.waiting == 7);
    CHECK(block.flag == 1);
    CHECK(reinterpret_cast<std::uintptr_t>(block.data) == 0x40);
    CHECK(block.reserved == 9);
}
