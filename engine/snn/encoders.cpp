// SPDX-License-Identifier: Apache-2.0
// Encodings of a value over time.
#include "engine/snn/encoders.h"

#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace fovea {

namespace {

constexpr std::array<std::pair<Encoding, std::string_view>, 5> encodingNames = {
    {{Encoding::Constant, "constant"},
     {Encoding::Rate, "rate"},
     {Encoding::DenseFirst, "dense-first"},
     {Encoding::DenseLast, "dense-last"},
     {Encoding::FirstSpike, "first-spike"}}};

bool spikeAt(Encoding encoding, float x, float t, float steps) {
    if (encoding == Encoding::DenseFirst)
        return t / steps < x;
    if (encoding == Encoding::DenseLast)
        return t / steps > 1 - x;
    return t == std::floor((1 - x) * steps);
}

/// Mean 0, deviation 1.
void normalise(std::vector<float> &values) {
    double sum = 0;
    double squares = 0;
    for (const float value : values) {
        sum += value;
        squares += double{value} * value;
    }
    const double count = static_cast<double>(values.size());
    const double mean = sum / count;
    const double deviation = std::sqrt(std::max(0.0, squares / count - mean * mean));
    for (float &value : values)
        value = deviation > 1e-12 ? static_cast<float>((value - mean) / deviation) : 0.0F;
}

}  // namespace

std::string_view toString(Encoding encoding) {
    return encodingNames[static_cast<std::size_t>(encoding)].second;
}

std::optional<Encoding> parseEncoding(std::string_view name) {
    for (const auto &[encoding, known] : encodingNames)
        if (known == name)
            return encoding;
    return std::nullopt;
}

void encode(Encoding encoding, std::span<const float> values, std::size_t step, std::size_t steps,
            std::uint64_t seed, std::span<float> output) {
    assert(values.size() == output.size() && step < steps);
    if (encoding == Encoding::Constant) {
        std::copy(values.begin(), values.end(), output.begin());
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool spike =
            encoding == Encoding::Rate
                ? unitInterval(randomAt(seed, step, i)) < double{values[i]}
                : spikeAt(encoding, values[i], static_cast<float>(step), static_cast<float>(steps));
        output[i] = spike ? 1.0F : 0.0F;
    }
}

std::vector<float> encodeFused(std::span<const Encoding> encodings, std::span<const float> values,
                               std::size_t steps, std::uint64_t seed) {
    const std::size_t step = encodings.size() * values.size();
    std::vector<float> all(steps * step);
    std::vector<float> one(steps * values.size());
    for (std::size_t e = 0; e < encodings.size(); ++e) {
        for (std::size_t t = 0; t < steps; ++t)
            encode(encodings[e], values, t, steps, seed,
                   std::span(one).subspan(t * values.size(), values.size()));
        normalise(one);
        for (std::size_t t = 0; t < steps; ++t)
            std::copy_n(one.data() + t * values.size(), values.size(),
                        all.data() + t * step + e * values.size());
    }
    return all;
}

std::size_t binPlanes(PlanePointers planes, PlaneShape shape, std::span<float> counts) {
    assert(counts.size() == shape.pixels());
    std::size_t there = 0;
    for (const std::uint64_t *plane : planes) {
        if (plane == nullptr)
            continue;
        ++there;
        for (std::size_t word = 0; word < shape.words(); ++word)
            for (std::uint64_t bits = plane[word]; bits != 0; bits &= bits - 1)
                counts[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] += 1;
    }
    return there;
}

}  // namespace fovea
