// SPDX-License-Identifier: Apache-2.0
// Every call in every state of a source, and what errors do to the state.
#include "engine/core/spike_source.h"

#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>
#include <thread>

using namespace fovea;
using namespace std::chrono_literals;

namespace {

/// Does what the test tells it and remembers how often it was asked.
class ScriptedSource final : public SpikeSource {
public:
    void interrupt() override {}
    std::function<void()> whileOpening = [] {};
    ErrorCode openError = ErrorCode::NoDevice;
    bool openFails = false;
    Result<ReadOutcome> nextRead = ReadOutcome::Planes;
    int opens = 0;
    int reads = 0;
    int drains = 0;
    int closes = 0;

protected:
    Result<SourceInfo> doOpen() override {
        ++opens;
        whileOpening();
        if (openFails)
            return fail(openError, "no such camera");
        SourceInfo info;
        info.shape = {7, 3};
        return info;
    }
    Result<ReadOutcome> doRead(SpikeBlock &block, std::chrono::milliseconds) override {
        ++reads;
        if (nextRead)
            block.begin(0, 40000);
        return nextRead;
    }
    void doDrain() override { ++drains; }
    void doClose() override { ++closes; }
};

Result<ReadOutcome> readOnce(SpikeSource &source) {
    SpikeBlock block({7, 3}, 1);
    return source.read(block, 0ms);
}

/// Brings a fresh source into `state` (not Opening, which exists only inside open()).
void bring(ScriptedSource &source, SourceState state) {
    if (state == SourceState::Closed)
        return;
    REQUIRE(source.open());
    if (state == SourceState::Draining)
        REQUIRE(source.drain());
    if (state == SourceState::Lost) {
        source.nextRead = fail(ErrorCode::DeviceLost, "unplugged");
        REQUIRE_FALSE(readOnce(source));
        source.nextRead = ReadOutcome::Planes;
    }
    REQUIRE(source.state() == state);
}

struct Allowed {
    SourceState state;
    bool open;
    bool read;
    bool drain;
};

const std::vector<Allowed> &table() {
    static const std::vector<Allowed> all = {{SourceState::Closed, true, false, false},
                                             {SourceState::Streaming, false, true, true},
                                             {SourceState::Lost, true, false, false},
                                             {SourceState::Draining, false, true, false}};
    return all;
}

template <class T> void checkRefused(const Result<T> &result, SourceState state) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::WrongState);
    CHECK_THAT(result.error().message, Catch::Contains(std::string(toString(state))));
}

}  // namespace

TEST_CASE("every state has a name of its own", "[core]") {
    std::set<std::string_view> names;
    for (const auto state : {SourceState::Closed, SourceState::Opening, SourceState::Streaming,
                             SourceState::Lost, SourceState::Draining})
        names.insert(toString(state));
    CHECK(names.size() == 5);
    CHECK(toString(static_cast<SourceState>(99)) == "unknown");
}

TEST_CASE("B6: open is answered as the state table says", "[core]") {
    for (const Allowed &row : table()) {
        ScriptedSource source;
        bring(source, row.state);
        const int before = source.opens;
        const auto result = source.open();
        CAPTURE(toString(row.state));
        CHECK(source.opens == before + (row.open ? 1 : 0));
        if (row.open) {
            REQUIRE(result);
            CHECK(result->shape == PlaneShape{7, 3});
            CHECK(source.state() == SourceState::Streaming);
        } else {
            checkRefused(result, row.state);
            CHECK(source.state() == row.state);
        }
    }
}

TEST_CASE("B6: read is answered as the state table says", "[core]") {
    for (const Allowed &row : table()) {
        ScriptedSource source;
        bring(source, row.state);
        const int before = source.reads;
        const auto result = readOnce(source);
        CAPTURE(toString(row.state));
        CHECK(source.reads == before + (row.read ? 1 : 0));
        CHECK(source.state() == row.state);
        if (row.read)
            CHECK(result == ReadOutcome::Planes);
        else
            checkRefused(result, row.state);
    }
}

TEST_CASE("B6: drain is answered as the state table says", "[core]") {
    for (const Allowed &row : table()) {
        ScriptedSource source;
        bring(source, row.state);
        const int before = source.drains;
        const auto result = source.drain();
        CAPTURE(toString(row.state));
        CHECK(source.drains == before + (row.drain ? 1 : 0));
        if (row.drain) {
            CHECK(result);
            CHECK(source.state() == SourceState::Draining);
        } else {
            checkRefused(result, row.state);
            CHECK(source.state() == row.state);
        }
    }
}

TEST_CASE("B6: close is allowed in every state and happens once", "[core]") {
    for (const Allowed &row : table()) {
        ScriptedSource source;
        bring(source, row.state);
        source.close();
        source.close();
        CAPTURE(toString(row.state));
        CHECK(source.state() == SourceState::Closed);
        CHECK(source.closes == (row.state == SourceState::Closed ? 0 : 1));
        CHECK(source.open());
    }
}

TEST_CASE("B6: while a source opens nothing else may be asked of it", "[core]") {
    ScriptedSource source;
    bool looked = false;
    source.whileOpening = [&] {
        looked = true;
        CHECK(source.state() == SourceState::Opening);
        checkRefused(source.open(), SourceState::Opening);
        checkRefused(readOnce(source), SourceState::Opening);
        checkRefused(source.drain(), SourceState::Opening);
        CHECK(source.state() == SourceState::Opening);
    };
    CHECK(source.open());
    CHECK(looked);
    CHECK(source.opens == 1);
}

TEST_CASE("a failed open leaves the source as it was, with the reason", "[core]") {
    for (const auto before : {SourceState::Closed, SourceState::Lost}) {
        ScriptedSource source;
        bring(source, before);
        source.openFails = true;
        const auto result = source.open();
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::NoDevice);
        CHECK(result.error().message == "no such camera");
        CHECK(source.state() == before);
    }
}

TEST_CASE("idle and end are outcomes, not errors", "[core]") {
    ScriptedSource source;
    bring(source, SourceState::Draining);
    for (const auto outcome : {ReadOutcome::Idle, ReadOutcome::End}) {
        source.nextRead = outcome;
        CHECK(readOnce(source) == outcome);
        CHECK(source.state() == SourceState::Draining);
    }
}

TEST_CASE("a lost device is lost, any other read error drains", "[core]") {
    for (const auto code :
         {ErrorCode::DeviceLost, ErrorCode::Io, ErrorCode::BadFile, ErrorCode::Cancelled}) {
        ScriptedSource source;
        bring(source, SourceState::Streaming);
        source.nextRead = fail(code, "bad");
        const auto result = readOnce(source);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == code);
        CHECK(source.state() ==
              (code == ErrorCode::DeviceLost ? SourceState::Lost : SourceState::Draining));
    }
}

TEST_CASE("a source has neither playback nor truth unless it says so", "[core]") {
    ScriptedSource source;
    CHECK(source.playback() == nullptr);
    CHECK(source.truth() == nullptr);
}

TEST_CASE("the state may be watched from another thread", "[core]") {
    ScriptedSource source;
    std::atomic<bool> stop{false};
    std::thread watcher([&] {
        while (!stop)
            (void)toString(source.state());
    });
    for (int i = 0; i < 1000; ++i) {
        REQUIRE(source.open());
        REQUIRE(readOnce(source));
        REQUIRE(source.drain());
        source.close();
    }
    stop = true;
    watcher.join();
    CHECK(source.opens == 1000);
    CHECK(source.closes == 1000);
}
