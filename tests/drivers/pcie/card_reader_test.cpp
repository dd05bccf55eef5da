// SPDX-License-Identifier: Apache-2.0
// Bytes from the vendor's library: exact books, late readers, calls that do not come back.
#include "drivers/pcie/card_reader.h"

#include "tests/drivers/pcie/card_fixture.h"

#include <iostream>
#include <thread>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("pieces are what the card gave, and all that was let go is said", "[pcie]") {
    CardFixture fixture;
    const auto &card = fixture.card;
    fixture.settings.card.bufferBytes = 10 * 4096;
    fixture.card.blocksLeft = 100;
    CardReader reader(fixture.settings.card);
    const auto opened = reader.start();
    REQUIRE(opened);
    CHECK(opened->info.driverRevision == 1020);
    CHECK(opened->warnings.empty());
    while (card.blocks < 100)
        std::this_thread::sleep_for(1ms);
    std::vector<std::uint8_t> wanted(4096);
    WireStream same(smallLayout);
    std::uint64_t taken = 0;
    std::uint64_t cut = 0;
    const auto take = [&] {
        auto piece = reader.take(1ms);
        if (!piece)
            return false;
        for (std::uint64_t skipped = 0; skipped < piece->cutBefore.value_or(0); skipped += 4096)
            same.read(wanted);
        same.read(wanted);
        REQUIRE(piece->bytes == wanted);
        cut += piece->cutBefore.value_or(0);
        taken += piece->bytes.size();
        reader.giveBack(std::move(*piece));
        return true;
    };
    for (int i = 0; i < 10; ++i)
        REQUIRE(take());
    fixture.card.blocksLeft = 5;
    for (int i = 0; i < 5;)
        i += take() ? 1 : 0;
    REQUIRE(reader.stop(5s));
    const CardCounts counts = reader.counts();
    std::cout << "card: " << counts.blocks << " blocks, " << counts.droppedBlocks << " let go\n";
    CHECK(counts.blocks == 105);
    CHECK(counts.bytes == taken + counts.droppedBytes);
    CHECK(counts.droppedBytes == cut);
    CHECK(counts.droppedBlocks == 90);
    CHECK(counts.mostWaiting == 3);
    CHECK(counts.oddBlocks == 0);
    CHECK(reader.ended());
    CHECK_FALSE(card.twoInside);
    CHECK(card.lent == 0);
    CHECK(card.closes == 1);
}

TEST_CASE("a card that cannot be opened says why", "[pcie]") {
    CardFixture fixture;
    const auto message = [&] {
        CardReader reader(fixture.settings.card);
        const auto opened = reader.start();
        REQUIRE_FALSE(opened);
        REQUIRE(opened.error().code == ErrorCode::NoDevice);
        REQUIRE(reader.stop(5s));
        return opened.error().message;
    };
    SECTION("no device node") {
        fixture.card.openAnswer = -2;
        fixture.settings.card.node = "/dev/no-such-card";
        CHECK_THAT(message(),
                   Contains("DevOpen answers -2") && Contains("/dev/no-such-card is not there"));
    }
    SECTION("in use elsewhere") {
        fixture.card.openAnswer = -16;
        fixture.settings.card.node = "/dev/null";
        CHECK_THAT(message(), Contains("DevOpen answers -16") && Contains("another program"));
    }
    SECTION("wrong version") {
        fixture.card.revision = 2001;
        CHECK_THAT(message(),
                   Contains("version 2.001, allowed 1.x") && Contains("source.pcie_version"));
        CHECK(fixture.card.closes == 1);
        fixture.settings.card.version = 2;
        CHECK(CardReader(fixture.settings.card).start());
    }
    SECTION("used by this program") {
        CardReader other(fixture.settings.card);
        REQUIRE(other.start());
        CHECK_THAT(message(), Contains("this program already reads it"));
        REQUIRE(other.stop(5s));
    }
}

TEST_CASE("a channel that does not open is a warning", "[pcie]") {
    CardFixture fixture;
    fixture.card.channelAnswer = -5;
    CardReader reader(fixture.settings.card);
    const auto opened = reader.start();
    REQUIRE(opened);
    REQUIRE(opened->warnings.size() == 1);
    CHECK_THAT(opened->warnings[0], Contains("DevOpenCh answers -5"));
    CHECK(reader.stop(5s));
}

TEST_CASE("why no bytes come", "[pcie]") {
    CardFixture fixture;
    CardReader reader(fixture.settings.card);
    const auto failureOf = [&] {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (std::chrono::steady_clock::now() < deadline) {
            if (auto piece = reader.take(10ms))
                reader.giveBack(std::move(*piece));
            else if (reader.ended())
                break;
        }
        return reader.lossReason().value_or("none");
    };
    REQUIRE(reader.start());
    CHECK_FALSE(reader.lossReason());
    SECTION("silence") {
        fixture.card.silent = true;
        CHECK_THAT(failureOf(), Contains("no data for") && Contains("DevMBRead answers -11"));
    }
    SECTION("a hanging call") {
        fixture.card.hangIn("DevMBRead");
        CHECK_THAT(failureOf(), Contains("hangs in DevMBRead"));
        fixture.card.letGo();
    }
    SECTION("nonsense") {
        const std::int64_t said = GENERATE(std::int64_t{-1}, std::int64_t{1} << 60);
        {
            const std::lock_guard lock(fixture.card.mutex);
            fixture.card.sizeSaid = said;
        }
        CHECK_THAT(failureOf(), Contains(fmt::format("a block of {} bytes", said)));
    }
    CHECK(reader.stop(5s));
}

TEST_CASE("a library that does not come back is left, and said, until it does", "[pcie]") {
    for (const char *const call :
         {"DevOpen", "DevOpenCh", "DevMBRead", "DevReadMBFree", "DevClose"}) {
        CAPTURE(call);
        CardFixture fixture;
        fixture.settings.card.openPatience = 50ms;
        auto reader = std::make_unique<CardReader>(fixture.settings.card);
        const bool early = std::string_view(call).substr(0, 7) == "DevOpen";
        if (early) {
            fixture.card.hangIn(call);
            CHECK_THAT(reader->start().error().message, Contains(fmt::format("hangs in {}", call)));
        } else {
            REQUIRE(reader->start());
            fixture.card.hangIn(call);
            if (std::string_view(call) != "DevClose")
                fixture.card.waitUntilHanging();
        }
        CHECK_FALSE(reader->stop(50ms));
        reader.reset();
        CardReader next(fixture.settings.card);
        const auto refused = next.start();
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().message, Contains(fmt::format("still hangs in {}", call)));
        fixture.card.letGo();
        bool back = false;
        for (int i = 0; i < 5000 && !back; ++i, std::this_thread::sleep_for(1ms)) {
            CardReader again(fixture.settings.card);
            back = again.start().has_value();
            (void)again.stop(5s);
        }
        CHECK(back);
        CHECK_FALSE(fixture.card.twoInside);
    }
}
