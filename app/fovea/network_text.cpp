// SPDX-License-Identifier: Apache-2.0
// Means over decisions; nothing here is measured.
#include "app/fovea/network_text.h"

namespace fovea {

namespace {

double perDecision(double total, std::uint64_t decisions) {
    return decisions > 0 ? total / static_cast<double>(decisions) : 0;
}

}  // namespace

bool NetworkSummary::add(const NetworkReport &report) {
    const bool fresh = report.decisions != last_.decisions;
    last_ = report;
    if (!fresh)
        return false;
    ++seen_;
    rates_.resize(report.layers.size(), 0);
    for (std::size_t i = 0; i < report.layers.size(); ++i)
        rates_[i] += report.layers[i].rate;
    return true;
}

Json NetworkSummary::json() const {
    Json layers = Json::array();
    for (std::size_t i = 0; i < last_.layers.size(); ++i) {
        const LayerActivity &layer = last_.layers[i];
        if (layer.fires)
            layers.push_back(Json{{"name", layer.name},
                                  {"neurons", layer.values},
                                  {"rate", perDecision(rates_[i], seen_)}});
    }
    return Json{{"type", "summary"},
                {"model", last_.model},
                {"backend", last_.backend},
                {"precision", last_.precision},
                {"mode", last_.mode},
                {"decisions", last_.decisions},
                {"planes_per_decision", last_.end - last_.begin},
                {"steps", last_.steps},
                {"skipped", last_.skipped},
                {"restarts", last_.restarts},
                {"lost_planes", last_.lostPlanes},
                {"synops", perDecision(static_cast<double>(last_.totalSynops), last_.decisions)},
                {"energy_uj", perDecision(last_.totalEnergyMicrojoules, last_.decisions)},
                {"latency_seconds", perDecision(last_.totalSeconds, last_.decisions)},
                {"layers", std::move(layers)}};
}

std::string NetworkSummary::table() const {
    const auto mean = [this](double total) { return perDecision(total, last_.decisions); };
    std::string text =
        fmt::format("{} decisions of {} steps over {} planes ({}, {}, mode {})\n", last_.decisions,
                    last_.steps, last_.end - last_.begin, last_.model, last_.backend, last_.mode);
    if (last_.skipped + last_.restarts + last_.lostPlanes > 0)
        text += fmt::format("  {} planes were lost: {} decisions skipped, state restarted {} "
                            "times\n",
                            last_.lostPlanes, last_.skipped, last_.restarts);
    text +=
        fmt::format("  a decision: {:.3f} ms, {:.0f} synaptic operations, {:.3f} uJ\n",
                    1e3 * mean(last_.totalSeconds), mean(static_cast<double>(last_.totalSynops)),
                    mean(last_.totalEnergyMicrojoules));
    text += "  layer                neurons   spikes/neuron/step\n";
    for (std::size_t i = 0; i < last_.layers.size(); ++i)
        if (const LayerActivity &layer = last_.layers[i]; layer.fires)
            text += fmt::format("  {:<20} {:>7}   {:.4f}\n", layer.name, layer.values,
                                perDecision(rates_[i], seen_));
    return text;
}

std::string decisionLine(const NetworkReport &report) {
    std::string text = fmt::format("planes {} to {}", report.begin, report.end - 1);
    if (report.best >= 0 && report.classes) {
        const auto best = static_cast<std::size_t>(report.best);
        text += fmt::format(": {} ({:.3f})", (*report.classes)[best], report.scores[best]);
    }
    return text + "\n";
}

}  // namespace fovea
