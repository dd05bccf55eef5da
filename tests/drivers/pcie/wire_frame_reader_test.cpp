// SPDX-License-Identifier: Apache-2.0
// Frames through pieces of any size, also when some were let go.
#include "drivers/pcie/pcie_source.h"

#include "tests/drivers/pcie/card_fixture.h"

#include <numeric>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

TEST_CASE("frames lie across pieces, the last one is given at the end", "[pcie]") {
    for (const std::size_t piece : {64U, 100U, 768U, 5000U}) {
        CAPTURE(piece);
        CardFixture fixture;
        fixture.card.blockBytes = piece;
        // The last piece ends with a frame.
        fixture.card.blocksLeft = 768 * 25 / std::gcd<std::uint64_t>(piece, 768 * 25);
        const std::uint64_t frames = fixture.card.blocksLeft * piece / 768;
        fixture.card.bytesPerSecond = 0;
        CardReader card(fixture.settings.card);
        REQUIRE(card.start());
        WireFrameReader reader(card, WireFrameParser(smallLayout, false), fixture.clock);
        std::uint64_t found = 0;
        while (!reader.ended()) {
            const auto frame = reader.next(20ms);
            if (!frame) {
                if (fixture.card.blocksLeft == 0)
                    (void)card.stop(5s);
                continue;
            }
            // Frame 0 has no start pair before it.
            const auto wanted = fixture.card.stream.frame(found + 1);
            REQUIRE(std::equal(wanted.begin(), wanted.end(), frame->bytes));
            REQUIRE(frame->number == found++);
        }
        CHECK(found == frames - 1);
        CHECK(reader.counts().frames == found);
        CHECK(reader.counts().lostOnLink == 0);
        CHECK(card.counts().bytes ==
              found * smallLayout.frameBytes() + reader.counts().skippedBytes);
        CHECK(reader.counts().skippedBytes == smallLayout.frameBytes());
    }
}
