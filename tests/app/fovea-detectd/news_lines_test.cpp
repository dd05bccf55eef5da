// SPDX-License-Identifier: Apache-2.0
// Loss and return of a source as lines, also when nobody reads.
#include "app/fovea-detectd/news_lines.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<JsonLinesSink> sinkOf(std::unique_ptr<LineWriter> writer) {
    return std::make_shared<JsonLinesSink>(
        std::move(writer), JsonLinesSink::Texts{[] {
                                                    return Json{{"greeting", 1}};
                                                },
                                                [] { return std::optional(Json::object()); },
                                                [] { return std::uint64_t{0}; }});
}

SessionStatus streaming() {
    SessionStatus status;
    status.state = SourceState::Streaming;
    status.source = SourceInfo{};
    status.planes.received = 400;
    status.planes.delivered = 400;
    status.secondsSinceLastPlane = 0.5;
    return status;
}

}  // namespace

TEST_CASE("each loss and each return is one line, after the first one", "[detectd]") {
    const TemporaryFolder folder;
    const std::string path = folder / "lines";
    const auto sink = sinkOf(std::move(*LineWriter::open(path)));
    {
        NewsLines news(sink);
        SessionStatus status;
        news.look(status);  // nothing is open yet
        status = streaming();
        for (std::uint64_t round = 1; round <= 2; ++round) {
            news.look(status);
            status.losses = round;
            status.lossReason = "cable pulled";
            status.state = SourceState::Lost;
            news.look(status);
            news.look(status);
            status.state = SourceState::Opening;
            news.look(status);
            status.reconnects = round;
            status.state = SourceState::Streaming;
            news.look(status);
        }
        news.finish();
    }
    REQUIRE(sink->finish());
    CHECK_FALSE(sink->tell("lost", Json::object()));  // nothing follows the last line
    const auto bytes = readBytes(path);
    std::istringstream in(std::string(bytes.begin(), bytes.end()));
    std::vector<Json> lines;
    std::string types;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(Json::parse(line));
        types += lines.back()["type"].get<std::string>() + " ";
    }
    REQUIRE(types == "hello lost returned lost returned end ");
    CHECK(lines[0]["greeting"] == 1);
    CHECK(lines[1]["reason"] == "cable pulled");
    CHECK(lines[1]["losses"] == 1);
    CHECK(lines[1]["planes"]["received"] == 400);
    CHECK(lines[1]["unix_time"].get<double>() - lines[1]["last_plane_unix_time"].get<double>() >
          0.4);
    CHECK(lines[2]["reconnects"] == 1);
    CHECK(lines[2]["away_seconds"].get<double>() >= 0);
    CHECK(lines[3]["losses"] == 2);
}

TEST_CASE("a reader that never reads holds no news, and no end", "[detectd]") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    auto writer = std::make_unique<LineWriter>(ends[1], "pipe");
    LineWriter &line = *writer;
    NewsLines news(sinkOf(std::move(writer)));
    SessionStatus status = streaming();
    status.lossReason = std::string(200000, 'x');  // more than a pipe takes
    for (status.losses = 1; status.losses < 200; ++status.losses)
        news.look(status);
    line.giveUpAt(std::chrono::steady_clock::now());
    news.finish();
    CHECK(line.failed());
    ::close(ends[0]);
}
