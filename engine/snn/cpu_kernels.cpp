// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set. No fused multiply-add: sums are those of the reference.
#include "engine/snn/cpu_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/snn/cpu_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::cpu_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F = hn::CappedTag<float, lanes>;
using I = hn::RebindToSigned<F>;
using V = hn::Vec<F>;

constexpr std::size_t vectorLanes = hn::MaxLanes(F());
/// Vectors that make up 16 channels.
constexpr std::size_t parts = lanes / vectorLanes;

// ------------------------------------------------------------------------------- adding rows

/// `vectors` vectors of outputs from column `first` on.
template <std::size_t vectors>
HWY_INLINE void addColumns(const Rows &rows, std::span<const std::uint32_t> list,
                           const float *factors, const float *start, float *sums,
                           std::size_t first) {
    const F d;
    constexpr std::size_t ahead = 12;
    constexpr std::size_t line = 64 / sizeof(float);
    V sum[vectors];
    for (std::size_t v = 0; v < vectors; ++v)
        sum[v] = start != nullptr ? hn::LoadU(d, start + first + v * vectorLanes) : hn::Zero(d);
    const float *weights = rows.weights + first;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (rows.far && i + ahead < list.size())
            for (std::size_t at = 0; at < vectors * vectorLanes; at += line)
                __builtin_prefetch(weights + std::size_t{list[i + ahead]} * rows.width + at);
        const float *row = weights + std::size_t{list[i]} * rows.width;
        if (factors != nullptr) {
            const V factor = hn::Set(d, factors[i]);
            for (std::size_t v = 0; v < vectors; ++v)
                sum[v] = hn::Add(sum[v], hn::Mul(hn::LoadU(d, row + v * vectorLanes), factor));
            continue;
        }
        for (std::size_t v = 0; v < vectors; ++v)
            sum[v] = hn::Add(sum[v], hn::LoadU(d, row + v * vectorLanes));
    }
    for (std::size_t v = 0; v < vectors; ++v)
        hn::StoreU(sum[v], d, sums + first + v * vectorLanes);
}

void AddRows(const Rows &rows, std::span<const std::uint32_t> list, const float *factors,
             const float *start, float *sums) {
    std::size_t first = 0;
    for (; first + 8 * vectorLanes <= rows.width; first += 8 * vectorLanes)
        addColumns<8>(rows, list, factors, start, sums, first);
    for (; first + 4 * vectorLanes <= rows.width; first += 4 * vectorLanes)
        addColumns<4>(rows, list, factors, start, sums, first);
    for (; first < rows.width; first += vectorLanes)
        addColumns<1>(rows, list, factors, start, sums, first);
}

// ------------------------------------------------------------------------------- neurons

/// How sums come in.
enum class Sums { Currents, Floats, Integers };

/// The numbers of one vector of neurons.
struct Group {
    V decay, gain, drive, threshold, resetTo, scale, bias;
};

template <Sums kind> HWY_INLINE V current(const NeuronRun &run, const Group &g, std::size_t at) {
    if constexpr (kind == Sums::Currents)
        return hn::LoadU(F(), run.sums + at);
    else if constexpr (kind == Sums::Floats)
        return hn::Add(g.bias, hn::Mul(g.scale, hn::LoadU(F(), run.sums + at)));
    else
        return hn::Add(g.bias,
                       hn::Mul(g.scale, hn::ConvertTo(F(), hn::LoadU(I(), run.integers + at))));
}

/// One bit a neuron.
HWY_INLINE unsigned bitsOf(hn::Mask<F> mask) {
#if HWY_TARGET == HWY_AVX3
    return mask.raw;
#else
    std::uint8_t bits[8];
    hn::StoreMaskBits(F(), mask, bits);
    return bits[0];
#endif
}

/// One step of one vector of neurons: leaves the potentials behind, gives who fires.
template <bool integrates, Sums kind>
HWY_INLINE unsigned stepGroup(const NeuronRule &rule, const NeuronRun &run, const Group &g, V &v,
                              std::size_t at, std::size_t step) {
    V input = current<kind>(run, g, at + step * run.stepStride);
    V charged;
    if constexpr (integrates) {
        charged = hn::Add(v, input);
    } else {
        if (rule.stepGains != nullptr)
            input = hn::Mul(hn::Set(F(), rule.stepGains[step]), input);
        charged = hn::Add(hn::Add(hn::Mul(g.decay, v), hn::Mul(g.gain, input)), g.drive);
    }
    const auto fires =
        rule.atThreshold ? hn::Ge(charged, g.threshold) : hn::Gt(charged, g.threshold);
    const V after = rule.soft ? hn::Sub(charged, g.threshold) : g.resetTo;
    v = hn::IfThenElse(fires, after, charged);
    return bitsOf(fires);
}

HWY_INLINE V numbersAt(const Numbers &numbers, std::size_t pixel, std::size_t channel) {
    return hn::LoadU(F(), numbers.values + pixel * numbers.pixelStride + channel);
}

template <bool integrates, Sums kind>
HWY_INLINE Group groupAt(const NeuronRule &rule, const NeuronRun &run, std::size_t pixel,
                         std::size_t channel) {
    Group g;
    g.threshold = numbersAt(rule.threshold, pixel, channel);
    g.resetTo = rule.soft ? g.threshold : numbersAt(rule.resetTo, pixel, channel);
    g.decay = integrates ? g.threshold : numbersAt(rule.decay, pixel, channel);
    g.gain = integrates ? g.threshold : numbersAt(rule.gain, pixel, channel);
    g.drive = integrates ? g.threshold : numbersAt(rule.drive, pixel, channel);
    g.scale = kind == Sums::Currents ? g.threshold : hn::LoadU(F(), run.scale + channel);
    g.bias = kind == Sums::Currents ? g.threshold : hn::LoadU(F(), run.bias + channel);
    return g;
}

/// The bits of 16 channels that count.
HWY_INLINE unsigned allowed(const NeuronRun &run, std::size_t pixel, std::size_t channel) {
    const std::size_t left = run.channels - channel;
    unsigned bits = left >= lanes ? 0xFFFFU : (1U << left) - 1;
    if (run.mask != nullptr)
        for (std::size_t i = 0; i < std::min(left, lanes); ++i)
            if (run.mask[pixel * run.potentialStride + channel + i] == 0)
                bits &= ~(1U << i);
    return bits;
}

/// All steps of 16 channels of a pixel.
template <bool integrates, Sums kind>
HWY_INLINE void stepPixel(const NeuronRule &rule, const NeuronRun &run, std::size_t pixel,
                          std::size_t channel) {
    const unsigned keep = allowed(run, pixel, channel);
    float *potentials = run.potentials + pixel * run.potentialStride + channel;
    std::uint8_t *target = run.bits + pixel * run.bitPixelStride + channel / 8;
    const std::size_t at = pixel * run.pixelStride + channel;
    V v[parts];
    Group g[parts];
    for (std::size_t part = 0; part < parts; ++part) {
        const std::size_t c = part * vectorLanes;
        g[part] = groupAt<integrates, kind>(rule, run, pixel, channel + c);
        v[part] =
            run.fresh ? numbersAt(rule.start, pixel, channel + c) : hn::LoadU(F(), potentials + c);
    }
    // Steps that lie far apart are streams of their own; the processor alone fetches them late.
    constexpr std::size_t farStep = 4096;
    constexpr std::size_t ahead = 256;
    const bool far = run.stepStride >= farStep;
    for (std::size_t t = 0; t < run.steps; ++t) {
        if (far && kind == Sums::Currents)
            __builtin_prefetch(run.sums + at + t * run.stepStride + ahead);
        unsigned spikes = 0;
        for (std::size_t part = 0; part < parts; ++part)
            spikes |=
                stepGroup<integrates, kind>(rule, run, g[part], v[part], at + part * vectorLanes, t)
                << (part * vectorLanes);
        const auto kept = static_cast<std::uint16_t>(spikes & keep);
        std::memcpy(target + t * run.bitStepStride, &kept, sizeof kept);
    }
    if (!run.keep)
        return;
    for (std::size_t part = 0; part < parts; ++part) {
        if (run.stream)
            hn::Stream(v[part], F(), potentials + part * vectorLanes);
        else
            hn::StoreU(v[part], F(), potentials + part * vectorLanes);
    }
}

template <bool integrates, Sums kind>
HWY_INLINE void stepAll(const NeuronRule &rule, const NeuronRun &run) {
    // Copies that nothing else can change meanwhile.
    const NeuronRule ownRule = rule;
    const NeuronRun ownRun = run;
    for (std::size_t pixel = 0; pixel < ownRun.pixels; ++pixel)
        for (std::size_t channel = 0; channel < ownRun.channels; channel += lanes)
            stepPixel<integrates, kind>(ownRule, ownRun, pixel, channel);
}

template <bool integrates> HWY_INLINE void stepKind(const NeuronRule &rule, const NeuronRun &run) {
    if (run.integers != nullptr)
        stepAll<integrates, Sums::Integers>(rule, run);
    else if (run.scale != nullptr)
        stepAll<integrates, Sums::Floats>(rule, run);
    else
        stepAll<integrates, Sums::Currents>(rule, run);
}

void StepNeurons(const NeuronRule &rule, const NeuronRun &run) {
    if (rule.integrates)
        stepKind<true>(rule, run);
    else
        stepKind<false>(rule, run);
    if (run.keep && run.stream)
        hwy::FlushStream();
}

std::uint64_t CountWords(const std::uint64_t *words, std::size_t count) {
    const hn::CappedTag<std::uint64_t, 8> d;
    auto sum = hn::Zero(d);
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
        sum = hn::Add(sum, hn::PopulationCount(hn::LoadU(d, words + i)));
    std::uint64_t total = i > 0 ? hn::GetLane(hn::SumOfLanes(d, sum)) : 0;
    for (; i < count; ++i)
        total += static_cast<std::uint64_t>(std::popcount(words[i]));
    return total;
}

float SpinFloats(std::size_t rounds) {
    V sum[12];
    for (V &one : sum)
        one = hn::Set(F(), 0.001F);
    const V factor = hn::Set(F(), 0.999F);
    const V more = hn::Set(F(), 0.001F);
    for (std::size_t i = 0; i < rounds; ++i)
        for (V &one : sum)
            one = hn::MulAdd(one, factor, more);
    for (std::size_t i = 1; i < 12; ++i)
        sum[0] = hn::Add(sum[0], sum[i]);
    return hn::GetLane(sum[0]);
}
std::size_t SpinOperations() {
    return 12 * vectorLanes * 2;
}

}  // namespace fovea::cpu_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::cpu_kernels {

HWY_EXPORT(AddRows);
HWY_EXPORT(StepNeurons);
HWY_EXPORT(CountWords);
HWY_EXPORT(SpinFloats);
HWY_EXPORT(SpinOperations);

void addRows(const Rows &rows, std::span<const std::uint32_t> list, const float *start,
             float *sums) {
    HWY_DYNAMIC_DISPATCH(AddRows)(rows, list, nullptr, start, sums);
}
void addScaledRows(const Rows &rows, std::span<const std::uint32_t> list, const float *factors,
                   const float *start, float *sums) {
    HWY_DYNAMIC_DISPATCH(AddRows)(rows, list, factors, start, sums);
}
void runNeurons(const NeuronRule &rule, const NeuronRun &run) {
    HWY_DYNAMIC_DISPATCH(StepNeurons)(rule, run);
}
std::uint64_t countBits(const std::uint64_t *words, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(CountWords)(words, count);
}

double spin(std::size_t rounds) {
    [[maybe_unused]] static volatile float result;
    result = HWY_DYNAMIC_DISPATCH(SpinFloats)(rounds);
    return static_cast<double>(rounds * HWY_DYNAMIC_DISPATCH(SpinOperations)());
}

}  // namespace fovea::cpu_kernels
#endif
