// SPDX-License-Identifier: Apache-2.0
// Decisions; first spikes through the losses of the published implementation.
#include "engine/snn/read_out.h"

#include "tests/engine/snn/golden_json.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<double> softmax(std::vector<double> z) {
    double sum = 0;
    for (double &value : z)
        sum += value = std::exp(value);
    for (double &value : z)
        value /= sum;
    return z;
}

}  // namespace

TEST_CASE("first-spike scores give the golden losses", "[snn]") {
    const auto golden = goldenJson("timing_losses");
    if (!golden)
        return;
    const auto outputs = numbers(golden->at("outputs_T_B_K"));
    const std::size_t steps = golden->at("outputs_T_B_K").size();
    const std::vector<std::size_t> labels = golden->at("labels");
    const std::size_t batch = labels.size();
    const std::size_t classes = outputs.size() / steps / batch;
    ReadOut readOut(ReadOutKind::FirstSpike, classes, batch, steps);
    for (std::size_t t = 0; t < steps; ++t)
        readOut.add(std::span(outputs).subspan(t * batch * classes, batch * classes));
    const auto scores = readOut.scores();
    const auto last = static_cast<double>(steps);
    double latency = 0, latency2 = 0, latency3 = 0;
    for (std::size_t b = 0; b < batch; ++b) {
        std::vector<double> first, second, third;
        for (std::size_t k = 0; k < classes; ++k) {
            const double score = scores[b * classes + k];
            first.push_back(-2 * (last + 1 - score));
            second.push_back(score);
            third.push_back(2 * (score - last));
        }
        const auto share = 1.0 / static_cast<double>(batch);
        latency -= share * std::log(softmax(softmax(first))[labels[b]]);
        latency2 -= share * std::log(softmax(second)[labels[b]]);
        latency3 -= share * std::log(softmax(third)[labels[b]]);
    }
    const auto &losses = golden->at("losses");
    CHECK(latency == Approx(losses.at("spike_latency").at("loss").get<double>()).epsilon(1e-5));
    CHECK(latency2 == Approx(losses.at("spike_latency2").at("loss").get<double>()).epsilon(1e-5));
    CHECK(latency3 == Approx(losses.at("spike_latency3").at("loss").get<double>()).epsilon(1e-5));
}

TEST_CASE("sum, rate and largest potential by hand", "[snn]") {
    for (const auto &[kind, wanted] :
         {std::pair{ReadOutKind::Sum, std::vector<float>{3, -1, 2, 2}},
          std::pair{ReadOutKind::Rate, std::vector<float>{1.5F, -0.5F, 1, 1}},
          std::pair{ReadOutKind::MaxPotential, std::vector<float>{2, 3, 1, 2}}}) {
        ReadOut readOut(kind, 2, 2, 0);
        readOut.add(std::vector<float>{1, -4, 1, 2});
        readOut.add(std::vector<float>{2, 3, 1, 0});
        CHECK(readOut.scores() == wanted);
        CHECK(readOut.winner(0) == (kind == ReadOutKind::MaxPotential ? 1 : 0));
        CHECK_FALSE(readOut.allDecided());
    }
}

TEST_CASE("the first spike decides, and nothing later changes it", "[snn]") {
    ReadOut readOut(ReadOutKind::FirstSpike, 2, 2, 4);
    readOut.add(std::vector<float>{0, 0, 0, 1});
    CHECK(readOut.decidedAt(1) == 0);
    CHECK_FALSE(readOut.decidedAt(0));
    readOut.add(std::vector<float>{0, 1, 1, 0});
    CHECK(readOut.allDecided());
    CHECK(readOut.decidedAt(0) == 1);
    const auto winners = std::pair{readOut.winner(0), readOut.winner(1)};
    for (int t = 0; t < 4; ++t)
        readOut.add(std::vector<float>{1, 1, 1, 1});
    CHECK(winners == std::pair{readOut.winner(0), readOut.winner(1)});
    readOut.reset();
    CHECK_FALSE(readOut.decidedAt(0));
}
