// SPDX-License-Identifier: Apache-2.0
// Networks on a CUDA device, beside what its tensor cores can do at most.
#include "engine/core/random.h"
#include "engine/cuda/backend.h"
#include "engine/cuda/device_work.h"
#include "engine/snn/cuda_executor.h"
#include "tests/bench/tensor_peak.h"

#include <chrono>
#include <cstdio>
#include <fmt/format.h>

using namespace fovea;

namespace {

constexpr std::size_t steps = 4;

/// Calls a second, after two that load kernels and make graphs.
template <class Call> double perSecond(Call &&call) {
    using Clock = std::chrono::steady_clock;
    call();
    call();
    const auto begin = Clock::now();
    std::size_t calls = 0;
    double seconds = 0;
    for (; seconds < 0.5; ++calls) {
        call();
        seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    return static_cast<double>(calls) / seconds;
}

class Builder {
public:
    explicit Builder(std::initializer_list<std::uint32_t> input) : shape_(SignalShape::of(input)) {
        builder_.add("in", InputLayer{shape_});
    }
    Builder &conv(std::uint32_t outputs) {
        const SignalShape weight = SignalShape::of({outputs, shape_.sides[0], 3, 3});
        return then(Conv2d{{weight, random(weight.elements())}, {}, {}, {1, 1, 1, 1}, {}, 1})
            .then(Neuron::integrateAndFire(Parameter(1.0F), Reset::Hard));
    }
    Builder &pool() { return then(Pool2d{PoolKind::Max, {2, 2}, {2, 2}, {}, true}); }
    Builder &linear(std::uint32_t outputs) {
        if (shape_.rank > 1)
            then(Flatten{});
        const SignalShape weight = SignalShape::of({outputs, shape_.sides[0]});
        return then(Linear{{weight, random(weight.elements())}, {}})
            .then(Neuron::integrateAndFire(Parameter(1.0F), Reset::Hard));
    }
    Network build() { return builder_.build().value(); }
    /// Multiply-adds of a sample in a step.
    [[nodiscard]] double work() const { return work_; }

private:
    Builder &then(Layer layer) {
        if (const auto *conv = std::get_if<Conv2d>(&layer))
            work_ += static_cast<double>(conv->weight.values.size() * shape_.channelElements());
        if (const auto *linear = std::get_if<Linear>(&layer))
            work_ += static_cast<double>(linear->weight.values.size());
        shape_ = outputShape(layer, std::span(&shape_, 1)).value();
        builder_.then("n" + std::to_string(count_++), std::move(layer));
        return *this;
    }
    std::vector<float> random(std::size_t count) {
        std::vector<float> values(count);
        for (float &value : values)
            value = static_cast<float>(random_.uniform(-0.06, 0.08));
        return values;
    }

    NetworkBuilder builder_;
    SignalShape shape_;
    Random random_{1};
    int count_ = 0;
    double work_ = 0;
};

/// Multiply-adds a second; 0 where there are no such tensor cores.
template <class Tiles> double peak() {
    DeviceWork work(openCuda().value());
    if (work.device().refusal(deviceKernel<PeakBody<Tiles>>()) != nullptr)
        return 0;
    constexpr std::uint32_t warps = 132 * 64, rounds = 4096;
    const auto result = work.onDevice<std::uint32_t>(warps);
    const PeakBody<Tiles> body{rounds, result.get()};
    const double calls = perSecond([&] {
        work.launch(body, warps);
        (void)work.finishAll();
    });
    return work.failed() ? 0 : calls * warps * rounds * PeakBody<Tiles>::work;
}

void measure(const char *name, Builder builder, double bf16, double int8) {
    const double work = builder.work();
    const Network network = builder.build();
    for (const std::size_t batch : {std::size_t{1}, std::size_t{256}})
        for (const Precision precision : {Precision::Fp32, Precision::Bf16, Precision::Int8}) {
            auto made = makeCudaExecutor(network, batch, precision);
            if (!made) {
                fmt::print("{} {}: {}\n", name, toString(precision), made.error().message);
                continue;
            }
            Executor &executor = **made;
            Random random(2);
            std::vector<float> input(executor.inputSize());
            for (float &value : input)
                value = static_cast<float>(random.uniform());
            const double images = static_cast<double>(batch) * perSecond([&] {
                                      (void)executor.window(input, {steps, 0, 1});
                                  });
            const double limit = precision == Precision::Bf16   ? bf16
                                 : precision == Precision::Int8 ? int8
                                                                : 0;
            fmt::print("{:<12} batch {:>3} {} {:>12.0f} images/s {:>8.2f} T multiply-adds/s", name,
                       batch, toString(precision), images, images * work * steps / 1e12);
            if (limit > 0)
                fmt::print(" {:>5.1f} % of the tensor cores", 100 * images * work * steps / limit);
            fmt::print("{}\n", executor.name() == "cuda" ? "" : "  NOT ON THE DEVICE");
            std::fflush(stdout);
        }
}

}  // namespace

int main() {
    const auto device = openCuda();
    if (!device) {
        fmt::print("nothing measured: {}\n", device.error().message);
        return 77;
    }
    const double bf16 = peak<Bf16Tiles>();
    const double int8 = peak<Int8Tiles>();
    fmt::print("{}: tensor cores {:.1f} T multiply-adds/s in bf16, {:.1f} in int8 (mma.sync)\n",
               (*device)->name(), bf16 / 1e12, int8 / 1e12);
    Builder csnn({1, 28, 28});
    csnn.conv(128).pool().conv(128).pool().linear(2048).linear(10);
    measure("csnn", std::move(csnn), bf16, int8);
    Builder cifar({3, 32, 32});
    cifar.conv(256).conv(256).conv(256).pool().conv(256).conv(256).conv(256).pool();
    cifar.linear(2048).linear(100);
    measure("cifar10net", std::move(cifar), bf16, int8);
    return 0;
}
