// SPDX-License-Identifier: Apache-2.0
// Reads the JSON goldens of the spiking network methods.
#pragma once

#include "engine/snn/network.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <nlohmann/json.hpp>

namespace fovea::test {

/// snn/<name>.json; a warning and nothing when there is no golden folder.
inline std::optional<nlohmann::json> goldenJson(const std::string &name) {
    const auto folder = goldenFolder();
    if (!folder) {
        WARN("no golden folder: " << name << " is not compared");
        return std::nullopt;
    }
    std::ifstream in(*folder / "snn" / (name + ".json"));
    INFO("golden/snn/" << name << ".json must be there");
    REQUIRE(in.good());
    return nlohmann::json::parse(in);
}

/// All numbers of nested arrays in order.
inline std::vector<float> numbers(const nlohmann::json &json) {
    if (!json.is_array())
        return {json.get<float>()};
    std::vector<float> all;
    for (const auto &part : json) {
        const auto inner = numbers(part);
        all.insert(all.end(), inner.begin(), inner.end());
    }
    return all;
}

inline Weights weights(const nlohmann::json &json) {
    std::vector<std::int64_t> sides;
    for (const nlohmann::json *part = &json; part->is_array(); part = &part->at(0))
        sides.push_back(static_cast<std::int64_t>(part->size()));
    return {SignalShape::make(sides).value(), numbers(json)};
}

/// The largest difference; infinite when the counts differ.
inline double worst(std::span<const float> found, std::span<const float> wanted) {
    if (found.size() != wanted.size())
        return 1e30;
    double most = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
        most = std::max(most, std::abs(double{found[i]} - double{wanted[i]}));
    return most;
}

/// The nets of the goldens: conv, act(lambda 1), average pool, conv, act(lambda 0.5), flatten,
/// linear.
inline Network goldenNet(const nlohmann::json &golden) {
    const auto &params = golden.at("params");
    const bool normalised = params.contains("7.weight");
    const auto bias = [&](const std::string &name) { return numbers(params.at(name)); };
    Conv2d first{weights(params.at("0.weight")), bias("0.bias"), {}, {1, 1, 1, 1}, {}, 1};
    if (normalised) {
        first.weight = weights(golden.at("bn_folded_conv0").at("weight"));
        first.bias = numbers(golden.at("bn_folded_conv0").at("bias"));
    }
    const std::string conv = normalised ? "4" : "3";
    const std::string lambda = normalised ? "5.up" : "4.up";
    const std::string linear = normalised ? "7" : "6";
    const float lambda1 = numbers(params.at(normalised ? "2.up" : "1.up"))[0];
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({2, 4, 4})})
        .then("conv1", first)
        .then("act1", Neuron::qcfs(lambda1))
        .then("pool", Pool2d{PoolKind::Average, {2, 2}, {2, 2}, {}, true})
        .then("conv2", Conv2d{weights(params.at(conv + ".weight")),
                              bias(conv + ".bias"),
                              {},
                              {1, 1, 1, 1},
                              {},
                              1})
        .then("act2", Neuron::qcfs(numbers(params.at(lambda))[0]))
        .then("flatten", Flatten{})
        .then("linear", Linear{weights(params.at(linear + ".weight")), bias(linear + ".bias")})
        .then("output", OutputLayer{});
    return builder.build().value();
}

}  // namespace fovea::test
