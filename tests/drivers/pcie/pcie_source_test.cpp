// SPDX-License-Identifier: Apache-2.0
// The camera behind the fake card as a source: exact loss, loss of the card and return, every
// state.
#include "drivers/pcie/pcie_source.h"

#include "engine/pipeline/session.h"
#include "tests/drivers/pcie/card_fixture.h"

#include <iostream>
#include <thread>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

constexpr PlaneShape shape{1000, 6};
constexpr std::size_t frameBytes = 768;

struct Sum {
    std::vector<std::uint64_t> numbers;
    std::uint64_t link = 0, buffer = 0, end = 0;
    std::uint32_t epoch = 0;
};

/// Reads blocks that follow each other until `enough` says so, or something else than planes comes.
template <class Enough> Result<ReadOutcome> readUntil(PcieSource &source, Sum &sum, Enough enough) {
    SpikeBlock block(shape, 100);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!enough() && std::chrono::steady_clock::now() < deadline) {
        Result<ReadOutcome> outcome = source.read(block, 100ms);
        if (!outcome || *outcome == ReadOutcome::End)
            return outcome;
        if (*outcome == ReadOutcome::Idle)
            continue;
        REQUIRE(block.firstPlane() == sum.end);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i)
            sum.numbers.push_back(block.planeNumber(i));
        for (const Gap &gap : block.gaps())
            (gap.reason == DropReason::Link ? sum.link : sum.buffer) += gap.planes;
        sum.end = block.endPlane();
        sum.epoch = block.epoch();
    }
    return ReadOutcome::Planes;
}

double seconds(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

}  // namespace

TEST_CASE("planes are the camera's, numbered from 0", "[pcie]") {
    CardFixture fixture;
    fixture.settings.flip = GENERATE(false, true);
    const auto source = fixture.make();
    const Result<SourceInfo> info = source->open();
    REQUIRE(info);
    CHECK(info->shape == shape);
    CHECK(info->planeRateHz == 20000);
    CHECK(info->live);
    CHECK(info->name == "PCIe camera");
    SpikeBlock block(shape, 50);
    std::vector<std::uint64_t> wanted(shape.wordStride());
    for (std::uint64_t plane = 0; plane < 500;) {
        const auto outcome = source->read(block, 5s);
        REQUIRE(outcome.value() == ReadOutcome::Planes);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i, ++plane) {
            REQUIRE(block.planeNumber(i) == plane);
            // The stream is entered before frame 0, which no pair precedes.
            smallLayout.unpack(WireStream(smallLayout).frame(plane + 1).data(),
                               fixture.settings.flip, wanted.data());
            REQUIRE(std::equal(wanted.begin(), wanted.end(), block.plane(i)));
        }
    }
}

TEST_CASE("A2: misaligned, lost blocks and decoys are counted exactly", "[pcie]") {
    CardFixture fixture;
    fixture.card.stream.setLead(32);
    fixture.setFault(100, {.loseAt = 128, .loseBytes = 64});
    fixture.setFault(200, {.loseAt = frameBytes - 64, .loseBytes = 64});
    fixture.setFault(300, {.decoy = true});
    fixture.setFault(400, {.loseAt = 300, .loseBytes = 700});
    fixture.setFault(500, {.loseAt = 33, .loseBytes = 1});
    const auto source = fixture.make();
    REQUIRE(source->open());
    Sum sum;
    REQUIRE(readUntil(*source, sum, [&] { return sum.end > 1000; }));
    // Frame 0 has no start pair before it: the numbers begin with frame 1.
    std::vector<std::uint64_t> wanted;
    {
        const std::lock_guard lock(fixture.card.mutex);
        wanted = fixture.card.stream.whole(1, sum.end + 2);
    }
    for (std::uint64_t &frame : wanted)
        --frame;
    wanted.resize(std::min(wanted.size(), sum.numbers.size()));
    const bool same = sum.numbers == wanted;
    CHECK(same);
    CHECK(sum.link == 1 + 2 + 2 + 2);
    CHECK(source->counts().frames.lostSyncs == 4);
    std::cout << "A2: " << sum.end << " planes: " << sum.numbers.size() << " given, " << sum.link
              << " lost on the link (script 7), sync lost " << source->counts().frames.lostSyncs
              << " times (script 4)\n";
}

TEST_CASE("A1: what a late reader leaves is the host's loss, every byte of it", "[pcie]") {
    CardFixture fixture;
    fixture.settings.card.bufferBytes = 40 * 4096;
    const auto source = fixture.make();
    REQUIRE(source->open());
    Sum sum;
    while (sum.buffer == 0) {
        std::this_thread::sleep_for(CardFixture::patience(30));
        REQUIRE(readUntil(*source, sum, [&, until = sum.end + 200] { return sum.end > until; }));
    }
    REQUIRE(readUntil(*source, sum, [&, until = sum.end + 500] { return sum.end > until; }));
    const PcieCounts counts = source->counts();
    std::cout << "A1: " << sum.end << " planes: " << sum.numbers.size() << " given, " << sum.buffer
              << " lost on the host in " << counts.card.droppedBlocks << " blocks of "
              << counts.card.droppedBytes << " bytes, " << sum.link << " on the link\n";
    CHECK(sum.end == sum.numbers.size() + sum.buffer);
    CHECK(sum.link == 0);
    // A hole of n bytes costs at most the frames it touches and the one whose start pair it hit.
    CHECK(sum.buffer <= counts.card.droppedBytes / frameBytes + 3 * counts.card.droppedBlocks);
    CHECK_FALSE(fixture.card.twoInside);
}

TEST_CASE("B1, B3: a card that falls silent, hangs or talks nonsense is lost and comes back",
          "[pcie]") {
    CardFixture fixture;
    const auto source = fixture.make();
    REQUIRE(source->open());
    Sum sum;
    for (const std::string what : {"gone", "silent", "hang"}) {
        CAPTURE(what);
        const std::uint64_t before = sum.end;
        REQUIRE(readUntil(*source, sum, [&] { return sum.end > before + 200; }));
        const auto pulled = std::chrono::steady_clock::now();
        fixture.card.gone = what == "gone";
        fixture.card.silent = what == "silent";
        fixture.card.hangIn(what == "hang" ? "DevMBRead" : "");
        const auto outcome = readUntil(*source, sum, [] { return false; });
        const double noticed = seconds(pulled);
        REQUIRE_FALSE(outcome);
        REQUIRE(outcome.error().code == ErrorCode::DeviceLost);
        REQUIRE(source->state() == SourceState::Lost);
        std::cout << "B1: " << what << ": lost after " << noticed * 1000
                  << " ms: " << outcome.error().message << "\n";
        CHECK(noticed < 10 * slowness());
        if (what == "gone") {
            CHECK_THAT(outcome.error().message, Contains("DevMBRead answers -19"));
            CHECK_THAT(source->open().error().message, Contains("DevOpen answers -19"));
            CHECK(source->state() == SourceState::Lost);
        }
        if (what == "hang") {
            CHECK_THAT(outcome.error().message, Contains("hangs in DevMBRead"));
            CHECK_THAT(source->open().error().message, Contains("still hangs"));
        }
        fixture.card.gone = fixture.card.silent = false;
        fixture.card.letGo();
        Result<SourceInfo> back = source->open();
        for (int i = 0; i < 1000 && !back; ++i, std::this_thread::sleep_for(5ms))
            back = source->open();
        REQUIRE(back);
    }
    REQUIRE(readUntil(*source, sum, [&, until = sum.end + 200] { return sum.end > until; }));
    CHECK(sum.epoch == 3);
    CHECK(source->counts().opens == 4);
    CHECK_FALSE(fixture.card.twoInside);
}

TEST_CASE("B6: every call in every state", "[pcie]") {
    CardFixture fixture;
    const auto source = fixture.make();
    SpikeBlock block(shape, 10);
    const auto refused = [](const auto &result) {
        return !result && result.error().code == ErrorCode::WrongState;
    };
    for (int round = 0; round < 3; ++round) {
        CHECK(refused(source->read(block, 1ms)));
        CHECK(refused(source->drain()));
        source->close();
        REQUIRE(source->open());
        CHECK(source->state() == SourceState::Streaming);
        CHECK(refused(source->open()));
        REQUIRE(source->drain());
        CHECK(source->state() == SourceState::Draining);
        CHECK(refused(source->open()));
        CHECK(refused(source->drain()));
        Sum sum;
        CHECK(readUntil(*source, sum, [] { return false; }).value() == ReadOutcome::End);
        CHECK(source->read(block, 1ms).value() == ReadOutcome::End);
        source->close();
        source->close();
        CHECK(source->state() == SourceState::Closed);
        CHECK(fixture.card.closes == round + 1);
    }
    REQUIRE(source->open());
    SpikeBlock wrong({41, 10}, 10);
    CHECK(source->read(wrong, 1ms).error().code == ErrorCode::InvalidArgument);
    source->close();
    REQUIRE(source->open());
    fixture.card.gone = true;
    Sum sum;
    REQUIRE_FALSE(readUntil(*source, sum, [] { return false; }));
    CHECK(source->state() == SourceState::Lost);
    CHECK(refused(source->read(block, 1ms)));
    CHECK(refused(source->drain()));
    CHECK(source->open().error().code == ErrorCode::NoDevice);
    CHECK(source->state() == SourceState::Lost);
    source->close();
    CHECK(source->state() == SourceState::Closed);
    std::cout << "B6: closed, streaming, draining, lost: every call gives a result or a reason\n";
}

TEST_CASE("B2: closing ends within a second, wherever the vendor's library hangs", "[pcie]") {
    double slowest = 0;
    for (const char *const call : {"DevMBRead", "DevReadMBFree", "DevCloseCh", "DevClose"}) {
        for (const bool lost : {false, true}) {
            CAPTURE(call, lost);
            CardFixture fixture;
            const auto source = fixture.make();
            Result<SourceInfo> opened = source->open();
            // The last round's thread may still be on its way out.
            for (int i = 0; i < 1000 && !opened; ++i, std::this_thread::sleep_for(5ms))
                opened = source->open();
            REQUIRE(opened);
            fixture.card.hangIn(call);
            fixture.card.gone = lost;
            Sum sum;
            SpikeBlock block(shape, 10);
            if (lost)
                CHECK_FALSE(readUntil(*source, sum, [] { return false; }));
            else
                (void)source->read(block, 10ms);
            const auto before = std::chrono::steady_clock::now();
            source->close();
            slowest = std::max(slowest, seconds(before));
            CHECK(source->state() == SourceState::Closed);
        }
    }
    std::cout << "B2: slowest close with a hanging library: " << slowest * 1000 << " ms\n";
    CHECK(slowest < 10 * slowness());
}

TEST_CASE("what comes but is no frame of the size is said", "[pcie]") {
    CardFixture fixture;
    fixture.settings.framePatience = CardFixture::patience(100);
    SECTION("when opening") {
        fixture.settings.layout.height = 8;
        const auto opened = fixture.make()->open();
        REQUIRE_FALSE(opened);
        CHECK_THAT(opened.error().message, Contains("no frames of 1000x8 (1024 bytes each)"));
    }
    SECTION("later") {
        const auto source = fixture.make();
        REQUIRE(source->open());
        {
            const std::lock_guard lock(fixture.card.mutex);
            fixture.card.stream.setFaultEvery(1, {.loseAt = 128, .loseBytes = 64});
        }
        Sum sum;
        const auto outcome = readUntil(*source, sum, [] { return false; });
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == ErrorCode::DeviceLost);
        CHECK_THAT(outcome.error().message, Contains("no frames of 1000x6"));
    }
}

TEST_CASE("the rate is measured by arrival, waiting ends when interrupted", "[pcie]") {
    CardFixture fixture;
    fixture.settings.planeRateHz.reset();
    fixture.settings.rateWindow = 500ms;
    fixture.card.bytesPerSecond = 2857.0 * frameBytes;
    const auto source = fixture.make();
    const auto info = source->open();
    REQUIRE(info);
    std::cout << "measured " << info->planeRateHz << " planes/s of a camera that makes 2857\n";
    CHECK(info->planeRateHz > 2000);
    CHECK(info->planeRateHz < 4000);
    source->close();

    fixture.card.silent = true;
    fixture.settings.card.watchdog = 1h;
    fixture.settings.framePatience = 1h;
    const auto waiting = fixture.make();
    std::thread other([&] {
        while (waiting->state() != SourceState::Opening)
            std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(30ms);
        waiting->interrupt();
    });
    CHECK(waiting->open().error().code == ErrorCode::Cancelled);
    other.join();
}

TEST_CASE("a card shows in the list when its node is there", "[pcie]") {
    CHECK_FALSE(describePcieCard("/dev/no-such-card"));
    CHECK(describePcieCard("/dev/null").value() == "1000x1000, /dev/null, ready");
}

namespace {

class CardCatalog final : public SourceCatalog {
public:
    explicit CardCatalog(CardFixture &fixture) : fixture_(fixture) {}
    std::vector<SourceDescription> list() override { return {}; }
    Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &) override {
        return fixture_.make();
    }

private:
    CardFixture &fixture_;
};

}  // namespace

TEST_CASE("A1, B3: a session keeps its books and its settings over five losses", "[pcie]") {
    CardFixture fixture;
    fixture.card.stream.setFaultEvery(977, {.loseAt = 128, .loseBytes = 64});
    CardCatalog catalog(fixture);
    Session session(catalog, fixture.clock);
    Config config;
    config.detect.enabled = false;
    config.display.views.clear();
    REQUIRE(session.start(config));
    REQUIRE(session.waitOpened());
    const auto waitFor = [&](auto &&ready) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!ready(session.status()) && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(2ms);
        REQUIRE(ready(session.status()));
    };
    double slowest = 0;
    for (std::uint64_t round = 1; round <= 5; ++round) {
        const std::uint64_t before = session.status().planes.received;
        waitFor([&](const SessionStatus &s) { return s.planes.received > before + 50; });
        fixture.card.gone = true;
        waitFor([](const SessionStatus &s) { return s.state == SourceState::Lost && s.error; });
        REQUIRE_THAT(session.status().error->message, Contains("pcie"));
        fixture.card.gone = false;
        const auto back = std::chrono::steady_clock::now();
        waitFor([&](const SessionStatus &s) {
            return s.reconnects == round && s.state == SourceState::Streaming && !s.error;
        });
        slowest = std::max(slowest, seconds(back));
    }
    REQUIRE(session.stop());
    const SessionStatus status = session.status();
    CHECK(status.planes.balanced(status.planesInFlight));
    std::cout << "B3: 5 losses, each back within " << slowest * 1000 << " ms; A1: received "
              << status.planes.received << " = delivered " << status.planes.delivered
              << " + dropped " << status.planes.droppedTotal() << " (link "
              << status.planes.of(DropReason::Link) << ")\n";
}
