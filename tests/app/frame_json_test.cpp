// SPDX-License-Identifier: Apache-2.0
// JSON of results has the promised keys and values.
#include "app/frame_json.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

FrameResult sample() {
    FrameResult frame;
    frame.sequence = 3;
    frame.plane = 399;
    frame.seconds = 399 / 40000.0;
    frame.planeRateHz = 40000;
    frame.detected = true;
    frame.noise = "flip:0.01 seed 3";
    frame.latencySeconds = 0.0123456789;
    frame.counts.received = 400;
    frame.counts.delivered = 393;
    frame.counts.dropped[static_cast<std::size_t>(DropReason::Link)] = 7;
    frame.tracks.push_back({5, {1.25F, 2.5F, 30.1F, 40}, 0.9F, 0.125F, -0.25F, 17, true});
    return frame;
}

}  // namespace

TEST_CASE("a result is complete and rounded", "[app]") {
    const Json json = Json::parse(toLine(toJson(sample(), FrameJson::Result)));
    CHECK(json["schema"] == jsonSchema);
    CHECK(json["sequence"] == 3);
    CHECK(json["plane"] == 399);
    CHECK(json["seconds"] == 399 / 40000.0);
    CHECK(json["noise"] == "flip:0.01 seed 3");
    REQUIRE(json["objects"].size() == 1);
    const Json &object = json["objects"][0];
    CHECK(object["id"] == 5);
    CHECK(object["w"] == 30.1);
    CHECK(object["vy"] == -0.25);
    CHECK(object["first_plane"] == 17);
    CHECK(object["coasting"] == true);
    CHECK_FALSE(json.contains("latency_seconds"));
    CHECK_FALSE(json.contains("planes"));
}

TEST_CASE("a live result has latency and every drop counter", "[app]") {
    const Json json = toJson(sample(), FrameJson::Live);
    CHECK(json["latency_seconds"] == 0.012346);
    CHECK(json["planes"]["received"] == 400);
    CHECK(json["planes"]["dropped"].size() == dropReasonCount);
    CHECK(json["planes"]["dropped"]["link"] == 7);
    CHECK(json["planes"]["dropped_total"] == 7);
}

TEST_CASE("a status without a source is still complete", "[app]") {
    SessionStatus status;
    status.error = Error{ErrorCode::NoDevice, "no \xff camera"};
    status.sinks.push_back({1, "json", true, 5, 3, 1, 1, "disk full", false});
    const Json json = Json::parse(toLine(toJson(status)));
    CHECK(json["state"] == "closed");
    CHECK(json["source"].is_null());
    CHECK(json["error"].get<std::string>().find("camera") != std::string::npos);
    CHECK(json["sinks"][0]["unit"] == "results");
    CHECK(json["sinks"][0]["error"] == "disk full");
}
