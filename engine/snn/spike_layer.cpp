// SPDX-License-Identifier: Apache-2.0
// Packing weights by rows, and adding the rows of what fired.
#include "engine/snn/spike_layer.h"

#include <algorithm>
#include <bit>
#include <chrono>

namespace fovea {

using cpu_kernels::Bfloat;
using cpu_kernels::blockOutputs;
using cpu_kernels::lanes;
using cpu_kernels::Rows;

namespace {

constexpr std::size_t farBytes = std::size_t{1} << 20;

std::size_t padded(std::size_t count) {
    return (count + lanes - 1) / lanes * lanes;
}

template <class Work> void shareRows(TilePool *pool, std::size_t count, Work &&work) {
    if (pool == nullptr)
        work(std::size_t{0}, count);
    else
        pool->run(count, 1, work);
}

void setSums(SumBlock &block, const float *sums) {
    block.sums = sums;
}
void setSums(SumBlock &block, const std::int32_t *sums) {
    block.integers = sums;
}

void setWeight(float &to, float weight) {
    to = weight;
}
void setWeight(Bfloat &to, float weight) {
    to.bits = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(weight) >> 16);
}
void setWeight(std::int8_t &to, float weight) {
    to = static_cast<std::int8_t>(weight);
}

std::size_t stepsOf(const SpikeGrid &in) {
    return in.steps;
}
std::size_t stepsOf(const ValueRun &in) {
    return in.steps;
}

void listEvents(EventList &list, const ConvForm &form, const SeenPlaces &seen, const SpikeGrid &in,
                std::size_t sample, std::size_t step, std::size_t group, bool ordered) {
    list.list(form, seen, in, sample, step, group, ordered);
}
void listEvents(EventList &list, const ConvForm &form, const SeenPlaces &seen, const ValueRun &in,
                std::size_t sample, std::size_t step, std::size_t group, bool) {
    const std::size_t elements = form.in.channels * form.in.height * form.in.width;
    const std::size_t batch = in.values.size() / in.steps / elements;
    list.list(form, seen, in.values.data() + (step * batch + sample) * elements, group);
}

template <class Weight, class Sum>
void addUp(const Rows<Weight> &rows, const EventList &list, const float *start, Sum *sums) {
    if constexpr (std::is_same_v<Weight, float>) {
        if (!list.factors().empty())
            cpu_kernels::addScaledRows(rows, list.rows(), list.factors().data(), start, sums);
        else
            cpu_kernels::addRows(rows, list.rows(), start, sums);
    } else {
        cpu_kernels::addRows(rows, list.rows(), nullptr, sums);
    }
}

double nanoseconds() {
    return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// Follows what a way costs: down at once, up slowly, as a disturbed measurement is too high.
void learn(double &cost, double measured) {
    cost = cost == 0 ? measured : std::min(measured, cost * 1.05);
}

}  // namespace

std::size_t SpikeLayer::pitch() const {
    return padded(form_.out.channels) + lanes;
}

SpikeLayer::SpikeLayer(const ConvForm &form, Precision precision, float amplitude) : form_(form) {
    for (std::size_t group = 0; group < form.groups; ++group)
        for (std::size_t o = 0; o < form.groupOutputs(); o += blockOutputs) {
            const std::size_t outputs = std::min(blockOutputs, form.groupOutputs() - o);
            Block block{group,         group * form.groupOutputs() + o, outputs, padded(outputs), 0,
                        starts_.size()};
            if (!blocks_.empty())
                block.weights = blocks_.back().weights + form.rows() * blocks_.back().width;
            for (std::size_t i = 0; i < block.width; ++i)
                starts_.push_back(i < outputs && !form.bias.empty() ? form.bias[block.first + i]
                                                                    : 0.0F);
            blocks_.push_back(block);
        }
    const QuantisedWeights weights(form, precision, amplitude);
    check_ = weights.check;
    if (check_.precision == Precision::Fp32) {
        pack(floats_, weights);
        return;
    }
    scale_.assign(padded(form.out.channels) + lanes, 0);
    bias_.assign(scale_.size(), 0);
    std::copy(weights.scale.begin(), weights.scale.end(), scale_.begin());
    std::copy(form.bias.begin(), form.bias.end(), bias_.begin());
    if (check_.precision == Precision::Int8)
        pack(bytes_, weights);
    else
        pack(bfloats_, weights);
    if (DenseLayer::can(form, check_.precision))
        dense_.emplace(form, weights);
}

template <class Weight>
void SpikeLayer::pack(AlignedVector<Weight> &rows, const QuantisedWeights &weights) {
    rows.resize(blocks_.back().weights + form_.rows() * blocks_.back().width);
    for (const Block &block : blocks_)
        for (std::size_t o = 0; o < block.outputs; ++o)
            for (std::size_t row = 0; row < form_.rows(); ++row)
                setWeight(rows[block.weights + row * block.width + o],
                          weights.weights[(block.first + o) * form_.rows() + row]);
}

template <class Weight, class Input>
void SpikeLayer::addPlace(const AlignedVector<Weight> &rows, const Input &in, std::size_t sample,
                          const SeenPlaces &seen, EventList &list, SumOf<Weight> *sums) const {
    constexpr bool ordered = std::is_same_v<Weight, float>;
    const bool far = rows.size() * sizeof(Weight) > farBytes;
    for (std::size_t t = 0; t < stepsOf(in); ++t, sums += pitch())
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
            const Block &one = blocks_[b];
            if (b == 0 || one.group != blocks_[b - 1].group)
                listEvents(list, form_, seen, in, sample, t, one.group, ordered);
            addUp(Rows<Weight>{rows.data() + one.weights, one.width, far}, list,
                  starts_.data() + one.start, sums + one.first);
        }
}

template <class Weight, class Input>
void SpikeLayer::runPlaces(const AlignedVector<Weight> &rows, const Input &in, std::size_t sample,
                           std::size_t row, SumSink &sink) const {
    thread_local SeenPlaces seen;
    thread_local EventList list;
    thread_local AlignedVector<SumOf<Weight>> sums;
    // As many places at once as stay in the nearest cache.
    constexpr std::size_t nearSums = 4096;
    const std::size_t each = stepsOf(in) * pitch();
    const std::size_t most = std::clamp<std::size_t>(nearSums / each, 1, form_.out.width);
    if (sums.size() < most * each)
        sums.resize(most * each);
    SumBlock block;
    block.sample = sample;
    block.channels = form_.out.channels;
    block.pixelStride = each;
    block.stepStride = stepsOf(in) == 1 ? 0 : pitch();
    if (!scale_.empty()) {
        block.scale = scale_.data();
        block.bias = bias_.data();
    }
    setSums(block, sums.data());
    for (std::size_t x = 0; x < form_.out.width; x += block.pixels) {
        block.pixels = std::min(most, form_.out.width - x);
        for (std::size_t p = 0; p < block.pixels; ++p) {
            seen.find(form_, row, x + p);
            addPlace(rows, in, sample, seen, list, sums.data() + p * each);
        }
        block.pixel = row * form_.out.width + x;
        sink.take(block);
    }
}

template <class Weight, class Input>
void SpikeLayer::runLinear(const AlignedVector<Weight> &rows, const Input &in, std::size_t batch,
                           SumSink &sink, TilePool *pool) {
    constexpr bool ordered = std::is_same_v<Weight, float>;
    const std::size_t steps = stepsOf(in);
    SeenPlaces seen;
    seen.find(form_, 0, 0);
    lists_.resize(batch * steps);
    for (std::size_t i = 0; i < batch * steps; ++i)
        listEvents(lists_[i], form_, seen, in, i / steps, i % steps, 0, ordered);
    const bool far = rows.size() * sizeof(Weight) > farBytes;
    shareRows(pool, blocks_.size(), [&](std::size_t first, std::size_t last) {
        thread_local AlignedVector<SumOf<Weight>> sums;
        if (sums.size() < steps * blockOutputs)
            sums.resize(steps * blockOutputs);
        for (std::size_t b = first; b < last; ++b) {
            const Block &one = blocks_[b];
            SumBlock block;
            block.channel = one.first;
            block.channels = one.outputs;
            block.stepStride = steps == 1 ? 0 : blockOutputs;
            if (!scale_.empty()) {
                block.scale = scale_.data() + one.first;
                block.bias = bias_.data() + one.first;
            }
            setSums(block, sums.data());
            for (block.sample = 0; block.sample < batch; ++block.sample) {
                for (std::size_t t = 0; t < steps; ++t) {
                    const std::size_t i = block.sample * steps + t;
                    // The first step fetches rows into the cache for the others.
                    addUp(Rows<Weight>{rows.data() + one.weights, one.width, far && t == 0},
                          lists_[i], starts_.data() + one.start, sums.data() + t * blockOutputs);
                }
                sink.take(block);
            }
        }
    });
}

template <class Weight, class Input>
void SpikeLayer::runEvents(const AlignedVector<Weight> &rows, const Input &in, std::size_t batch,
                           SumSink &sink, TilePool *pool) {
    if (form_.linear) {
        runLinear(rows, in, batch, sink, pool);
        return;
    }
    const std::size_t height = form_.out.height;
    shareRows(pool, batch * height, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            runPlaces(rows, in, i / height, i % height, sink);
    });
}

void SpikeLayer::runEvents(const SpikeGrid &in, SumSink &sink, TilePool *pool) {
    if (check_.precision == Precision::Fp32)
        runEvents(floats_, in, in.batch, sink, pool);
    else if (check_.precision == Precision::Int8)
        runEvents(bytes_, in, in.batch, sink, pool);
    else
        runEvents(bfloats_, in, in.batch, sink, pool);
}

void SpikeLayer::runMeasured(const SpikeGrid &in, SumSink &sink, TilePool *pool) {
    if (costs_.steps != in.steps)
        costs_ = {in.steps, 0, 0};
    const auto events =
        static_cast<double>(cpu_kernels::countBits(in.bits.data(), in.bits.size())) + 1;
    const bool tiles =
        costs_.tiles == 0 || (costs_.event != 0 && costs_.tiles < costs_.event * events);
    const double begin = nanoseconds();
    if (tiles)
        dense_->run(in, scale_.data(), bias_.data(), sink, pool);
    else
        runEvents(in, sink, pool);
    const double passed = nanoseconds() - begin;
    // What is not taken is thought a little better of each time, so that it is tried again.
    constexpr double forgiving = 0.998;
    if (tiles) {
        learn(costs_.tiles, passed);
        costs_.event *= forgiving;
    } else {
        learn(costs_.event, passed / events);
        costs_.tiles *= forgiving;
    }
}

void SpikeLayer::run(const SpikeGrid &in, SumSink &sink, TilePool *pool) {
    if (!dense_ || way_ == Way::Events)
        runEvents(in, sink, pool);
    else if (way_ == Way::Tiles)
        dense_->run(in, scale_.data(), bias_.data(), sink, pool);
    else
        runMeasured(in, sink, pool);
}

void SpikeLayer::run(const ValueRun &in, std::size_t batch, SumSink &sink, TilePool *pool) {
    runEvents(floats_, in, batch, sink, pool);
}

}  // namespace fovea
