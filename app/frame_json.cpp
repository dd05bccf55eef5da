// SPDX-License-Identifier: Apache-2.0
// JSON of results, counters and session status.
#include "app/frame_json.h"

#include <cmath>

namespace fovea {

namespace {

double rounded(double value, double scale) {
    return std::round(value * scale) / scale;
}

/// Name of class `label`, empty when there is none.
std::string className(const NetworkReportPtr &network, int label) {
    const auto index = static_cast<std::size_t>(label);
    if (label < 0 || !network || !network->classes || index >= network->classes->size())
        return {};
    return (*network->classes)[index];
}

Json objectJson(const Track &track, const NetworkReportPtr &network) {
    constexpr double thousandths = 1e3;
    constexpr double millionths = 1e6;
    Json json{{"id", track.id},
              {"x", rounded(track.box.x, thousandths)},
              {"y", rounded(track.box.y, thousandths)},
              {"w", rounded(track.box.w, thousandths)},
              {"h", rounded(track.box.h, thousandths)},
              {"score", rounded(track.score, thousandths)},
              {"vx", rounded(track.vx, millionths)},
              {"vy", rounded(track.vy, millionths)},
              {"first_plane", track.firstPlane},
              {"coasting", track.coasting}};
    if (std::string name = className(network, track.label); !name.empty())
        json["class"] = std::move(name);
    return json;
}

/// What the spikes decide, and with Live what it took.
Json networkJson(const NetworkReportPtr &network, FrameJson form) {
    constexpr double millionths = 1e6;
    Json json{{"model", network->model},
              {"planes", {network->begin, network->end}},
              {"decisions", network->decisions},
              {"skipped", network->skipped},
              {"restarts", network->restarts}};
    if (network->best >= 0) {
        const auto best = static_cast<std::size_t>(network->best);
        Json scores = Json::array();
        for (const float score : network->scores)
            scores.push_back(rounded(static_cast<double>(score), millionths));
        json["class"] = className(network, network->best);
        json["score"] = scores[best];
        json["scores"] = std::move(scores);
    }
    json["synops"] = network->synops;
    json["energy_uj"] = rounded(network->energyMicrojoules, millionths);
    if (form == FrameJson::Live)
        json["network_seconds"] = rounded(network->seconds, millionths);
    return json;
}

Json sourceJson(const SourceInfo &info) {
    Json json{{"name", info.name},           {"serial", info.serial},
              {"width", info.shape.width},   {"height", info.shape.height},
              {"rate_hz", info.planeRateHz}, {"live", info.live},
              {"warnings", info.warnings}};
    json["planes"] = info.planes ? Json(*info.planes) : Json();
    return json;
}

Json sinkJson(const SinkStatus &sink) {
    return Json{{"name", sink.name},       {"unit", sink.frames ? "results" : "planes"},
                {"offered", sink.offered}, {"written", sink.written},
                {"dropped", sink.dropped}, {"waiting", sink.waiting},
                {"error", sink.error},     {"finished", sink.finished}};
}

}  // namespace

Json toJson(const FrameResult &frame, FrameJson form) {
    Json objects = Json::array();
    for (const Track &track : frame.tracks)
        objects.push_back(objectJson(track, frame.network));
    Json json{
        {"schema", jsonSchema},       {"sequence", frame.sequence},    {"plane", frame.plane},
        {"seconds", frame.seconds},   {"rate_hz", frame.planeRateHz},  {"epoch", frame.epoch},
        {"detected", frame.detected}, {"objects", std::move(objects)}, {"noise", frame.noise}};
    if (frame.network)
        json["network"] = networkJson(frame.network, form);
    if (form == FrameJson::Live) {
        json["latency_seconds"] = rounded(frame.latencySeconds, 1e6);
        json["planes"] = toJson(frame.counts);
    }
    return json;
}

Json toJson(const PlaneCounts &counts) {
    Json dropped = Json::object();
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        dropped[std::string(toString(static_cast<DropReason>(i)))] = counts.dropped[i];
    return Json{{"received", counts.received},
                {"delivered", counts.delivered},
                {"dropped", std::move(dropped)},
                {"dropped_total", counts.droppedTotal()}};
}

Json toJson(const SessionStatus &status) {
    Json sinks = Json::array();
    for (const SinkStatus &sink : status.sinks)
        sinks.push_back(sinkJson(sink));
    return Json{{"schema", jsonSchema},
                {"state", toString(status.state)},
                {"finished", status.finished},
                {"error", status.error ? Json(status.error->message) : Json()},
                {"source", status.source ? sourceJson(*status.source) : Json()},
                {"planes", toJson(status.planes)},
                {"in_flight", status.planesInFlight},
                {"source_rate_hz", status.sourceRateHz},
                {"engine_rate_hz", status.engineRateHz},
                {"engine_load", status.engineLoad},
                {"display_rate_hz", status.displayRateHz},
                {"latency_p50_seconds", status.latencyP50},
                {"latency_p99_seconds", status.latencyP99},
                {"ring_blocks", status.ringBlocks},
                {"ring_capacity", status.ringCapacity},
                {"losses", status.losses},
                {"reconnects", status.reconnects},
                {"loss_reason", status.lossReason},
                {"results", status.results},
                {"seconds_since_last_plane", status.secondsSinceLastPlane},
                {"noise", status.noise},
                {"backend", status.backend.name},
                {"backend_device", status.backend.device},
                {"backend_reason", status.backend.reason},
                {"sinks", std::move(sinks)}};
}

std::string toLine(const Json &json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fovea
