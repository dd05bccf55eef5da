// SPDX-License-Identifier: Apache-2.0
// Which way each node is run, decided once; running them, all steps of a window at once.
#include "engine/snn/cpu_node.h"

#include <algorithm>
#include <functional>

namespace fovea {

std::span<const float> CpuSlot::step(std::size_t t) {
    if (!haveValues) {
        values.resize(spikes->steps * elements);
        spikes->toValues(values);
        haveValues = true;
    }
    return std::span(values).subspan(values.size() == elements ? 0 : t * elements, elements);
}

CpuNodes::CpuNodes(const Network &network, std::size_t batch, Precision precision, TilePool *pool)
    : network_(network), batch_(batch), precision_(precision), pool_(pool),
      plans_(network.nodes().size()), slots_(network.nodes().size()),
      uses_(network.nodes().size(), 0) {
    for (const Node &node : network.nodes())
        for (const Source &source : node.sources)
            ++uses_[source.node];
    for (const std::uint32_t output : network.outputs())
        ++uses_[output];
    for (std::size_t i = 0; i < plans_.size(); ++i)
        plan(i);
    reset();
}

/// A later step reads what the node gave: nobody else may write there.
bool CpuNodes::readBefore(std::size_t index) const {
    for (const Node &node : network_.nodes())
        for (const Source &source : node.sources)
            if (source.previousStep && source.node == index)
                return true;
    return false;
}

bool CpuNodes::canAlias(std::size_t index) const {
    const Node &node = network_.node(index);
    const bool passes = std::holds_alternative<OutputLayer>(node.layer) ||
                        std::holds_alternative<Add>(node.layer) ||
                        (std::holds_alternative<Flatten>(node.layer) && node.shape.rank == 1);
    return passes && node.sources.size() == 1 && !source(index).previousStep && !readBefore(index);
}

/// The neurons take all that the convolution or Linear before them gives, and nobody else does.
bool CpuNodes::canFuse(std::size_t neurons) const {
    const Node &node = network_.node(neurons);
    if (node.sources.size() != 1 || source(neurons).previousStep)
        return false;
    const std::size_t before = source(neurons).node;
    return plans_[before].work == Work::Convolve && uses_[before] == 1 &&
           !source(before).previousStep;
}

void CpuNodes::planLayer(std::size_t index, const ConvForm &form, const SpikeGrid *spikes) {
    plans_[index].work = Work::Convolve;
    plans_[index].takesSpikes = spikes != nullptr;
    plans_[index].layer =
        std::make_shared<SpikeLayer>(form, spikes != nullptr ? precision_ : Precision::Fp32,
                                     spikes != nullptr ? spikes->amplitude : 1.0F);
}

void CpuNodes::plan(std::size_t index) {
    const Node &node = network_.node(index);
    Plan &plan = plans_[index];
    CpuSlot &own = slots_[index];
    plan.slot = index;
    own.elements = batch_ * node.shape.elements();
    const auto *neuron = std::get_if<Neuron>(&node.layer);
    if (neuron != nullptr && GridNeurons::can(*neuron) && node.shape.rank <= 3) {
        plan.work = Work::Neurons;
        plan.neurons = std::make_unique<GridNeurons>(*neuron, node.shape, batch_);
        own.spikes = std::make_unique<SpikeGrid>(spikeGridOf(node.shape), batch_,
                                                 neuron->amplitude.values()[0]);
        if (canFuse(index)) {
            plan.fused = source(index).node;
            plans_[plan.fused].work = Work::Fused;
        }
        return;
    }
    plan.plain.emplace(network_, index, batch_);
    if (node.sources.size() != 1)
        return;
    const Source &from = source(index);
    if (canAlias(index)) {
        plan.work = Work::Alias;
        plan.slot = plans_[from.node].slot;
        return;
    }
    // The source of a recurrent edge is planned later: what it gives is taken as numbers.
    const SpikeGrid *spikes = from.node < index ? slot(from.node).spikes.get() : nullptr;
    const auto *pool = std::get_if<Pool2d>(&node.layer);
    if (spikes != nullptr && pool != nullptr && pool->kind == PoolKind::Max &&
        spikes->amplitude > 0) {
        plan.work = Work::Or;
        own.spikes =
            std::make_unique<SpikeGrid>(spikeGridOf(node.shape), batch_, spikes->amplitude);
        return;
    }
    const Grid in = spikes != nullptr ? spikes->grid : spikeGridOf(network_.node(from.node).shape);
    const auto form = convForm(node.layer, in, spikeGridOf(node.shape));
    if (!form)
        return;
    planLayer(index, *form, spikes);
    if (plans_[from.node].slot != 0 || network_.inputShape().rank < 2)
        return;
    if (precision_ == Precision::Fp32 && !form->linear)
        plan.ofPlanes = plan.layer;
    else
        plan.ofPlanes = std::make_shared<SpikeLayer>(
            *convForm(node.layer, spikeGridOf(network_.inputShape()), spikeGridOf(node.shape)),
            precision_, 1.0F);
}

void CpuNodes::give(std::span<const float> values) {
    CpuSlot &own = slots_[0];
    own.spikes.reset();
    own.values.assign(values.begin(), values.end());
    own.haveValues = true;
}

void CpuNodes::give(PlanePointers planes) {
    CpuSlot &own = slots_[0];
    if (!own.spikes)
        own.spikes = std::make_unique<SpikeGrid>(spikeGridOf(network_.inputShape()), batch_, 1.0F);
    own.spikes->setSteps(planes.size() / (batch_ * network_.inputShape().channels()));
    own.spikes->takePlanes(planes);
    own.haveValues = false;
}

SpikeLayer *CpuNodes::spikeLayer(std::size_t layer) const {
    const Plan &plan = plans_[layer];
    if (plan.takesSpikes)
        return plan.layer.get();
    return slots_[0].spikes ? plan.ofPlanes.get() : nullptr;
}

const SpikeLayer *CpuNodes::layer(std::size_t index) const {
    const SpikeLayer *ofSpikes = spikeLayer(index);
    return ofSpikes != nullptr ? ofSpikes : plans_[index].layer.get();
}

void CpuNodes::reset() {
    for (Plan &plan : plans_) {
        if (plan.plain)
            plan.plain->reset();
        if (plan.neurons)
            plan.neurons->reset();
        plan.spikes = plan.steps = 0;
    }
    forget();
}

void CpuNodes::forget() {
    // Only a recurrent edge ever reads what was there before.
    if (!network_.recurrent())
        return;
    for (CpuSlot &slot : slots_) {
        if (slot.spikes) {
            slot.spikes->setSteps(1);
            std::fill(slot.spikes->bits.begin(), slot.spikes->bits.end(), 0);
        }
        slot.values.assign(slot.elements, 0);
        slot.haveValues = true;
    }
}

void CpuNodes::maskByResidual() {
    for (Plan &plan : plans_) {
        if (plan.plain)
            plan.plain->maskByResidual();
        if (plan.neurons)
            plan.neurons->maskByResidual();
    }
    forget();
}

void CpuNodes::setWay(SpikeLayer::Way way) {
    for (Plan &plan : plans_)
        for (SpikeLayer *layer : {plan.layer.get(), plan.ofPlanes.get()})
            if (layer != nullptr)
                layer->setWay(way);
}

NeuronSnapshot CpuNodes::snapshot(std::size_t index) const {
    const Plan &plan = plans_[index];
    return plan.neurons ? plan.neurons->snapshot() : plan.plain.value().snapshot();
}

NodeActivity CpuNodes::activity(std::size_t index) const {
    const Plan &plan = plans_[index];
    if (plan.plain)
        return plan.plain->activity();
    return {static_cast<std::uint32_t>(index),
            network_.node(index).shape.elements(),
            plan.steps * batch_,
            plan.spikes,
            0,
            0};
}

bool CpuNodes::constantInput(std::size_t index, std::size_t steps) {
    const auto &sources = network_.node(index).sources;
    return std::all_of(sources.begin(), sources.end(),
                       [&](const Source &s) { return slot(s.node).constant(steps); });
}

ReferenceNode::Sources CpuNodes::sourcesAt(std::size_t index, std::size_t t) {
    sources_.clear();
    for (const Source &source : network_.node(index).sources)
        sources_.push_back(slot(source.node).step(t));
    return sources_;
}

void CpuNodes::runPlain(std::size_t index, const WindowSettings &settings) {
    const Layer &layer = network_.node(index).layer;
    ReferenceNode &node = *plans_[index].plain;
    CpuSlot &own = slots_[index];
    const bool once = !hasState(layer) && constantInput(index, settings.steps);
    const std::size_t runs = once ? 1 : settings.steps;
    // A node that reads itself finds the step before: only the first run's room is made anew.
    if (own.values.size() != runs * own.elements)
        own.values.assign(runs * own.elements, 0);
    own.haveValues = true;
    const auto *neuron = std::get_if<Neuron>(&layer);
    if (neuron != nullptr && settings.probe > 0 && neuron->fire != Fire::Never) {
        std::vector<float> currents;
        for (std::size_t t = 0; t < settings.probe; ++t) {
            const auto sum = node.gather(sourcesAt(index, t));
            currents.insert(currents.end(), sum.begin(), sum.end());
        }
        node.neurons()->calibrate(currents, settings.probe, settings.passes);
    }
    for (std::size_t t = 0; t < runs; ++t)
        node.step(sourcesAt(index, t),
                  std::span(own.values).subspan(t * own.elements, own.elements),
                  once ? settings.steps : 1);
}

void CpuNodes::runOr(std::size_t index, std::size_t steps) {
    CpuSlot &own = slots_[index];
    own.spikes->setSteps(steps);
    orPool(std::get<Pool2d>(network_.node(index).layer), *slot(source(index).node).spikes,
           *own.spikes);
    own.haveValues = false;
    plans_[index].plain->note(steps);
}

void CpuNodes::sums(std::size_t layer, std::size_t steps, SumSink &sink) {
    Plan &plan = plans_[layer];
    CpuSlot &from = slot(source(layer).node);
    const std::span<const std::uint32_t> fanOut = plan.plain->fanOut();
    if (SpikeLayer *ofSpikes = spikeLayer(layer)) {
        ofSpikes->run(*from.spikes, sink, pool_);
        if (!plan.takesSpikes) {
            plan.plain->countNumbers(from.elements, steps);
            plan.plain->note(steps);
            return;
        }
        from.spikes->count(counts_);
        std::uint64_t additions = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i)
            additions += std::uint64_t{counts_[i]} *
                         fanOut[fanOut.size() == 1 ? 0 : i % from.spikes->pixels()];
        plan.plain->note(steps, additions);
        return;
    }
    const std::size_t runs = sumSteps(layer, steps);
    (void)from.step(0);  // unpacks
    plan.layer->run(ValueRun{from.values, runs}, batch_, sink, pool_);
    for (std::size_t t = 0; t < runs; ++t)
        plan.plain->count(from.step(t), runs < steps ? steps : 1);
    plan.plain->note(steps);
}

std::size_t CpuNodes::sumSteps(std::size_t layer, std::size_t steps) {
    return slot(source(layer).node).constant(steps) ? 1 : steps;
}

void CpuNodes::runLayer(std::size_t index, std::size_t steps) {
    CpuSlot &own = slots_[index];
    currents_.reshape(spikeGridOf(network_.node(index).shape), batch_, sumSteps(index, steps));
    CurrentSink sink(currents_);
    sums(index, steps, sink);
    own.values.resize(currents_.steps * own.elements);
    own.haveValues = true;
    for (std::size_t t = 0; t < currents_.steps; ++t)
        currents_.give(t, std::span(own.values).subspan(t * own.elements, own.elements));
}

void CpuNodes::findCurrents(std::size_t index, std::size_t steps) {
    const Grid grid = spikeGridOf(network_.node(index).shape);
    if (const std::size_t layer = plans_[index].fused; layer != 0) {
        currents_.reshape(grid, batch_, sumSteps(layer, steps));
        CurrentSink sink(currents_);
        sums(layer, steps, sink);
        return;
    }
    currents_.reshape(grid, batch_, constantInput(index, steps) ? 1 : steps);
    for (std::size_t t = 0; t < currents_.steps; ++t) {
        const auto sources = sourcesAt(index, t);
        if (sources.size() == 1) {
            currents_.take(t, sources[0]);
            continue;
        }
        sum_.assign(sources[0].begin(), sources[0].end());
        for (const auto &more : sources.subspan(1))
            std::transform(sum_.begin(), sum_.end(), more.begin(), sum_.begin(), std::plus<>());
        currents_.take(t, sum_);
    }
}

void CpuNodes::runNeurons(std::size_t index, const WindowSettings &settings) {
    Plan &plan = plans_[index];
    CpuSlot &own = slots_[index];
    if (plan.fused != 0 && settings.probe == 0) {
        own.spikes->setSteps(settings.steps);
        plan.neurons->begin(*own.spikes, settings.keepState);
        sums(plan.fused, settings.steps, *plan.neurons);
        plan.neurons->end();
    } else {
        findCurrents(index, settings.steps);
        own.spikes->setSteps(settings.steps);
        if (settings.probe > 0) {
            if (currents_.steps < settings.steps)
                currents_.repeat(settings.steps);
            plan.neurons->calibrate(currents_, settings.probe, settings.passes);
        }
        plan.neurons->run(currents_, *own.spikes, settings.keepState);
    }
    own.haveValues = false;
    plan.steps += settings.steps;
    plan.spikes += cpu_kernels::countBits(own.spikes->bits.data(), own.spikes->bits.size());
}

void CpuNodes::run(std::size_t index, const WindowSettings &settings) {
    switch (plans_[index].work) {
    case Work::Plain:
        runPlain(index, settings);
        break;
    case Work::Alias:
        plans_[index].plain->note(settings.steps);
        break;
    case Work::Or:
        runOr(index, settings.steps);
        break;
    case Work::Convolve:
        runLayer(index, settings.steps);
        break;
    case Work::Fused:
        break;
    case Work::Neurons:
        runNeurons(index, settings);
        break;
    }
}

}  // namespace fovea
