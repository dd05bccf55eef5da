// SPDX-License-Identifier: Apache-2.0
// Where numbers lie; the neuron itself is in cpu_kernels.
#include "engine/snn/grid_neurons.h"

#include "engine/snn/neuron_population.h"

#include <algorithm>

namespace fovea {

namespace {

/// Potentials that no cache of a core keeps until the next run.
constexpr std::size_t streamedPotentials = std::size_t{1} << 19;

std::size_t paddedChannels(const Grid &grid) {
    return (grid.channels + cpu_kernels::lanes - 1) / cpu_kernels::lanes * cpu_kernels::lanes;
}

}  // namespace

void CurrentGrid::reshape(const Grid &size, std::size_t samples, std::size_t count) {
    grid = size;
    batch = samples;
    steps = count;
    const std::size_t needed = count * samples * pixels() * channels();
    if (values.size() < needed)
        values.resize(needed);
}

void CurrentGrid::repeat(std::size_t count) {
    reshape(grid, batch, count);
    const std::size_t one = batch * pixels() * channels();
    for (std::size_t t = 1; t < count; ++t)
        std::copy_n(values.begin(), one, values.begin() + static_cast<std::ptrdiff_t>(t * one));
}

std::size_t CurrentGrid::channels() const {
    return paddedChannels(grid);
}

float *CurrentGrid::at(std::size_t step, std::size_t sample, std::size_t pixel) {
    return values.data() + ((step * batch + sample) * pixels() + pixel) * channels();
}

const float *CurrentGrid::at(std::size_t step, std::size_t sample, std::size_t pixel) const {
    return values.data() + ((step * batch + sample) * pixels() + pixel) * channels();
}

void CurrentGrid::take(std::size_t step, std::span<const float> signal) {
    const float *from = signal.data();
    for (std::size_t sample = 0; sample < batch; ++sample)
        for (std::size_t c = 0; c < grid.channels; ++c)
            for (std::size_t pixel = 0; pixel < pixels(); ++pixel)
                at(step, sample, pixel)[c] = *from++;
}

void CurrentGrid::give(std::size_t step, std::span<float> signal) const {
    float *to = signal.data();
    for (std::size_t sample = 0; sample < batch; ++sample)
        for (std::size_t c = 0; c < grid.channels; ++c)
            for (std::size_t pixel = 0; pixel < pixels(); ++pixel)
                *to++ = at(step, sample, pixel)[c];
}

void CurrentSink::take(const SumBlock &block) {
    for (std::size_t t = 0; t < to_.steps; ++t)
        for (std::size_t p = 0; p < block.pixels; ++p) {
            const std::size_t from = p * block.pixelStride + t * block.stepStride;
            float *to = to_.at(t, block.sample, block.pixel + p) + block.channel;
            for (std::size_t c = 0; c < block.channels; ++c) {
                const float sum = block.integers != nullptr
                                      ? static_cast<float>(block.integers[from + c])
                                      : block.sums[from + c];
                to[c] = block.scale != nullptr ? block.bias[c] + block.scale[c] * sum : sum;
            }
        }
}

bool GridNeurons::can(const Neuron &neuron) {
    return !neuron.synapse && !neuron.trace && neuron.maxSpikes == 1 &&
           neuron.fire != Fire::Never && neuron.amplitude.uniform();
}

GridNeurons::GridNeurons(const Neuron &neuron, const SignalShape &shape, std::size_t batch)
    : neuron_(neuron), shape_(shape), grid_(spikeGridOf(shape)), batch_(batch),
      pixels_(grid_.height * grid_.width), padded_(paddedChannels(grid_)),
      potentials_(batch * sampleSize()) {
    rule_.decay = numbers(neuron.decay);
    rule_.gain = numbers(neuron.gain);
    rule_.drive = numbers(neuron.drive);
    rule_.threshold = numbers(neuron.threshold);
    rule_.resetTo = numbers(neuron.resetTo);
    rule_.start = numbers(neuron.initial);
    rule_.atThreshold = neuron.fire == Fire::AtThreshold;
    rule_.soft = neuron.reset == Reset::Soft;
    rule_.integrates = neuron.decay.all(1) && neuron.gain.all(1) && neuron.drive.all(0) &&
                       neuron.stepGains.empty();
}

cpu_kernels::Numbers GridNeurons::numbers(const Parameter &parameter) {
    const bool alike = parameter.uniform() || parameter.values().size() == grid_.channels;
    AlignedVector<float> &table = tables_.emplace_back(alike ? padded_ : sampleSize());
    for (std::size_t pixel = 0; pixel < (alike ? 1 : pixels_); ++pixel)
        for (std::size_t c = 0; c < padded_; ++c)
            table[pixel * padded_ + c] =
                parameter.at(c < grid_.channels ? c * pixels_ + pixel : 0, shape_);
    return {table.data(), alike ? 0 : padded_};
}

void GridNeurons::reset() {
    starts_.clear();
    mask_.clear();
    fresh_ = true;
    steps_ = 0;
}

void GridNeurons::begin(SpikeGrid &out, bool keepState) {
    out_ = &out;
    keep_ = keepState;
    if (fresh_ && !starts_.empty()) {
        std::copy(starts_.begin(), starts_.end(), potentials_.begin());
        fresh_ = false;
    }
    rule_.stepGains = neuron_.stepGains.empty() ? nullptr : neuron_.stepGains.data() + steps_;
}

void GridNeurons::take(const SumBlock &block) {
    const std::size_t pixelAt = block.pixel * padded_ + block.channel;
    const std::size_t at = block.sample * sampleSize() + pixelAt;
    cpu_kernels::NeuronRule rule = rule_;
    for (cpu_kernels::Numbers *one :
         {&rule.decay, &rule.gain, &rule.drive, &rule.threshold, &rule.resetTo, &rule.start})
        one->values += block.pixel * one->pixelStride + block.channel;
    cpu_kernels::NeuronRun run;
    run.sums = block.sums;
    run.integers = block.integers;
    run.pixelStride = block.pixelStride;
    run.stepStride = block.stepStride;
    run.scale = block.scale;
    run.bias = block.bias;
    run.pixels = block.pixels;
    run.steps = out_->steps;
    run.channels = block.channels;
    run.potentials = potentials_.data() + at;
    run.potentialStride = padded_;
    run.fresh = fresh_;
    run.keep = keep_;
    run.stream = fresh_ && potentials_.size() >= streamedPotentials;
    run.mask = mask_.empty() ? nullptr : mask_.data() + at;
    run.bits =
        reinterpret_cast<std::uint8_t *>(out_->at(block.sample, block.pixel)) + block.channel / 8;
    run.bitStepStride = out_->words() * 8;
    run.bitPixelStride = run.bitStepStride * out_->steps;
    cpu_kernels::runNeurons(rule, run);
}

void GridNeurons::end() {
    fresh_ = false;
    steps_ += out_->steps;
}

void GridNeurons::run(const CurrentGrid &currents, SpikeGrid &out, bool keepState) {
    begin(out, keepState);
    SumBlock block;
    block.pixelStride = padded_;
    block.stepStride = currents.steps == 1 ? 0 : batch_ * sampleSize();
    block.pixels = pixels_;
    block.channels = grid_.channels;
    for (block.sample = 0; block.sample < batch_; ++block.sample) {
        block.sums = currents.at(0, block.sample, 0);
        take(block);
    }
    end();
}

float GridNeurons::startOf(std::size_t sample, std::size_t pixel, std::size_t channel) const {
    if (!starts_.empty())
        return starts_[sample * sampleSize() + pixel * padded_ + channel];
    return rule_.start.values[pixel * rule_.start.pixelStride + channel];
}

void GridNeurons::maskByResidual() {
    std::vector<std::uint8_t> mask(potentials_.size());
    std::size_t at = 0;
    for (std::size_t sample = 0; sample < batch_; ++sample)
        for (std::size_t pixel = 0; pixel < pixels_; ++pixel)
            for (std::size_t c = 0; c < padded_; ++c, ++at) {
                const float potential = fresh_ ? startOf(sample, pixel, c) : potentials_[at];
                const auto &threshold = rule_.threshold;
                mask[at] = NeuronPopulation::givesAfterResidual(
                               potential, threshold.values[pixel * threshold.pixelStride + c])
                               ? 1
                               : 0;
            }
    mask_ = std::move(mask);
    fresh_ = true;
    steps_ = 0;
}

void GridNeurons::calibrate(const CurrentGrid &currents, std::size_t probe, std::size_t passes) {
    // The oracle's own calibration on neurons that lie as these do.
    Neuron neuron = neuron_;
    const auto laid = [&](Parameter &parameter, const cpu_kernels::Numbers &numbers) {
        std::vector<float> all(sampleSize());
        for (std::size_t pixel = 0; pixel < pixels_; ++pixel)
            std::copy_n(numbers.values + pixel * numbers.pixelStride, padded_,
                        all.data() + pixel * padded_);
        parameter = Parameter(std::move(all));
    };
    laid(neuron.decay, rule_.decay);
    laid(neuron.gain, rule_.gain);
    laid(neuron.drive, rule_.drive);
    laid(neuron.threshold, rule_.threshold);
    laid(neuron.resetTo, rule_.resetTo);
    laid(neuron.initial, rule_.start);
    NeuronPopulation twin(neuron, SignalShape::of({static_cast<std::uint32_t>(sampleSize())}),
                          batch_);
    twin.calibrate(std::span(currents.values), probe, passes);
    starts_.assign(twin.starts().begin(), twin.starts().end());
    fresh_ = true;
    steps_ = 0;
}

NeuronSnapshot GridNeurons::snapshot() const {
    NeuronSnapshot all;
    for (std::size_t sample = 0; sample < batch_; ++sample)
        for (std::size_t c = 0; c < grid_.channels; ++c)
            for (std::size_t pixel = 0; pixel < pixels_; ++pixel) {
                const std::size_t at = sample * sampleSize() + pixel * padded_ + c;
                all.starts.push_back(startOf(sample, pixel, c));
                all.potentials.push_back(fresh_ ? all.starts.back() : potentials_[at]);
                all.mask.push_back(mask_.empty() ? std::uint8_t{1} : mask_[at]);
            }
    return all;
}

}  // namespace fovea
