// SPDX-License-Identifier: Apache-2.0
// Planes to steps, steps to a decision, and what it took.
#include "engine/snn/network_runner.h"

#include <algorithm>
#include <chrono>

namespace fovea {

namespace {

ReadOutKind kindOf(const StreamForm &form) {
    // Scores do not grow with the number of steps.
    return form.readOut == ReadOutKind::Sum ? ReadOutKind::Rate : form.readOut;
}

class Stopwatch {
public:
    explicit Stopwatch(double &seconds) : seconds_(seconds) {}
    ~Stopwatch() {
        seconds_ +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }
    Stopwatch(const Stopwatch &) = delete;
    Stopwatch &operator=(const Stopwatch &) = delete;

private:
    double &seconds_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<std::unique_ptr<NetworkRunner>> NetworkRunner::make(const ModelUse &use, PlaneShape camera,
                                                           TilePool *pool) {
    Result<ModelPtr> model = use.get();
    if (!model)
        return failed(model);
    Result<StreamPlan> plan = planStream((*model)->form, use.settings);
    if (!plan)
        return failed(plan);
    Result<FrameFit> fit = FrameFit::make(camera, (*model)->form.shape, plan->fit);
    if (!fit)
        return failed(fit);
    constexpr std::uint64_t maxBytes = std::uint64_t{1} << 30;
    if (std::uint64_t{plan->window} * fit->takenWords() * 8 > maxBytes)
        return fail(ErrorCode::Usage, "{}: a window of {} planes of {} needs more than {} MiB",
                    (*model)->name, plan->window, toString(camera), maxBytes >> 20);
    auto executor = makeExecutor((*model)->network(), fit->tiles().size(),
                                 {use.settings.backend, use.settings.precision, pool});
    if (!executor)
        return failed(executor);
    return std::unique_ptr<NetworkRunner>(
        new NetworkRunner(std::move(*model), *plan, std::move(*fit), std::move(*executor)));
}

NetworkRunner::NetworkRunner(ModelPtr model, StreamPlan plan, FrameFit fit,
                             std::unique_ptr<Executor> executor)
    : model_(std::move(model)), plan_(plan), fit_(std::move(fit)), executor_(std::move(executor)),
      readOut_(kindOf(model_->form), model_->network().outputShape().elements(), executor_->batch(),
               plan.inference.steps),
      input_(executor_->inputSize()), activity_(model_->network().nodes().size()) {
    reset();
}

void NetworkRunner::reset() {
    executor_->reset();
    readOut_.reset();
    stepsSince_ = 0;
    secondsSince_ = 0;
    before_ = executor_->activity();
}

Result<void> NetworkRunner::decide(PlanePointers window) {
    if (window.size() != plan_.window)
        return fail(ErrorCode::InvalidArgument, "{} planes for a window of {}", window.size(),
                    plan_.window);
    reset();
    {
        const Stopwatch watch(secondsSince_);
        const auto done = runsWhole() ? runWhole(window) : runSteps(window);
        if (!done)
            return done;
    }
    conclude();
    return {};
}

bool NetworkRunner::runsWhole() const {
    constexpr std::size_t mostValues = std::size_t{1} << 24;
    const bool held = model_->form.input == StreamInput::Picture ||
                      plan_.inputSteps <= mostValues / executor_->inputSize();
    return plan_.inference.mode == InferenceMode::Cos ||
           (plan_.inference.mode == InferenceMode::If && held);
}

/// Step by step: SRP with its masks between the stages, and windows that are too long to hold.
Result<void> NetworkRunner::runSteps(PlanePointers window) {
    const StreamForm &form = model_->form;
    const bool picture = form.input == StreamInput::Picture;
    const std::size_t before =
        plan_.inference.mode == InferenceMode::Srp ? plan_.inference.calibration : 0;
    if (picture)
        gatherPicture(window, input_);
    for (std::size_t t = 0; t < plan_.inputSteps; ++t) {
        if (before > 0 && t == before)
            if (auto masked = executor_->maskByResidual(); !masked)
                return masked;
        const std::size_t first = form.input == StreamInput::Window ? 0 : t * form.planesPerStep();
        auto stepped =
            picture ? executor_->step(input_) : step(window.subspan(first, form.planesPerStep()));
        if (!stepped)
            return stepped;
        ++stepsSince_;
        if (t >= before)
            readOut_.add(executor_->output());
    }
    return {};
}

/// The whole window is handed over: COS sees it twice, and others are faster so.
Result<void> NetworkRunner::runWhole(PlanePointers window) {
    const StreamForm &form = model_->form;
    const bool same = form.input == StreamInput::Picture || form.input == StreamInput::Window;
    const std::size_t inputs = same ? 1 : plan_.inputSteps;
    const auto planesOf = [&](std::size_t t) {
        return window.subspan(t * form.planesPerStep(), form.planesPerStep());
    };
    Result<InferenceResult> result;
    if (takesPlanes()) {
        pointers_.clear();
        for (std::size_t t = 0; t < inputs; ++t)
            point(planesOf(t));
        result = infer(*executor_, PlanePointers(pointers_), plan_.inference);
    } else {
        const std::size_t size = executor_->inputSize();
        input_.resize(inputs * size);
        if (form.input == StreamInput::Picture)
            gatherPicture(window, input_);
        for (std::size_t t = 0; form.input != StreamInput::Picture && t < inputs; ++t)
            gather(planesOf(t), std::span(input_).subspan(t * size, size));
        result = infer(*executor_, std::span<const float>(input_), plan_.inference);
    }
    if (!result)
        return failed(result);
    const std::size_t out = executor_->outputSize();
    for (std::size_t t = 0; t < plan_.inference.steps; ++t)
        readOut_.add(std::span(result->outputs).subspan(t * out, out));
    stepsSince_ = result->totalSteps;
    return {};
}

Result<void> NetworkRunner::advance(PlanePointers planes) {
    if (planes.size() != model_->form.planesPerStep())
        return fail(ErrorCode::InvalidArgument, "{} planes for a step of {}", planes.size(),
                    model_->form.planesPerStep());
    const Stopwatch watch(secondsSince_);
    if (auto stepped = step(planes); !stepped)
        return stepped;
    ++stepsSince_;
    readOut_.add(executor_->output());
    return {};
}

void NetworkRunner::conclude() {
    if (stepsSince_ == 0)
        return;
    outputs_ = readOut_.scores();
    readOut_.reset();
    steps_ = std::exchange(stepsSince_, 0);
    seconds_ = std::exchange(secondsSince_, 0);
    countActivity();
}

bool NetworkRunner::takesPlanes() const {
    return fit_.keepsSpikes() && model_->form.takesSpikes() &&
           model_->network().inputShape().rank >= 2;
}

void NetworkRunner::point(PlanePointers planes) {
    for (std::size_t tile = 0; tile < fit_.tiles().size(); ++tile)
        for (const std::uint64_t *plane : planes)
            pointers_.push_back(fit_.tile(plane, tile));
}

Result<void> NetworkRunner::step(PlanePointers planes) {
    if (!takesPlanes()) {
        gather(planes, input_);
        return executor_->step(input_);
    }
    pointers_.clear();
    point(planes);
    return executor_->stepPlanes(pointers_);
}

/// tiles x channels x pixels.
void NetworkRunner::gather(PlanePointers planes, std::span<float> input) {
    const StreamForm &form = model_->form;
    const std::size_t pixels = form.shape.pixels();
    std::fill(input.begin(), input.end(), 0.0F);
    for (std::size_t tile = 0; tile < fit_.tiles().size(); ++tile)
        for (std::size_t i = 0; i < planes.size(); ++i)
            fit_.add(planes[i], tile,
                     input.subspan((tile * form.channels + i / form.bin) * pixels, pixels));
    normalise(input);
}

void NetworkRunner::gatherPicture(PlanePointers window, std::span<float> input) {
    const std::size_t pixels = model_->form.shape.pixels();
    std::fill(input.begin(), input.end(), 0.0F);
    for (std::size_t tile = 0; tile < fit_.tiles().size(); ++tile)
        for (const std::uint64_t *plane : window)
            fit_.add(plane, tile, input.subspan(tile * pixels, pixels));
    for (float &value : input)
        value /= static_cast<float>(window.size());
    normalise(input);
}

void NetworkRunner::normalise(std::span<float> input) const {
    const StreamForm &form = model_->form;
    const std::size_t pixels = form.shape.pixels();
    for (std::size_t at = 0, channel = 0; at < input.size(); at += pixels, ++channel) {
        const std::size_t c = channel % form.channels;
        const float mean = form.mean[form.mean.size() > 1 ? c : 0];
        const float deviation = form.deviation[form.deviation.size() > 1 ? c : 0];
        for (float &value : input.subspan(at, pixels))
            value = (value - mean) / deviation;
    }
}

void NetworkRunner::countActivity() {
    const std::vector<NodeActivity> now = executor_->activity();
    activity_ = now;
    for (std::size_t i = 0; i < now.size() && i < before_.size(); ++i) {
        activity_[i].steps -= before_[i].steps;
        activity_[i].spikes -= before_[i].spikes;
        activity_[i].additions -= before_[i].additions;
        activity_[i].multiplies -= before_[i].multiplies;
    }
    before_ = now;
    ++decisions_;
    totalSeconds_ += seconds_;
    totalEnergy_ += energyMicrojoules(activity_);
    for (const NodeActivity &node : activity_)
        totalSynops_ += node.additions + node.multiplies;
}

void NetworkRunner::fill(NetworkReport &report) const {
    report.model = model_->name;
    report.backend = executor_->name();
    report.precision = toString(executor_->precision());
    report.mode = toString(plan_.inference.mode);
    report.classes = model_->classes;
    report.steps = steps_;
    report.seconds = seconds_;
    report.energyMicrojoules = energyMicrojoules(activity_);
    report.synops = 0;
    report.layers.clear();
    for (const NodeActivity &node : activity_) {
        report.synops += node.additions + node.multiplies;
        const Node &layer = model_->network().node(node.node);
        const auto *neuron = std::get_if<Neuron>(&layer.layer);
        report.layers.push_back({layer.name, std::string(layerName(layer.layer)), node.values,
                                 neuron != nullptr && neuron->fire != Fire::Never, node.rate(),
                                 node.spikes, node.additions, node.multiplies});
    }
    report.decisions = decisions_;
    report.totalSynops = totalSynops_;
    report.totalSeconds = totalSeconds_;
    report.totalEnergyMicrojoules = totalEnergy_;
}

}  // namespace fovea
