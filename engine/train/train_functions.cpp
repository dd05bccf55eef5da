// SPDX-License-Identifier: Apache-2.0
// Tensors to the loops and back.
#include "engine/train/train_functions.h"

#include "engine/train/pool_steps.h"

#include <ATen/Parallel.h>
#include <mutex>
#include <torch/csrc/autograd/custom_function.h>

namespace fovea {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr std::int64_t grain = 1 << 14;
constexpr std::int64_t wordBits = 64;

NeuronRun runOf(const at::Tensor &input, std::size_t steps, bool one) {
    NeuronRun run;
    run.steps = steps;
    run.neurons = static_cast<std::size_t>(input.numel()) / (one ? 1 : steps);
    run.inputStride = one ? 0 : run.neurons;
    return run;
}

std::span<const float> gainsOf(const at::Tensor &tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// Calls work(begin, end) on ranges of neurons that begin at whole words of spikes.
template <class Work> void overNeurons(std::size_t neurons, Work work) {
    const auto words = static_cast<std::int64_t>((neurons + 63) / 64);
    at::parallel_for(0, words, grain / wordBits, [&](std::int64_t from, std::int64_t to) {
        work(static_cast<std::size_t>(from * wordBits),
             std::min(neurons, static_cast<std::size_t>(to * wordBits)));
    });
}

/// Plain numbers that travel from forward to backward.
template <class T> struct Kept final : torch::CustomClassHolder {
    explicit Kept(T kept) : value(std::move(kept)) {}
    T value;
};
template <class T> void keep(AutogradContext *context, T value) {
    context->saved_data["kept"] =
        at::IValue::make_capsule(c10::make_intrusive<Kept<T>>(std::move(value)));
}
template <class T> const T &kept(AutogradContext *context) {
    // The context holds it as long as the node lives.
    return static_cast<Kept<T> *>(context->saved_data["kept"].toCapsule().get())->value;
}

std::uint64_t *wordsOf(const at::Tensor &tensor) {
    return reinterpret_cast<std::uint64_t *>(tensor.data_ptr<std::int64_t>());
}

struct SpikingTask {
    TrainedNeuron neuron;
    NeuronRun run;
};

class SpikingFunction : public Function<SpikingFunction> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &given,
                              const at::Tensor &threshold, const at::Tensor &gains,
                              const SpikingTask &task) {
        const at::Tensor input = given.contiguous();
        const NeuronRun &run = task.run;
        const auto steps = static_cast<std::int64_t>(run.steps);
        std::vector<std::int64_t> sides(input.sizes().begin(), input.sizes().end());
        if (run.inputStride == 0)
            sides.insert(sides.begin(), steps);
        at::Tensor output = at::empty(sides, input.options());
        at::Tensor spikes = at::empty({steps, static_cast<std::int64_t>(run.wordsPerStep())},
                                      input.options().dtype(at::kLong));
        overNeurons(run.neurons, [&](std::size_t begin, std::size_t end) {
            runNeurons(task.neuron, run, gainsOf(gains), input.data_ptr<float>(), begin, end,
                       output.data_ptr<float>(), wordsOf(spikes));
        });
        context->save_for_backward({input, threshold, gains, spikes});
        keep(context, task);
        return output;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto &task = kept<SpikingTask>(context);
        const at::Tensor output = gradients[0].contiguous();
        at::Tensor input = at::empty_like(saved[0]);
        const auto gains = gainsOf(saved[2]);
        NeuronGradients all;
        all.gains.resize(gains.size());
        std::mutex mutex;
        overNeurons(task.run.neurons, [&](std::size_t begin, std::size_t end) {
            NeuronGradients own;
            unrollNeurons(task.neuron, task.run, gains, saved[0].data_ptr<float>(),
                          wordsOf(saved[3]), output.data_ptr<float>(), begin, end,
                          input.data_ptr<float>(), own);
            const std::scoped_lock lock(mutex);
            all.add(own);
        });
        const at::Tensor byGains = at::tensor(at::ArrayRef<double>(all.gains)).to(saved[2].dtype());
        return {input, at::full_like(saved[1], all.threshold), byGains, at::Tensor()};
    }
};

class QcfsFunction : public Function<QcfsFunction> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &given,
                              const at::Tensor &lambda, const QcfsStep &step) {
        const at::Tensor input = given.contiguous();
        at::Tensor output = at::empty_like(input);
        at::parallel_for(0, input.numel(), grain, [&](std::int64_t from, std::int64_t to) {
            runQcfs(step, input.data_ptr<float>() + from, output.data_ptr<float>() + from,
                    static_cast<std::size_t>(to - from));
        });
        context->save_for_backward({input, lambda});
        keep(context, step);
        return output;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto &step = kept<QcfsStep>(context);
        const at::Tensor output = gradients[0].contiguous();
        at::Tensor input = at::empty_like(saved[0]);
        double sum = 0;
        std::mutex mutex;
        at::parallel_for(0, input.numel(), grain, [&](std::int64_t from, std::int64_t to) {
            const double own =
                unrollQcfs(step, saved[0].data_ptr<float>() + from, output.data_ptr<float>() + from,
                           input.data_ptr<float>() + from, static_cast<std::size_t>(to - from));
            const std::scoped_lock lock(mutex);
            sum += own;
        });
        return {input, at::full_like(saved[1], sum), at::Tensor()};
    }
};

/// Calls work(begin, end) on ranges of pairs of rows that hold `values` together.
template <class Work> void overPairs(std::int64_t values, std::int64_t width, Work work) {
    at::parallel_for(0, values / (2 * width), std::max<std::int64_t>(grain / width, 1), work);
}

class PairMeansFunction : public Function<PairMeansFunction> {
public:
    static at::Tensor forward(AutogradContext *, const at::Tensor &given) {
        const at::Tensor input = given.contiguous();
        const std::int64_t height = input.size(-2), width = input.size(-1);
        at::Tensor output =
            at::empty({input.size(0), input.size(1), height / 2, width / 2}, input.options());
        overPairs(input.numel(), width, [&](std::int64_t from, std::int64_t to) {
            poolPairs(input.data_ptr<float>() + from * 2 * width,
                      static_cast<std::size_t>(2 * (to - from)), static_cast<std::size_t>(width),
                      output.data_ptr<float>() + from * (width / 2));
        });
        return output;
    }

    static variable_list backward(AutogradContext *, variable_list gradients) {
        const at::Tensor output = gradients[0].contiguous();
        const std::int64_t height = output.size(-2) * 2, width = output.size(-1) * 2;
        at::Tensor input =
            at::empty({output.size(0), output.size(1), height, width}, output.options());
        overPairs(input.numel(), width, [&](std::int64_t from, std::int64_t to) {
            unpoolPairs(output.data_ptr<float>() + from * (width / 2),
                        static_cast<std::size_t>(2 * (to - from)), static_cast<std::size_t>(width),
                        input.data_ptr<float>() + from * 2 * width);
        });
        return {input};
    }
};

struct NormTask {
    double count = 0;  ///< values a channel, of all processes
    DataParallel *group = nullptr;
};

/// A number a channel, for all of batch x channels x height x width.
at::Tensor acrossChannels(const at::Tensor &numbers) {
    return numbers.view({1, -1, 1, 1});
}

class NormFunction : public Function<NormFunction> {
public:
    /// `mean` and `inverse` deviation are functions of `input`, of which backward() takes account.
    static at::Tensor forward(AutogradContext *context, const at::Tensor &input,
                              const at::Tensor &scale, const at::Tensor &shift,
                              const at::Tensor &mean, const at::Tensor &inverse,
                              const NormTask &task) {
        const at::Tensor normal = (input - acrossChannels(mean)) * acrossChannels(inverse);
        context->save_for_backward({normal, scale, inverse});
        keep(context, task);
        return normal * acrossChannels(scale) + acrossChannels(shift);
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto &task = kept<NormTask>(context);
        const at::Tensor &normal = saved[0], &output = gradients[0];
        const at::Tensor shift = output.sum({0, 2, 3});
        const at::Tensor scale = (output * normal).sum({0, 2, 3});
        const at::Tensor means = at::stack({shift, scale});
        task.group->addUp({means});
        means.div_(task.count);
        const at::Tensor input =
            (output - acrossChannels(means[0]) - normal * acrossChannels(means[1])) *
            acrossChannels(saved[1] * saved[2]);
        return {input, scale, shift, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

struct TimingTask {
    TimingNeuron neuron;
    TimingRule rule = TimingRule::Activation;
    std::size_t steps = 1;
    TimingTrace trace;
};

std::span<const float> valuesOf(const at::Tensor &tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

at::Tensor timingTensor(std::vector<float> values, at::IntArrayRef sides) {
    return at::from_blob(values.data(), sides, at::kFloat).clone();
}

class TimingFunction : public Function<TimingFunction> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &given, TimingTask task) {
        const at::Tensor input = given.contiguous();
        task.trace = runTiming(task.neuron, task.rule, valuesOf(input), task.steps);
        at::Tensor output = timingTensor(task.trace.output, input.sizes());
        keep(context, std::move(task));
        return output;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto &task = kept<TimingTask>(context);
        const at::Tensor output = gradients[0].contiguous();
        return {timingTensor(
                    unrollTiming(task.neuron, task.rule, task.trace, valuesOf(output), task.steps),
                    output.sizes()),
                at::Tensor()};
    }
};

class EncodeFunction : public Function<EncodeFunction> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &given, Encoding encoding,
                              std::int64_t steps, std::int64_t seed) {
        const at::Tensor values = given.contiguous();
        std::vector<std::int64_t> sides(values.sizes().begin(), values.sizes().end());
        sides.insert(sides.begin(), steps);
        at::Tensor output = at::empty(sides, values.options());
        for (std::int64_t t = 0; t < steps; ++t)
            encode(encoding, valuesOf(values), static_cast<std::size_t>(t),
                   static_cast<std::size_t>(steps), static_cast<std::uint64_t>(seed),
                   {output.data_ptr<float>() + t * values.numel(),
                    static_cast<std::size_t>(values.numel())});
        const bool everywhere = encoding == Encoding::Constant || encoding == Encoding::Rate;
        context->save_for_backward({everywhere ? at::Tensor() : output});
        return output;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const at::Tensor spikes = context->get_saved_variables()[0];
        const at::Tensor passed = spikes.defined() ? gradients[0] * spikes : gradients[0];
        return {passed.sum(0), at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

}  // namespace

at::Tensor spikingLayer(const at::Tensor &input, std::size_t steps, bool one,
                        const TrainedNeuron &neuron, const at::Tensor &threshold,
                        const at::Tensor &gains) {
    SpikingTask task{neuron, runOf(input, steps, one)};
    task.neuron.threshold = threshold.item<float>();
    return SpikingFunction::apply(input, threshold, gains.defined() ? gains : at::empty({0}), task);
}

at::Tensor qcfsLayer(const at::Tensor &input, const at::Tensor &lambda, std::uint32_t levels,
                     QcfsGradient gradient, double sigma) {
    const at::Tensor output =
        QcfsFunction::apply(input, lambda, QcfsStep{lambda.item<float>(), levels, gradient});
    return sigma > 0 ? output - sigma * at::randn_like(output) : output;
}

at::Tensor meanPool(const at::Tensor &input, const Pool2d &pool) {
    // What nearly every network has; libtorch's takes several times as long, above all back.
    if (pool.kernel == Size2{2, 2} && pool.stride == pool.kernel && pool.padding == Border{} &&
        input.size(-2) % 2 == 0 && input.size(-1) % 2 == 0)
        return PairMeansFunction::apply(input);
    return at::avg_pool2d(input, {pool.kernel.height, pool.kernel.width},
                          {pool.stride.height, pool.stride.width},
                          {pool.padding.top, pool.padding.left}, false,
                          pool.kind == PoolKind::Sum || pool.countPadding);
}

at::Tensor batchNormLayer(const at::Tensor &input, const at::Tensor &scale, const at::Tensor &shift,
                          at::Tensor &mean, at::Tensor &variance, bool training,
                          DataParallel *group) {
    if (!training || group == nullptr)
        return at::batch_norm(input, scale, shift, mean, variance, training, normMomentum,
                              normEpsilon, false);
    at::Tensor ownMean, inverse;
    NormTask task{0, group};
    {
        const at::NoGradGuard still;
        const auto own = static_cast<double>(input.numel() / input.size(1));
        const at::Tensor sums = input.sum({0, 2, 3}, false, at::kDouble);
        const at::Tensor count = at::full({1}, own, at::kDouble);
        group->addUp({sums, count});
        task.count = count.item<double>();
        const at::Tensor centre = sums / task.count;
        // Squares of what is left of the mean, for those of the values themselves lose digits.
        const at::Tensor squares = (input - acrossChannels(centre.to(input.dtype())))
                                       .square()
                                       .sum({0, 2, 3}, false, at::kDouble);
        group->addUp({squares});
        ownMean = centre.to(input.dtype());
        inverse = (squares / task.count + normEpsilon).rsqrt().to(input.dtype());
        mean.lerp_(ownMean, normMomentum);
        variance.lerp_((squares / std::max(task.count - 1, 1.0)).to(input.dtype()), normMomentum);
    }
    return NormFunction::apply(input, scale, shift, ownMean, inverse, task);
}

at::Tensor timingLayer(const at::Tensor &input, const TimingNeuron &neuron, TimingRule rule) {
    return TimingFunction::apply(
        input, TimingTask{neuron, rule, static_cast<std::size_t>(input.size(0)), {}});
}

at::Tensor encodeLayer(const at::Tensor &values, Encoding encoding, std::size_t steps,
                       std::uint64_t seed) {
    return EncodeFunction::apply(values, encoding, static_cast<std::int64_t>(steps),
                                 static_cast<std::int64_t>(seed));
}

}  // namespace fovea
