// SPDX-License-Identifier: Apache-2.0
// JSON of the service's state.
#include "app/fovea-detectd/status_json.h"

#include "app/fovea-detectd/wall_clock.h"
#include "app/options.h"

namespace fovea {

namespace {

Json sourceJson(const SourceConfig &source) {
    Json json{{"kind", source.kind}, {"speed", source.speed}, {"every_plane", source.everyPlane}};
    if (!source.path.empty())
        json["path"] = source.path;
    if (!source.serial.empty())
        json["serial"] = source.serial;
    if (source.kind == "synthetic")
        json["seed"] = source.seed;
    if (source.loop)
        json["loop"] = true;
    return json;
}

}  // namespace

Json lastPlaneTime(const SessionStatus &session) {
    return session.planes.received > 0 ? Json(unixTime() - session.secondsSinceLastPlane) : Json();
}

Json configJson(const Config &config) {
    Json views = Json::array();
    for (const ViewConfig &view : config.display.views)
        views.push_back(view.method);
    return Json{{"source", sourceJson(config.source)},
                {"detect",
                 {{"enabled", config.detect.enabled},
                  {"method", toString(config.detect.detector.method)},
                  {"every", config.detect.every}}},
                {"views", std::move(views)},
                {"output", config.service.output},
                {"queue_results", config.service.queueResults}};
}

Json statusJson(const ServiceState &service, const SessionStatus &session, const Config &config) {
    Json json = toJson(session);
    json["program"] = "fovea-detectd";
    json["version"] = version();
    json["http"] = service.url;
    json["unix_time"] = unixTime();
    json["uptime_seconds"] = service.uptimeSeconds;
    json["last_plane_unix_time"] = lastPlaneTime(session);
    json["ready"] = service.ready.ready;
    json["not_ready_reason"] = service.ready.reason;
    json["recording"] = service.recording;
    json["config"] = configJson(config);
    json["config"]["file"] = service.configFile;
    json["config"]["reloads"] = service.reloads;
    json["config"]["reload_error"] = service.reloadError;
    return json;
}

Json helloJson(const ServiceState &service, const SessionStatus &session, const Config &config) {
    return Json{{"program", "fovea-detectd"},
                {"version", version()},
                {"http", service.url},
                {"status", statusJson(service, session, config)}};
}

std::optional<Json> endJson(const SessionStatus &session) {
    if (!session.planes.balanced())
        return std::nullopt;
    return Json{{"planes", toJson(session.planes)},
                {"error", session.error ? Json(session.error->message) : Json()}};
}

}  // namespace fovea
