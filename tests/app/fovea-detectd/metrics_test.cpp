// SPDX-License-Identifier: Apache-2.0
// The metrics text: format, names, values.
#include "app/fovea-detectd/metrics.h"

#include "app/fovea-detectd/wall_clock.h"
#include "tests/app/fovea-detectd/metrics_text.h"

using namespace fovea;
using namespace fovea::test;

namespace {

SessionStatus status() {
    SessionStatus status;
    status.state = SourceState::Streaming;
    status.planes.received = 9007199254740991;  // the largest that text keeps exactly
    status.planes.delivered = 900;
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        status.planes.dropped[i] = 10 + i;
    status.planesInFlight = 40;
    status.losses = 4;
    status.reconnects = 3;
    status.results = 77;
    status.ringBlocks = 4;
    status.ringCapacity = 30;
    status.secondsSinceLastPlane = 100;
    status.sinks.push_back({1, "json-lines", true, 10, 7, 2, 1, "", false});
    status.sinks.push_back({1, "recorder", false, 1000, 1000, 0, 0, "", false});
    return status;
}

}  // namespace

TEST_CASE("every counter of the status is there with its value", "[detectd]") {
    const MetricsSink sink;
    auto samples = parseMetrics(sink.text(status()));
    CHECK(samples.at("fovea_planes_received_total") == 9007199254740991.0);
    CHECK(samples.at("fovea_planes_delivered_total") == 900);
    CHECK(samples.at("fovea_planes_in_flight") == 40);
    double dropped = 0;
    std::size_t reasons = 0;
    for (const auto &[name, value] : samples) {
        if (!name.starts_with("fovea_planes_dropped_total{"))
            continue;
        dropped += value;
        ++reasons;
        CHECK(name.find("stage=\"") != std::string::npos);
    }
    CHECK(reasons == dropReasonCount - 1);  // an output's losses are its own
    CHECK(dropped == static_cast<double>(status().planes.droppedTotal() -
                                         status().planes.of(DropReason::Sink)));
    CHECK(samples.at(R"(fovea_planes_dropped_total{stage="engine",reason="ring"})") == 12);
    CHECK(samples.at("fovea_losses_total") == 4);
    CHECK(samples.at("fovea_reconnects_total") == 3);
    CHECK(samples.at("fovea_results_total") == 77);
    CHECK(samples.at(R"(fovea_queue_blocks{queue="ring"})") == 4);
    CHECK(samples.at(R"(fovea_source_state{state="streaming"})") == 1);
    CHECK(samples.at(R"(fovea_source_state{state="lost"})") == 0);
    CHECK(samples.at("fovea_last_plane_timestamp_seconds") ==
          Approx(unixTime() - 100).margin(30).epsilon(0));
    CHECK(samples.at(R"(fovea_output_results_total{output="json-lines"})") == 7);
    CHECK(samples.at(R"(fovea_output_results_dropped_total{output="json-lines"})") == 2);
    // An output of planes is not one of results.
    CHECK_FALSE(samples.contains(R"(fovea_output_results_total{output="recorder"})"));
}

TEST_CASE("what is not known is not there", "[detectd]") {
    const MetricsSink sink;
    const auto samples = parseMetrics(sink.text(SessionStatus{}));
    CHECK_FALSE(samples.contains("fovea_last_plane_timestamp_seconds"));
    CHECK(samples.at("fovea_planes_received_total") == 0);
    CHECK(samples.at("fovea_result_latency_seconds_count") == 0);
}

TEST_CASE("results are counted as they come", "[detectd]") {
    MetricsSink sink;
    FrameResult frame;
    frame.tracks.resize(3);
    frame.latencySeconds = 0.004;
    REQUIRE(sink.consume(frame));
    frame.tracks.resize(1);
    frame.latencySeconds = 0;
    REQUIRE(sink.consume(frame));
    const auto samples = parseMetrics(sink.text(status()));
    CHECK(samples.at("fovea_detections_total") == 4);
    CHECK(samples.at("fovea_result_latency_seconds_count") == 1);
    CHECK(samples.at("fovea_result_latency_seconds_sum") == Approx(0.004));
    CHECK(samples.at(R"(fovea_result_latency_seconds_bucket{le="0.002"})") == 0);
    CHECK(samples.at(R"(fovea_result_latency_seconds_bucket{le="0.005"})") == 1);
    CHECK(samples.at(R"(fovea_result_latency_seconds_bucket{le="+Inf"})") == 1);
}

TEST_CASE("the build is named", "[detectd]") {
    const MetricsSink sink;
    CHECK(sink.text(SessionStatus{}).find("fovea_build_info{version=\"") != std::string::npos);
}
