// SPDX-License-Identifier: Apache-2.0
// The lines: order, numbers without holes, gaps, the end.
#include "app/fovea-detectd/json_lines_sink.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <sstream>

using namespace fovea;
using namespace fovea::test;

namespace {

/// A sink that writes into a file, and what it wrote.
class Lines {
public:
    Lines() {
        auto writer = LineWriter::open(path());
        REQUIRE(writer);
        JsonLinesSink::Texts texts;
        texts.hello = [this] { return Json{{"greeting", ++greetings}}; };
        texts.end = [this] { return complete ? std::optional(Json{{"planes", 7}}) : std::nullopt; };
        texts.results = [this] { return results; };
        sink = std::make_unique<JsonLinesSink>(std::move(*writer), std::move(texts));
    }
    [[nodiscard]] std::string path() const { return folder_ / "lines"; }
    [[nodiscard]] std::vector<Json> read() const {
        const auto bytes = readBytes(path());
        std::istringstream in(std::string(bytes.begin(), bytes.end()));
        std::vector<Json> lines;
        for (std::string line; std::getline(in, line);)
            lines.push_back(Json::parse(line));
        return lines;
    }
    std::unique_ptr<JsonLinesSink> sink;
    int greetings = 0;
    std::uint64_t results = 0;
    bool complete = true;

private:
    TemporaryFolder folder_;
};

FrameResult frame(std::uint64_t sequence) {
    FrameResult frame;
    frame.sequence = sequence;
    frame.plane = 40 * sequence;
    frame.seconds = static_cast<double>(frame.plane) / 40000;
    frame.detected = true;
    frame.noise = "flip:0.01 seed 3";
    frame.counts.received = 400;
    frame.counts.dropped[static_cast<std::size_t>(DropReason::Ring)] = 5;
    frame.tracks.push_back({3, {1.5F, 2, 30, 40}, 0.75F, 0.01F, -0.02F, 12, true});
    return frame;
}

std::vector<std::string> types(const std::vector<Json> &lines) {
    std::vector<std::string> all;
    for (const Json &line : lines)
        all.push_back(line.at("type"));
    return all;
}

}  // namespace

TEST_CASE("the first line is the state, once", "[detectd]") {
    Lines lines;
    REQUIRE(lines.sink->greet());
    REQUIRE(lines.sink->greet());
    REQUIRE(lines.sink->consume(frame(0)));
    const auto all = lines.read();
    CHECK(types(all) == std::vector<std::string>{"hello", "detections"});
    CHECK(all[0]["greeting"] == 1);
    CHECK(all[0]["schema"] == jsonSchema);
}

TEST_CASE("a result that comes before the greeting is greeted for", "[detectd]") {
    Lines lines;
    REQUIRE(lines.sink->consume(frame(0)));
    REQUIRE(lines.sink->greet());
    CHECK(types(lines.read()) == std::vector<std::string>{"hello", "detections"});
}

TEST_CASE("a detections line holds everything of its result", "[detectd]") {
    Lines lines;
    REQUIRE(lines.sink->consume(frame(0)));
    const Json line = lines.read().at(1);
    CHECK(line["schema"] == jsonSchema);
    CHECK(line["sequence"] == 0);
    CHECK(line["plane"] == 0);
    CHECK(line["seconds"] == 0.0);
    CHECK(line["noise"] == "flip:0.01 seed 3");
    CHECK(line["unix_time"].get<double>() > 1.7e9);
    CHECK(line["planes"]["received"] == 400);
    CHECK(line["planes"]["dropped"]["ring"] == 5);
    CHECK(line["planes"]["dropped_total"] == 5);
    const Json object = line["objects"].at(0);
    CHECK(object["id"] == 3);
    CHECK(object["x"] == 1.5);
    CHECK(object["y"] == 2.0);
    CHECK(object["w"] == 30.0);
    CHECK(object["h"] == 40.0);
    CHECK(object["score"] == 0.75);
    CHECK(object["coasting"] == true);
}

TEST_CASE("J3: lost results are said, and then the numbers have no hole", "[detectd]") {
    Lines lines;
    for (const std::uint64_t sequence : {2U, 3U, 10U})
        REQUIRE(lines.sink->consume(frame(sequence)));
    lines.results = 15;
    REQUIRE(lines.sink->finish());
    const auto all = lines.read();
    CHECK(types(all) == std::vector<std::string>{"hello", "gap", "detections", "detections", "gap",
                                                 "detections", "gap", "end"});
    std::uint64_t next = 0;
    for (const Json &line : all) {
        if (line["type"] == "gap" || line["type"] == "detections") {
            CHECK(line["sequence"] == next);
            next += line["type"] == "gap" ? line["results"].get<std::uint64_t>() : 1;
        }
    }
    CHECK(next == 15);
    CHECK(all.back()["results"] == 15);
    CHECK(all.back()["results_lost"] == 2 + 6 + 4);
    CHECK(all.back()["planes"] == 7);
}

TEST_CASE("no result at all is still a hello and an end", "[detectd]") {
    Lines lines;
    REQUIRE(lines.sink->finish());
    CHECK(types(lines.read()) == std::vector<std::string>{"hello", "end"});
}

TEST_CASE("the last line waits until everything is counted, and comes once", "[detectd]") {
    Lines lines;
    REQUIRE(lines.sink->consume(frame(0)));
    lines.complete = false;
    REQUIRE(lines.sink->finish());
    CHECK(lines.read().size() == 2);
    lines.complete = true;
    lines.results = 4;
    REQUIRE(lines.sink->finish());
    REQUIRE(lines.sink->finish());
    CHECK_FALSE(lines.sink->consume(frame(4)));
    CHECK(types(lines.read()) == std::vector<std::string>{"hello", "detections", "gap", "end"});
}

TEST_CASE("an output that fails says so once and is left alone", "[detectd]") {
    auto writer = LineWriter::open("/dev/full");
    REQUIRE(writer);
    JsonLinesSink sink(std::move(*writer),
                       {[] { return Json::object(); }, [] { return std::optional<Json>(); },
                        [] { return std::uint64_t{1}; }});
    const auto consumed = sink.consume(frame(0));
    REQUIRE_FALSE(consumed);
    CHECK(consumed.error().code == ErrorCode::Io);
    CHECK(sink.finish());
}
