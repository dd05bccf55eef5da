// SPDX-License-Identifier: Apache-2.0
// What the status page, the first and the last line hold.
#include "app/fovea-detectd/status_json.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {

ServiceState service() {
    ServiceState state;
    state.url = "http://127.0.0.1:8765";
    state.configFile = "x.yaml";
    state.uptimeSeconds = 12.5;
    state.reloads = 2;
    state.reloadError = "x.yaml:3:1: no";
    state.ready = {false, "the source is lost"};
    return state;
}

SessionStatus session() {
    SessionStatus status;
    status.state = SourceState::Lost;
    status.source = SourceInfo{};
    status.source->shape = {400, 250};
    status.source->planeRateHz = 40000;
    status.source->name = "synthetic";
    status.source->live = true;
    status.source->warnings = {"odd"};
    status.error = Error{ErrorCode::DeviceLost, "unplugged"};
    status.planes.received = 1000;
    status.planes.delivered = 900;
    status.planes.dropped[static_cast<std::size_t>(DropReason::Ring)] = 60;
    status.planesInFlight = 40;
    status.noise = "flip:0.01 seed 3";
    status.sinks.push_back({1, "json-lines", true, 10, 7, 2, 1, "", false});
    return status;
}

}  // namespace

TEST_CASE("the status page holds state, planes, outputs, configuration", "[detectd]") {
    const Json json = statusJson(service(), session(), Config{});
    CHECK(json["schema"] == jsonSchema);
    CHECK(json["state"] == toString(SourceState::Lost));
    CHECK(json["error"] == "unplugged");
    CHECK(json["ready"] == false);
    CHECK(json["not_ready_reason"] == "the source is lost");
    CHECK(json["uptime_seconds"] == 12.5);
    CHECK(json["http"] == "http://127.0.0.1:8765");
    CHECK(json["noise"] == "flip:0.01 seed 3");
    CHECK(json["source"]["width"] == 400);
    CHECK(json["source"]["warnings"].at(0) == "odd");
    CHECK(json["config"]["file"] == "x.yaml");
    CHECK(json["config"]["reloads"] == 2);
    CHECK(json["config"]["reload_error"] == "x.yaml:3:1: no");
    CHECK(json["config"]["source"]["kind"] == Config{}.source.kind);
    const Json sink = json["sinks"].at(0);
    CHECK(sink["offered"] ==
          sink["written"].get<int>() + sink["dropped"].get<int>() + sink["waiting"].get<int>());
    const Json planes = json["planes"];
    CHECK(planes["dropped"].size() == dropReasonCount);
    CHECK(planes["received"] == planes["delivered"].get<int>() +
                                    planes["dropped_total"].get<int>() +
                                    json["in_flight"].get<int>());
}

TEST_CASE("the first line holds the same under status", "[detectd]") {
    const Json hello = helloJson(service(), session(), Config{});
    CHECK(hello["program"] == "fovea-detectd");
    CHECK(hello["http"] == "http://127.0.0.1:8765");
    Json again = statusJson(service(), session(), Config{});
    for (const char *clock : {"unix_time", "last_plane_unix_time"})
        again[clock] = hello["status"][clock];
    CHECK(hello["status"] == again);
}

TEST_CASE("the last line accounts for every plane and says why it is the last", "[detectd]") {
    SessionStatus status = session();
    CHECK_FALSE(endJson(status));  // 40 planes are still on their way
    status.planes.dropped[static_cast<std::size_t>(DropReason::Stopped)] = 40;
    const Json end = endJson(status).value();
    CHECK(end["planes"]["received"] == 1000);
    CHECK(end["planes"]["dropped_total"] == 100);
    CHECK(end["error"] == "unplugged");
    CHECK(endJson(SessionStatus{}).value()["error"].is_null());
}

TEST_CASE("text that is no UTF-8 does not stop the page", "[detectd]") {
    Config config;
    config.source.kind = "file";
    config.source.path = "/data/\xff\xfe.dat";
    CHECK_NOTHROW(Json::parse(toLine(statusJson(service(), session(), config))));
}
