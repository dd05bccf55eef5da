// SPDX-License-Identifier: Apache-2.0
// Counters of the session and of the results as Prometheus text.
#include "app/fovea-detectd/metrics.h"

#include "app/fovea-detectd/wall_clock.h"
#include "app/options.h"

#include <array>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <utility>
#include <vector>

namespace fovea {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

/// The part of the program in which planes are lost for each reason, in the order of DropReason.
/// What an output cannot take (the last reason) is no loss of the flow: outputs count their own.
constexpr std::array<const char *, dropReasonCount - 1> stages = {
    "source", "source", "engine", "source", "noise", "engine", "session"};
static_assert(static_cast<std::size_t>(DropReason::Sink) == stages.size());

/// Families from a reading of the status: its counters live elsewhere, so the library's own would
/// only be copies.
class Families {
public:
    void add(const char *name, const char *help, MetricType type) {
        families_.push_back({name, help, type, {}});
    }
    void value(double value, Labels labels = {}) {
        ClientMetric metric;
        metric.label = std::move(labels);
        if (families_.back().type == MetricType::Counter)
            metric.counter.value = value;
        else
            metric.gauge.value = value;
        families_.back().metric.push_back(std::move(metric));
    }
    void counter(const char *name, const char *help, std::uint64_t count) {
        add(name, help, MetricType::Counter);
        value(static_cast<double>(count));
    }
    void gauge(const char *name, const char *help, double now) {
        add(name, help, MetricType::Gauge);
        value(now);
    }
    [[nodiscard]] std::vector<MetricFamily> take() { return std::move(families_); }

private:
    std::vector<MetricFamily> families_;
};

void addPlanes(Families &families, const SessionStatus &status) {
    families.counter("fovea_planes_received_total", "Planes that the source has sent.",
                     status.planes.received);
    families.counter("fovea_planes_delivered_total", "Planes that went through the engine.",
                     status.planes.delivered);
    families.add("fovea_planes_dropped_total", "Planes lost, by place and reason.",
                 MetricType::Counter);
    for (std::size_t i = 0; i < stages.size(); ++i)
        families.value(
            static_cast<double>(status.planes.dropped[i]),
            {{"stage", stages[i]}, {"reason", std::string(toString(static_cast<DropReason>(i)))}});
    families.gauge("fovea_planes_in_flight", "Planes received and not yet delivered or dropped.",
                   static_cast<double>(status.planesInFlight));
    if (status.planes.received > 0)
        families.gauge("fovea_last_plane_timestamp_seconds",
                       "When the newest plane came, seconds since 1970.",
                       unixTime() - status.secondsSinceLastPlane);
}

void addSource(Families &families, const SessionStatus &status) {
    families.add("fovea_source_state", "1 for the state that the source is in.", MetricType::Gauge);
    for (const SourceState state :
         {SourceState::Closed, SourceState::Opening, SourceState::Streaming, SourceState::Lost,
          SourceState::Draining})
        families.value(state == status.state ? 1 : 0, {{"state", std::string(toString(state))}});
    families.counter("fovea_losses_total", "How often the source was lost.", status.losses);
    families.counter("fovea_reconnects_total", "How often a lost source came back.",
                     status.reconnects);
    families.gauge("fovea_source_planes_per_second",
                   "Planes received over the last second, lost ones included.",
                   status.sourceRateHz);
}

void addEngine(Families &families, const SessionStatus &status) {
    families.gauge("fovea_engine_planes_per_second",
                   "Planes through the engine over the last second.", status.engineRateHz);
    families.gauge("fovea_engine_busy_ratio", "Share of the last second that the engine worked.",
                   status.engineLoad);
    families.add("fovea_queue_blocks", "Blocks that wait for the engine.", MetricType::Gauge);
    families.value(static_cast<double>(status.ringBlocks), {{"queue", "ring"}});
    families.add("fovea_queue_capacity_blocks", "Blocks that can wait for the engine.",
                 MetricType::Gauge);
    families.value(static_cast<double>(status.ringCapacity), {{"queue", "ring"}});
    families.counter("fovea_results_total", "Detection results made.", status.results);
}

void addOutputs(Families &families, const SessionStatus &status) {
    const auto each = [&](const char *name, const char *help, MetricType type, auto member) {
        families.add(name, help, type);
        for (const SinkStatus &sink : status.sinks)
            if (sink.frames)
                families.value(static_cast<double>(sink.*member), {{"output", sink.name}});
    };
    each("fovea_output_results_total", "Results that an output has written.", MetricType::Counter,
         &SinkStatus::written);
    each("fovea_output_results_dropped_total", "Results that an output was too slow for.",
         MetricType::Counter, &SinkStatus::dropped);
    each("fovea_output_results_waiting", "Results that wait for an output.", MetricType::Gauge,
         &SinkStatus::waiting);
}

}  // namespace

struct MetricsSink::Counters {
    prometheus::Registry registry;
    prometheus::Counter &detections =
        prometheus::BuildCounter()
            .Name("fovea_detections_total")
            .Help("Objects in all results; one that stays counts in each.")
            .Register(registry)
            .Add({});
    prometheus::Histogram &latency =
        prometheus::BuildHistogram()
            .Name("fovea_result_latency_seconds")
            .Help("From the capture of a result's newest plane to the result.")
            .Register(registry)
            .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                             0.1, 0.2, 0.5, 1});
};

MetricsSink::MetricsSink() : counters_(std::make_unique<Counters>()) {}

MetricsSink::~MetricsSink() = default;

Result<void> MetricsSink::consume(const FrameResult &frame) {
    counters_->detections.Increment(static_cast<double>(frame.tracks.size()));
    // A source without capture times (a file) has no latency either.
    if (frame.latencySeconds > 0)
        counters_->latency.Observe(frame.latencySeconds);
    return {};
}

std::string MetricsSink::text(const SessionStatus &status) const {
    Families families;
    families.add("fovea_build_info", "1; the labels say what was built.", MetricType::Gauge);
    families.value(1, {{"version", std::string(version())}, {"backend", status.backend.name}});
    addPlanes(families, status);
    addSource(families, status);
    addEngine(families, status);
    addOutputs(families, status);
    std::vector<MetricFamily> all = families.take();
    for (MetricFamily &family : counters_->registry.Collect())
        all.push_back(std::move(family));
    // A family without values would be a header without lines.
    std::erase_if(all, [](const MetricFamily &family) { return family.metric.empty(); });
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, all);
    return out.str();
}

}  // namespace fovea
