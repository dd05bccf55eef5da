// SPDX-License-Identifier: Apache-2.0
// What a pass of a network launches.
#include "engine/snn/device_network.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fovea {

using namespace snn_bodies;

namespace {

Window windowOf(const Grid &in, const Grid &out, Size2 kernel, Size2 stride, Size2 dilation,
                const Border &padding, bool transposed) {
    return {static_cast<std::uint32_t>(in.height),
            static_cast<std::uint32_t>(in.width),
            static_cast<std::uint32_t>(out.width),
            kernel.height,
            kernel.width,
            stride.height,
            stride.width,
            dilation.height,
            dilation.width,
            padding.top,
            padding.left,
            transposed};
}

}  // namespace

void DeviceNetwork::putNumbers(std::span<const float> inputs, std::uint32_t steps,
                               std::uint32_t pass) {
    if (!work_.finish(up_))
        return;
    std::memcpy(pinnedInput_.get(), inputs.data(), inputs.size_bytes());
    const std::size_t size = inputs.size() / steps;
    work_.copy(DeviceStream::Upload, parts_[0].numbers.get() + std::size_t{pass} * passSteps * size,
               std::as_const(pinnedInput_).get(), inputs.size());
    work_.record(DeviceStream::Upload, up_);
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
}

void DeviceNetwork::putPlanes(PlanePointers planes) {
    const NodeLayout &own = layout_[0];
    const std::size_t words = (own.places + 63) / 64;
    if (planes_ == nullptr) {
        pinnedPlanes_ = work_.pinned<std::uint64_t>(planes.size() * words);
        planes_ = work_.onDevice<std::uint64_t>(planes.size() * words);
        planeBits_ = work_.onDevice<std::uint8_t>(batch_ * own.elements());
    }
    if (!work_.finish(up_))
        return;
    for (std::size_t p = 0; p < planes.size(); ++p)
        std::memcpy(pinnedPlanes_.get() + p * words, planes[p], words * sizeof(std::uint64_t));
    work_.copy(DeviceStream::Upload, planes_.get(), std::as_const(pinnedPlanes_).get(),
               planes.size() * words);
    work_.record(DeviceStream::Upload, up_);
    work_.follow(DeviceStream::Compute, DeviceStream::Upload);
}

void DeviceNetwork::markConstant(bool input) {
    parts_[0].constant = input;
    for (std::uint32_t i = 1; i < parts_.size(); ++i) {
        const Node &node = network_.node(i);
        parts_[i].constant = !hasState(node.layer) &&
                             std::all_of(node.sources.begin(), node.sources.end(),
                                         [&](const Source &s) { return parts_[s.node].constant; });
    }
}

void DeviceNetwork::run(std::uint32_t steps) {
    const Pass pass{0, steps, true};
    const auto launches = [&] {
        launchPass(pass);
        launchOutputs(pass);
        work_.launch(ClockBody{clock_, steps}, 1);
    };
    const std::uint32_t key = steps * 4 + (packedInput_ ? 2 : 0) + (parts_[0].constant ? 1 : 0);
    const auto known = graphs_.find(key);
    if (known == graphs_.end()) {
        launches();  // the first time loads the kernels, which a graph cannot do
        graphs_.emplace(key, std::nullopt);
        return;
    }
    if (!known->second)
        known->second = work_.graph(launches);
    work_.run(*known->second);
}

void DeviceNetwork::runLayers(std::size_t steps, const WindowSettings &settings) {
    const auto passes = static_cast<std::uint32_t>((steps + passSteps - 1) / passSteps);
    for (std::uint32_t i = 1; i < parts_.size(); ++i) {
        calibrate(i, settings);
        for (std::uint32_t number = 0; number < passes; ++number) {
            const auto left = steps - std::size_t{number} * passSteps;
            const Pass pass{
                number, static_cast<std::uint32_t>(std::min<std::size_t>(passSteps, left)), false};
            launchNode(i, pass);
        }
    }
    work_.launch(ClockBody{clock_, static_cast<std::uint32_t>(steps)}, 1);
}

void DeviceNetwork::calibrate(std::uint32_t index, const WindowSettings &settings) {
    const Part &part = parts_[index];
    if (part.neuron.potentials == nullptr || part.neuron.fire == FireRule::Never)
        return;
    const NodeLayout &own = layout_[index];
    const auto probe = static_cast<std::uint32_t>(settings.probe);
    SumOp op{};
    // Sums of many sources are wanted for all passes of the probe.
    for (std::uint32_t number = (probe - 1) / passSteps + 1; number-- > 0;)
        op = sources(index, {number, lesser(passSteps, probe - number * passSteps), false});
    work_.launch(CalibrateBody{op, finish(index, {0, passSteps, false}), probe,
                               static_cast<std::uint32_t>(settings.passes)},
                 batch_ * own.elements());
    work_.launch(StartBody{part.neuron, part.first, own.channels, own.places, false},
                 batch_ * own.elements());
}

void DeviceNetwork::launchPass(const Pass &pass) {
    if (packedInput_) {
        Finish into = finish(0, pass);
        into.bits = planeBits_.get();
        work_.launch(PlaneBody{planes_.get(), (into.places + 63) / 64, into}, threads(into));
    }
    for (std::uint32_t i = 1; i < parts_.size(); ++i)
        launchNode(i, pass);
}

void DeviceNetwork::launchNode(std::uint32_t index, const Pass &pass) {
    const Part &part = parts_[index];
    // Before the node gives something new: an edge may lead back to it.
    if (part.additionSums != nullptr)
        launchCount(source(index, pass),
                    network_.node(network_.node(index).sources[0].node).shape.elements(), pass,
                    part.reached, part.fanOut.size(), part.additionSums);
    compute(index, pass);
    if (part.spikeSums != nullptr)
        launchCount(view(index, pass), layout_[index].elements(), pass, nullptr, 1, part.spikeSums);
}

void DeviceNetwork::compute(std::uint32_t index, const Pass &pass) {
    const NodeLayout &own = layout_[index];
    const bool constant = parts_[index].constant;
    if (own.root != index || (pass.fused && own.into != index) || (constant && pass.number > 0))
        return;
    const auto &from = network_.node(index).sources;
    Pass part = pass;
    if (constant)
        part.steps = 1;
    if (std::holds_alternative<Concat>(network_.node(index).layer))
        launchConcat(index, part);
    else if (pass.fused && from.size() == 1 && layout_[from[0].node].into == index)
        launchOp(from[0].node, finish(index, pass), pass);
    else
        launchOp(index, finish(index, part), part);
}

void DeviceNetwork::launchOp(std::uint32_t index, const Finish &finish, const Pass &pass) {
    const Node &node = network_.node(index);
    const Part &part = parts_[index];
    const Grid in = gridOf(network_.node(node.sources[0].node).shape);
    const Grid out = gridOf(node.shape);
    if (part.weights != nullptr) {
        launchConv(index, finish, pass);
    } else if (std::holds_alternative<Scale>(node.layer)) {
        launchElements(ScaleOp{source(index, pass), part.first, part.second}, finish);
    } else if (const auto *activation = std::get_if<Activation>(&node.layer)) {
        launchElements(
            ActivationOp{source(index, pass), part.first, activation->levels, activation->ceiling},
            finish);
    } else if (const auto *pool = std::get_if<Pool2d>(&node.layer)) {
        const PoolRule rule = pool->kind == PoolKind::Average ? PoolRule::Average
                              : pool->kind == PoolKind::Sum   ? PoolRule::Sum
                                                              : PoolRule::Max;
        launchElements(
            PoolOp{windowOf(in, out, pool->kernel, pool->stride, {}, pool->padding, false),
                   source(index, pass), rule, pool->countPadding},
            finish);
    } else if (const auto *up = std::get_if<Upsample>(&node.layer)) {
        launchElements(UpsampleOp{source(index, pass), static_cast<std::uint32_t>(in.height),
                                  static_cast<std::uint32_t>(in.width),
                                  static_cast<std::uint32_t>(out.width), up->factor.height,
                                  up->factor.width},
                       finish);
    } else if (part.ring != nullptr) {
        work_.launch(DelayBody{sources(index, pass), part.first, part.ring, threads(finish),
                               part.slots, finish},
                     threads(finish));
    } else {
        launchElements(sources(index, pass), finish);
    }
}

Window DeviceNetwork::convWindow(std::uint32_t index, const SignalView &in) const {
    const Node &node = network_.node(index);
    const SignalShape &from = network_.node(node.sources[0].node).shape;
    if (const auto *conv = std::get_if<Conv2d>(&node.layer)) {
        const auto &sides = conv->weight.shape.sides;
        return windowOf(gridOf(from), gridOf(node.shape), {sides[2], sides[3]}, conv->stride,
                        conv->dilation, conv->padding, false);
    }
    if (const auto *back = std::get_if<ConvTranspose2d>(&node.layer)) {
        const auto &sides = back->weight.shape.sides;
        return windowOf(gridOf(from), gridOf(node.shape), {sides[2], sides[3]}, back->stride,
                        back->dilation, back->padding, true);
    }
    // A kernel as large as the input as it lies, be it flattened or not.
    return windowOf({from.elements() / in.places, 1, in.places}, {1, 1, 1}, {1, in.places}, {}, {},
                    {}, false);
}

void DeviceNetwork::launchConv(std::uint32_t index, const Finish &finish, const Pass &pass) {
    const SignalView in = source(index, pass);
    const Window window = convWindow(index, in);
    if (parts_[index].tensorWeights != nullptr) {
        if (precision_ == Precision::Int8)
            launchTensor<Int8Tiles>(index, window, in, finish);
        else
            launchTensor<Bf16Tiles>(index, window, in, finish);
        return;
    }
    const auto launch = [&](auto most) {
        if (in.bits != nullptr)
            launchConv<true, most.value>(index, window, in, finish);
        else
            launchConv<false, most.value>(index, window, in, finish);
    };
    if (finish.steps == 1)
        launch(std::integral_constant<int, 1>());
    else if (finish.steps <= 4)
        launch(std::integral_constant<int, 4>());
    else
        launch(std::integral_constant<int, 8>());
}

template <class Tiles, int groups, int stepTiles>
void DeviceNetwork::launchTensorSteps(const TensorLayer &layer) {
    // Enough warps for every part of a large device, else smaller shares.
    constexpr std::uint64_t many = 1024;
    const auto warps = [&](std::uint64_t rows, std::uint64_t places) {
        return (layer.outputs + rows - 1) / rows * ((layer.places + places - 1) / places);
    };
    if (warps(64, 4 * groups) >= many)
        work_.launch(TensorBody<Tiles, 4, groups, stepTiles>{layer}, warps(64, 4 * groups));
    else
        work_.launch(TensorBody<Tiles, 1, 1, stepTiles>{layer}, warps(16, 4));
}

template <class Tiles>
void DeviceNetwork::launchTensor(std::uint32_t index, const Window &window, const SignalView &in,
                                 const Finish &finish) {
    const Part &part = parts_[index];
    const auto outputs = static_cast<std::uint32_t>(network_.node(index).shape.channels());
    const TensorLayer layer{
        window,    in,      part.tensorWeights, part.tensorScales,
        part.bias, outputs, part.tapBlocks,     static_cast<std::uint32_t>(batch_) * finish.places,
        finish};
    if (finish.steps <= 2)
        launchTensorSteps<Tiles, 4, 1>(layer);
    else if (finish.steps <= 4)
        launchTensorSteps<Tiles, 2, 2>(layer);
    else
        launchTensorSteps<Tiles, 1, 4>(layer);
}

const char *DeviceNetwork::refusal(const Device &device, Precision precision) {
    if (precision == Precision::Fp32)
        return nullptr;
    return device.refusal(precision == Precision::Int8
                              ? deviceKernel<TensorBody<Int8Tiles, 1, 1, 1>>()
                              : deviceKernel<TensorBody<Bf16Tiles, 1, 1, 1>>());
}

template <bool packed, int most>
void DeviceNetwork::launchConv(std::uint32_t index, const Window &window, const SignalView &in,
                               const Finish &finish) {
    const Node &node = network_.node(index);
    std::uint32_t groups = 1;
    if (const auto *conv = std::get_if<Conv2d>(&node.layer))
        groups = conv->groups;
    else if (const auto *back = std::get_if<ConvTranspose2d>(&node.layer))
        groups = back->groups;
    const auto inputs =
        static_cast<std::uint32_t>(network_.node(node.sources[0].node).shape.elements() /
                                   (std::size_t{window.inHeight} * window.inWidth));
    const auto outputs = static_cast<std::uint32_t>(node.shape.channels());
    work_.launch(ConvBody<packed, most>{window, in, parts_[index].weights, parts_[index].bias,
                                        outputs, outputs / groups, inputs / groups, finish},
                 threads(finish));
}

void DeviceNetwork::launchConcat(std::uint32_t index, const Pass &pass) {
    std::uint32_t done = 0;
    for (const Source &source : network_.node(index).sources) {
        Finish into = finish(index, pass);
        into.threadChannels =
            static_cast<std::uint32_t>(network_.node(source.node).shape.channels());
        into.channelOffset = done;
        done += into.threadChannels;
        SumOp op{};
        op.sources = 1;
        op.in[0] = view(source.node, pass);
        launchElements(op, into);
    }
}

void DeviceNetwork::launchCount(const SignalView &in, std::size_t elements, const Pass &pass,
                                const std::uint32_t *reached, std::size_t reachedPlaces,
                                std::uint64_t *sums) {
    work_.launch(CountBody{in, reached, static_cast<std::uint32_t>(reachedPlaces),
                           static_cast<std::uint32_t>(elements) / in.places, in.places,
                           static_cast<std::uint32_t>(batch_), pass.steps, countThreads, sums},
                 countThreads);
}

void DeviceNetwork::launchOutputs(const Pass &pass) {
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
        const std::uint32_t index = network_.outputs()[o];
        const auto elements = static_cast<std::uint32_t>(network_.node(index).shape.elements());
        Finish into{};
        into.numbers = outputs_[o].get();
        into.stepStride = batch_ * elements;
        into.channels = into.threadChannels = into.pitch = elements;
        into.places = 1;
        into.steps = pass.steps;
        SumOp op{};
        op.sources = 1;
        op.in[0] = view(index, pass);
        launchElements(op, into);
    }
}

bool DeviceNetwork::fetch(std::uint32_t steps) {
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    for (std::size_t o = 0; o < outputs_.size(); ++o)
        work_.copy(DeviceStream::Download, pinnedOutputs_[o].get(),
                   static_cast<const float *>(outputs_[o].get()),
                   steps * batch_ * network_.outputShape(o).elements());
    work_.record(DeviceStream::Download, down_);
    lastStep_ = steps - 1;
    return work_.finish(down_);
}

}  // namespace fovea
