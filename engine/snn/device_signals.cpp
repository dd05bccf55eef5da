// SPDX-License-Identifier: Apache-2.0
// Where signals of a network lie on a device, and what comes down beside the outputs.
#include "engine/snn/device_network.h"

#include <numeric>

namespace fovea {

using namespace snn_bodies;

std::uint64_t DeviceNetwork::threads(const Finish &finish) const {
    return batch_ * finish.places * std::uint64_t{finish.threadChannels};
}

SignalView DeviceNetwork::view(std::uint32_t index, const Pass &pass) const {
    const NodeLayout &own = layout_[layout_[index].root];
    const Part &part = parts_[layout_[index].root];
    SignalView view{};
    view.places = own.places;
    view.channelStride = 1;
    view.placeStride = own.pitch;
    view.sampleStride = std::uint64_t{own.places} * own.pitch;
    view.passStride = batch_ * view.sampleStride;
    if (own.root == 0 && packedInput_) {
        view.bits = planeBits_.get();
        view.sizes = {one_, 0, 0};
    } else if (own.packed) {
        view.bits = part.bits.get();
        view.sizes = {part.sizes, own.sizes.size() > 1 ? 1U : 0U, 0};
    } else {
        view.numbers = part.numbers.get();
        view.stepStride = part.constant ? 0 : view.passStride;
        if (own.root == 0) {  // as it comes: channel by channel
            view.channelStride = own.places;
            view.placeStride = 1;
        }
    }
    return view.later(pass.number);
}

Finish DeviceNetwork::finish(std::uint32_t index, const Pass &pass) const {
    const NodeLayout &own = layout_[index];
    const Part &part = parts_[index];
    const std::uint64_t size = batch_ * own.places * std::uint64_t{own.pitch};
    Finish finish{};
    finish.neuron = part.neuron;
    finish.stepStride = size;
    if (own.packed)
        finish.bits = part.bits.get() + pass.number * size;
    else
        finish.numbers = part.numbers.get() + std::uint64_t{pass.number} * passSteps * size;
    finish.channels = finish.threadChannels = own.channels;
    finish.places = own.places;
    finish.pitch = own.pitch;
    finish.steps = pass.steps;
    finish.clock = clock_;
    finish.pass = pass.number * passSteps;
    return finish;
}

Finish DeviceNetwork::sumFinish(std::uint32_t index, const Pass &pass) const {
    const NodeLayout &in = layout_[network_.node(index).sources[0].node];
    const SignalShape &shape = network_.node(network_.node(index).sources[0].node).shape;
    Finish finish{};
    finish.stepStride = batch_ * in.elements();
    finish.numbers =
        parts_[index].sum.get() + std::uint64_t{pass.number} * passSteps * finish.stepStride;
    finish.channels = finish.threadChannels = finish.pitch =
        static_cast<std::uint32_t>(shape.channels());
    finish.places = static_cast<std::uint32_t>(shape.channelElements());
    finish.steps = pass.steps;
    return finish;
}

SumOp DeviceNetwork::sources(std::uint32_t index, const Pass &pass) {
    const auto &from = network_.node(index).sources;
    SumOp op{};
    for (const Source &source : from) {
        if (op.sources == SumOp::mostSources) {
            const Finish into = sumFinish(index, pass);
            launchElements(op, into);
            op.sources = 1;
            op.in[0] = sumView(into);
        }
        op.in[op.sources++] = view(source.node, pass);
    }
    return op;
}

SignalView DeviceNetwork::source(std::uint32_t index, const Pass &pass) {
    const SumOp op = sources(index, pass);
    if (op.sources == 1)
        return op.in[0];
    const Finish into = sumFinish(index, pass);
    launchElements(op, into);
    return sumView(into);
}

SignalView DeviceNetwork::sumView(const Finish &into) const {
    SignalView view{};
    view.numbers = into.numbers;
    view.stepStride = into.stepStride;
    view.places = into.places;
    view.channelStride = 1;
    view.placeStride = into.pitch;
    view.sampleStride = std::uint64_t{into.places} * into.pitch;
    return view;
}

NeuronSnapshot DeviceNetwork::snapshot(std::size_t index) {
    const NodeLayout &own = layout_[index];
    const NeuronView &neuron = parts_[index].neuron;
    const std::size_t all = batch_ * own.elements();
    NeuronSnapshot shot{std::vector<float>(all), std::vector<float>(all),
                        std::vector<std::uint8_t>(all)};
    const auto numbers = work_.pinned<float>(2 * all);
    const auto mask = work_.pinned<std::uint8_t>(all);
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    work_.copy(DeviceStream::Download, numbers.get(), static_cast<const float *>(neuron.potentials),
               all);
    work_.copy(DeviceStream::Download, numbers.get() + all,
               static_cast<const float *>(neuron.starts), all);
    work_.copy(DeviceStream::Download, mask.get(), static_cast<const std::uint8_t *>(neuron.mask),
               all);
    if (!work_.finishAll())
        return shot;
    for (std::size_t i = 0; i < all; ++i) {
        const std::size_t place = i / own.channels % own.places;
        const std::size_t at = i / own.elements() * own.elements() + i % own.channels * own.places +
                               place;  // in C order
        shot.potentials[at] = numbers[i];
        shot.starts[at] = numbers[all + i];
        shot.mask[at] = mask[i];
    }
    return shot;
}

std::vector<NodeActivity> DeviceNetwork::counts() {
    std::vector<NodeActivity> all(parts_.size());
    const auto pinned = work_.pinned<std::uint64_t>(mostCounts());
    const auto sum = [&](const std::uint64_t *from, std::size_t count) -> std::uint64_t {
        if (from == nullptr)
            return 0;
        work_.copy(DeviceStream::Download, pinned.get(), from, count);
        return work_.finishAll()
                   ? std::accumulate(pinned.get(), pinned.get() + count, std::uint64_t{0})
                   : 0;
    };
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    for (std::uint32_t i = 0; i < parts_.size(); ++i) {
        const Part &part = parts_[i];
        all[i].node = i;
        all[i].values = network_.node(i).shape.elements();
        all[i].additions = sum(part.additionSums, countThreads);
        all[i].spikes = sum(part.spikeSums, countThreads) +
                        sum(part.neuron.counts, batch_ * layout_[i].elements());
    }
    return all;
}

std::size_t DeviceNetwork::mostCounts() const {
    std::size_t most = countThreads;
    for (std::uint32_t i = 0; i < parts_.size(); ++i)
        if (parts_[i].neuron.counts != nullptr)
            most = greater(most, batch_ * layout_[i].elements());
    return most;
}

}  // namespace fovea
