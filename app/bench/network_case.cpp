// SPDX-License-Identifier: Apache-2.0
// The two networks that other engines are measured with, and neurons alone.
#include "app/bench/network_case.h"

#include "engine/core/random.h"
#include "engine/snn/cpu_executor.h"
#include "engine/snn/dense_kernels.h"

#include <cmath>
#include <ctime>
#include <memory>
#include <numeric>

namespace fovea {

namespace {

constexpr std::size_t steps = 4;

double cpuSeconds() {
    std::timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Uniform weights, `gain` times as large as the usual 1 / sqrt(inputs), so that neurons fire.
std::vector<float> weights(std::size_t count, std::size_t inputs, double gain, Random &random) {
    const double most = gain / std::sqrt(static_cast<double>(inputs));
    std::vector<float> all(count);
    for (float &w : all)
        w = static_cast<float>(random.uniform(-most, most));
    return all;
}

Conv2d conv(std::uint32_t in, std::uint32_t out, double gain, Random &random) {
    Conv2d made;
    made.weight.shape = SignalShape::of({out, in, 3, 3});
    made.weight.values = weights(std::size_t{out} * in * 9, std::size_t{in} * 9, gain, random);
    made.padding = {1, 1, 1, 1};
    return made;
}

Linear linear(std::uint32_t in, std::uint32_t out, double gain, Random &random) {
    return {{SignalShape::of({out, in}), weights(std::size_t{out} * in, in, gain, random)}, {}};
}

Neuron fires() {
    return Neuron::integrateAndFire(1, Reset::Hard);
}

constexpr Pool2d halve{PoolKind::Max, {2, 2}, {2, 2}, {}, true};

/// 28x28: two of conv 128, IF, maximum pool; Linear 2048, IF; Linear 10, IF.
Network csnn() {
    Random random(1);
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({1, 28, 28})})
        .then("conv1", conv(1, 128, 2, random))
        .then("if1", fires())
        .then("pool1", halve)
        .then("conv2", conv(128, 128, 2.5, random))
        .then("if2", fires())
        .then("pool2", halve)
        .then("flat", Flatten{})
        .then("fc1", linear(6272, 2048, 3, random))
        .then("if3", fires())
        .then("fc2", linear(2048, 10, 4, random))
        .then("if4", fires());
    return builder.build().value();
}

/// 3x32x32: twice three of conv 256, IF and a maximum pool; Linear 2048, IF; Linear 100, IF.
Network cifar10net() {
    Random random(2);
    NetworkBuilder builder;
    builder.add("input", InputLayer{SignalShape::of({3, 32, 32})});
    for (std::uint32_t i = 0; i < 6; ++i) {
        const std::string number = std::to_string(i + 1);
        builder.then("conv" + number, conv(i == 0 ? 3 : 256, 256, i == 0 ? 2 : 3.5, random))
            .then("if" + number, fires());
        if (i % 3 == 2)
            builder.then("pool" + number, halve);
    }
    builder.then("flat", Flatten{})
        .then("fc1", linear(16384, 2048, 3.5, random))
        .then("if7", fires())
        .then("fc2", linear(2048, 100, 4, random))
        .then("if8", fires());
    return builder.build().value();
}

/// Operations of all steps, two a multiply-add, as if every weight were used at every place in
/// each.
double operationsOf(const Network &network) {
    double multiplies = 0;
    for (const Node &node : network.nodes())
        if (const auto *one = std::get_if<Conv2d>(&node.layer))
            multiplies += static_cast<double>(one->weight.values.size()) *
                          static_cast<double>(node.shape.channelElements());
        else if (const auto *all = std::get_if<Linear>(&node.layer))
            multiplies += static_cast<double>(all->weight.values.size());
    return 2 * multiplies * steps;
}

Result<NetworkCase::Work> prepareNetwork(std::shared_ptr<const Network> network, std::size_t batch,
                                         Precision precision, TilePool &pool) {
    struct Running {
        Running(std::shared_ptr<const Network> net, std::size_t batch, Precision precision,
                TilePool *pool)
            : network(std::move(net)), executor(*network, batch, precision, pool) {}
        std::shared_ptr<const Network> network;
        CpuExecutor executor;
        std::vector<float> input;
        double sum = 0;
    };
    auto running = std::make_shared<Running>(std::move(network), batch, precision,
                                             pool.threads() > 1 ? &pool : nullptr);
    Random random(3);
    running->input.resize(running->executor.inputSize());
    for (float &x : running->input)
        x = static_cast<float>(random.uniform());
    NetworkCase::Work work;
    work.pass = [running, batch]() -> Result<std::uint64_t> {
        auto outputs = running->executor.window(running->input, {steps, 0, 1, false});
        if (!outputs)
            return failed(outputs);
        running->sum += std::accumulate(outputs->begin(), outputs->end(), 0.0);
        return batch;
    };
    work.rates = [running] {
        std::vector<double> rates;
        for (const NodeActivity &node : running->executor.activity())
            if (std::holds_alternative<Neuron>(running->network->node(node.node).layer))
                rates.push_back(node.rate());
        return rates;
    };
    return work;
}

/// LIF neurons (tau 2, hard reset): currents of 4 steps in, packed spikes out.
Result<NetworkCase::Work> prepareNeurons(std::size_t batch) {
    struct Running {
        Running(const SignalShape &shape, std::size_t batch)
            : neurons(Neuron::leaky(2, true), shape, batch), spikes(spikeGridOf(shape), batch, 1) {}
        GridNeurons neurons;
        CurrentGrid currents;
        SpikeGrid spikes;
    };
    const SignalShape shape = SignalShape::of({128, 28, 28});
    auto running = std::make_shared<Running>(shape, batch);
    running->currents.reshape(spikeGridOf(shape), batch, steps);
    running->spikes.setSteps(steps);
    Random random(4);
    for (float &x : running->currents.values)
        x = static_cast<float>(random.uniform(0, 2));
    const std::uint64_t elements = steps * batch * shape.elements();
    NetworkCase::Work work;
    work.pass = [running, elements]() -> Result<std::uint64_t> {
        running->neurons.reset();
        running->neurons.run(running->currents, running->spikes, false);
        return elements;
    };
    work.rates = [running, elements] {
        const auto &bits = running->spikes.bits;
        return std::vector<double>{
            static_cast<double>(cpu_kernels::countBits(bits.data(), bits.size())) /
            static_cast<double>(elements)};
    };
    return work;
}

void addNetwork(std::vector<NetworkCase> &cases, const char *name, std::size_t batch,
                const char *about, Network (*make)()) {
    for (const auto precision : {Precision::Int8, Precision::Bf16, Precision::Fp32}) {
        NetworkCase one;
        one.name = name;
        one.precision = precision;
        one.about = about;
        one.prepare = [=](TilePool &pool) {
            return prepareNetwork(std::make_shared<const Network>(make()), batch, precision, pool);
        };
        cases.push_back(std::move(one));
    }
}

void addNeurons(std::vector<NetworkCase> &cases, const char *name, std::size_t batch,
                const char *about) {
    NetworkCase one;
    one.name = name;
    one.images = false;
    one.bytes = sizeof(float) + 1.0 / 8;  // a current in, a bit out
    one.about = about;
    one.prepare = [=](TilePool &) { return prepareNeurons(batch); };
    cases.push_back(std::move(one));
}

template <class Spin> double rate(Spin &&spin) {
    double best = 0;
    for (int round = 0; round < 5; ++round) {
        const double begin = cpuSeconds();
        const double done = spin();
        best = std::max(best, done / (cpuSeconds() - begin));
    }
    return best;
}

}  // namespace

std::vector<NetworkCase> networkCases(const std::string &filter) {
    std::vector<NetworkCase> cases;
    addNetwork(cases, "csnn_b1", 1, "28x28: 2 x conv 128, fc 2048, fc 10; T = 4, one image", csnn);
    addNetwork(cases, "csnn_b16", 16, "the same, 16 images at once", csnn);
    addNetwork(cases, "cifar10net_b8", 8, "3x32x32: 6 x conv 256, fc 2048, fc 100; T = 4, 8 images",
               cifar10net);
    addNeurons(cases, "lif_forward", 1, "LIF, 128x28x28, T = 4, fp32 currents to packed spikes");
    addNeurons(cases, "lif_forward_b16", 16, "the same for 16 samples");
    std::erase_if(
        cases, [&](const NetworkCase &one) { return one.name.find(filter) == std::string::npos; });
    double csnnOperations = 0;
    double cifarOperations = 0;
    for (NetworkCase &one : cases)
        if (one.images) {
            const bool small = one.name.starts_with("csnn");
            double &operations = small ? csnnOperations : cifarOperations;
            if (operations == 0)
                operations = operationsOf(small ? csnn() : cifar10net());
            one.operations = operations;
        }
    return cases;
}

double MachinePeaks::of(Precision precision) const {
    return precision == Precision::Int8 ? int8 : precision == Precision::Bf16 ? bf16 : fp32;
}

MachinePeaks machinePeaks(double copy) {
    MachinePeaks peaks;
    peaks.copy = copy;
    peaks.fp32 = rate([] { return cpu_kernels::spin(3000000); });
    peaks.int8 = peaks.bf16 = peaks.fp32;
    if (const dense::Kernels *unit = dense::forBytes()) {
        peaks.int8 = rate([&] { return unit->spinBytes(300000); });
        peaks.unit = unit->name;
    }
    if (const dense::Kernels *unit = dense::forBfloats())
        peaks.bf16 = rate([&] { return unit->spinBfloats(300000); });
    return peaks;
}

Result<NetworkResult> measure(const NetworkCase &one, unsigned threads, const MachinePeaks &peaks,
                              double seconds) {
    TilePool pool(threads);
    auto work = one.prepare(pool);
    if (!work)
        return failed(work);
    // The first runs find out what each way of a layer costs.
    for (int i = 0; i < 4; ++i)
        if (auto warm = work->pass(); !warm)
            return failed(warm);
    const double begin = cpuSeconds();
    double used = 0;
    double done = 0;
    while (used < seconds) {
        auto passed = work->pass();
        if (!passed)
            return failed(passed);
        done += static_cast<double>(*passed);
        used = cpuSeconds() - begin;
    }
    NetworkResult result;
    result.threads = pool.threads();
    result.perCpuSecond = done / used;
    result.peakFraction = one.images
                              ? result.perCpuSecond * one.operations / peaks.of(one.precision)
                              : result.perCpuSecond * one.bytes / peaks.copy;
    result.rates = work->rates();
    return result;
}

}  // namespace fovea
