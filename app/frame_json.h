// SPDX-License-Identifier: Apache-2.0
// Results, errors and states as JSON: one form for command line, service and files.
#pragma once

#include "engine/core/frame_sink.h"
#include "engine/pipeline/session.h"

#include <nlohmann/json.hpp>

namespace fovea {

/// Grows when a key changes its meaning or goes away; new keys do not change it.
inline constexpr int jsonSchema = 1;

/// Keys keep the order in which they are written here.
using Json = nlohmann::ordered_json;

enum class FrameJson {
    Result,  ///< only what the spikes decide: the same for every run over the same recording
    Live,    ///< also latency and drop counters, which depend on the machine
};

/// {"schema":1,"sequence":0,"plane":399,"seconds":0.009975,"rate_hz":40000.0,"epoch":0,
///  "detected":true,"objects":[{"id":1,"x":..,"y":..,"w":..,"h":..,"score":..,"vx":..,"vy":..,
///  "first_plane":..,"coasting":false}],"noise":""}, and for Live "latency_seconds" and "planes" as
/// toJson(PlaneCounts). Boxes are display pixels, velocities pixels per plane, all rounded to
/// thousandths (velocities to millionths). Where a network runs, objects have "class" as far as it
/// is known, and there is "network": its newest decision with the planes that it took in and, where
/// the picture is classified as a whole, "class", "score" and "scores".
[[nodiscard]] Json toJson(const FrameResult &frame, FrameJson form);

/// {"received":..,"delivered":..,"dropped":{"link":..,"buffer":..,...},"dropped_total":..}
[[nodiscard]] Json toJson(const PlaneCounts &counts);

/// State, source, rates, latency, planes, in_flight, sinks, error: everything in the status.
[[nodiscard]] Json toJson(const SessionStatus &status);

/// JSON text on one line; bytes that are no UTF-8 are replaced, nothing throws.
[[nodiscard]] std::string toLine(const Json &json);

}  // namespace fovea
