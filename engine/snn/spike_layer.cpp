// SPDX-License-Identifier: Apache-2.0
// Packing weights by rows, and adding the rows of what fired.
#include "engine/snn/spike_layer.h"

#include <algorithm>
#include <bit>
#include <chrono>

namespace fovea {

using cpu_kernels::Rows;

namespace {

std::size_t stepsOf(const SpikeGrid &in) {
    return in.steps;
}
std::size_t stepsOf(const ValueRun &in) {
    return in.steps;
}

void listEvents(EventList &list, const ConvForm &form, const SeenPlaces &seen, const SpikeGrid &in,
                std::size_t sample, std::size_t step, std::size_t group) {
    list.list(form, seen, in, sample, step, group);
}
void listEvents(EventList &list, const ConvForm &form, const SeenPlaces &seen, const ValueRun &in,
                std::size_t sample, std::size_t step, std::size_t group) {
    const std::size_t elements = form.in.channels * form.in.height * form.in.width;
    const std::size_t batch = in.values.size() / in.steps / elements;
    list.list(form, seen, in.values.data() + (step * batch + sample) * elements, group);
}

void addUp(const Rows &rows, const EventList &list, const float *start, float *sums) {
    if (!list.factors().empty())
        cpu_kernels::addScaledRows(rows, list.rows(), list.factors().data(), start, sums);
    else
        cpu_kernels::addRows(rows, list.rows(), start, sums);
}

double nanoseconds() {
    return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// Follows what a way costs: down at once, up slowly, as a disturbed measurement is too high.
void learn(double &cost, double measured) {
    cost = cost == 0 ? measured : std::min(measured, cost * 1.05);
}

}  // namespace

SpikeLayer::SpikeLayer(const ConvForm &form, Precision precision, float amplitude)
    : form_(form), blocks_(WeightBlock::cut(form)) {
    const QuantisedWeights weights(form, precision, amplitude);
    check_ = weights.check;
    if (check_.precision == Precision::Fp32) {
        pack(weights);
        return;
    }
    scale_.assign(WeightBlock::pitch(form), 0);
    bias_.assign(scale_.size(), 0);
    std::copy(weights.scale.begin(), weights.scale.end(), scale_.begin());
    std::copy(form.bias.begin(), form.bias.end(), bias_.begin());
    events_.emplace(form, weights);
    if (DenseLayer::can(form, check_.precision))
        dense_.emplace(form, weights);
}

void SpikeLayer::pack(const QuantisedWeights &weights) {
    floats_.resize(blocks_.back().end(form_));
    starts_.resize(blocks_.back().end(form_) / form_.rows());
    for (const WeightBlock &block : blocks_)
        for (std::size_t o = 0; o < block.outputs; ++o) {
            if (!form_.bias.empty())
                starts_[block.column(form_) + o] = form_.bias[block.first + o];
            for (std::size_t row = 0; row < form_.rows(); ++row)
                floats_[block.weights + row * block.width + o] =
                    weights.weights[(block.first + o) * form_.rows() + row];
        }
}

template <class Input>
void SpikeLayer::addPlace(const Input &in, std::size_t sample, const SeenPlaces &seen,
                          EventList &list, float *sums) const {
    const bool far = WeightBlock::far(floats_.size() * sizeof(float));
    for (std::size_t t = 0; t < stepsOf(in); ++t, sums += WeightBlock::pitch(form_))
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
            const WeightBlock &one = blocks_[b];
            if (b == 0 || one.group != blocks_[b - 1].group)
                listEvents(list, form_, seen, in, sample, t, one.group);
            addUp(Rows{floats_.data() + one.weights, one.width, far}, list,
                  starts_.data() + one.column(form_), sums + one.first);
        }
}

template <class Input>
void SpikeLayer::runPlaces(const Input &in, std::size_t sample, std::size_t row,
                           SumSink &sink) const {
    thread_local SeenPlaces seen;
    thread_local EventList list;
    thread_local AlignedVector<float> sums;
    const std::size_t pitch = WeightBlock::pitch(form_);
    const std::size_t each = stepsOf(in) * pitch;
    const std::size_t most = WeightBlock::nearPlaces(form_, stepsOf(in));
    if (sums.size() < most * each)
        sums.resize(most * each);
    SumBlock block;
    block.sample = sample;
    block.channels = form_.out.channels;
    block.pixelStride = each;
    block.stepStride = stepsOf(in) == 1 ? 0 : pitch;
    block.sums = sums.data();
    for (std::size_t x = 0; x < form_.out.width; x += block.pixels) {
        block.pixels = std::min(most, form_.out.width - x);
        for (std::size_t p = 0; p < block.pixels; ++p) {
            seen.find(form_, row, x + p);
            addPlace(in, sample, seen, list, sums.data() + p * each);
        }
        block.pixel = row * form_.out.width + x;
        sink.take(block);
    }
}

template <class Input>
void SpikeLayer::runLinear(const Input &in, std::size_t batch, SumSink &sink, TilePool *pool) {
    const std::size_t steps = stepsOf(in);
    SeenPlaces seen;
    seen.find(form_, 0, 0);
    lists_.resize(batch * steps);
    for (std::size_t i = 0; i < batch * steps; ++i)
        listEvents(lists_[i], form_, seen, in, i / steps, i % steps, 0);
    const bool far = WeightBlock::far(floats_.size() * sizeof(float));
    shareOut(pool, blocks_.size(), 1, [&](std::size_t first, std::size_t last) {
        thread_local AlignedVector<float> sums;
        if (sums.size() < steps * WeightBlock::mostOutputs)
            sums.resize(steps * WeightBlock::mostOutputs);
        for (std::size_t b = first; b < last; ++b) {
            const WeightBlock &one = blocks_[b];
            SumBlock block;
            block.channel = one.first;
            block.channels = one.outputs;
            block.stepStride = steps == 1 ? 0 : WeightBlock::mostOutputs;
            block.sums = sums.data();
            for (block.sample = 0; block.sample < batch; ++block.sample) {
                for (std::size_t t = 0; t < steps; ++t) {
                    const std::size_t i = block.sample * steps + t;
                    // The first step fetches rows into the cache for the others.
                    addUp(Rows{floats_.data() + one.weights, one.width, far && t == 0}, lists_[i],
                          starts_.data() + one.column(form_),
                          sums.data() + t * WeightBlock::mostOutputs);
                }
                sink.take(block);
            }
        }
    });
}

template <class Input>
void SpikeLayer::runFloats(const Input &in, std::size_t batch, SumSink &sink, TilePool *pool) {
    if (form_.linear) {
        runLinear(in, batch, sink, pool);
        return;
    }
    const std::size_t height = form_.out.height;
    shareOut(pool, batch * height, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            runPlaces(in, i / height, i % height, sink);
    });
}

void SpikeLayer::runEvents(const SpikeGrid &in, SumSink &sink, TilePool *pool) {
    if (events_)
        events_->run(in, scale_.data(), bias_.data(), sink, pool);
    else
        runFloats(in, in.batch, sink, pool);
}

void SpikeLayer::runMeasured(const SpikeGrid &in, SumSink &sink, TilePool *pool) {
    // Each way twice: the first time memory is fetched that is there later.
    constexpr std::size_t trials = 4;
    if (costs_.steps != in.steps)
        costs_ = {in.steps, 0, 0, 0};
    const auto events =
        static_cast<double>(cpu_kernels::countBits(in.bits.data(), in.bits.size())) + 1;
    const bool tiles =
        costs_.runs < trials ? costs_.runs++ % 2 == 0 : costs_.tiles < costs_.event * events;
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
    runFloats(in, batch, sink, pool);
}

}  // namespace fovea
