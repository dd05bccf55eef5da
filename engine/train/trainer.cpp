// SPDX-License-Identifier: Apache-2.0
// The loop of training.
#include "engine/train/trainer.h"

#include "engine/core/random.h"
#include "engine/train/box_grid.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <chrono>
#include <cmath>
#include <limits>

namespace fovea {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t judgeSeed = 0xE7A1;  // the same held-out samples in every epoch

struct Tensors {
    at::Tensor inputs, targets;
};

/// Views of the batch, which outlives them.
Tensors tensorsOf(SampleBatch &batch, const SampleSource &source, TrainTask task) {
    const auto count = static_cast<std::int64_t>(batch.count);
    std::vector<std::int64_t> sides{count};
    for (const std::uint32_t side : source.inputShape().values())
        sides.push_back(side);
    if (source.steps() > 0)
        sides.insert(sides.begin(), static_cast<std::int64_t>(source.steps()));
    const at::Tensor targets = at::from_blob(
        batch.targets.data(), {count, static_cast<std::int64_t>(source.targetSize())}, at::kFloat);
    return {at::from_blob(batch.inputs.data(), sides, at::kFloat),
            task == TrainTask::Classes ? targets.flatten().to(at::kLong) : targets};
}

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<double> doublesOf(const at::Tensor &tensor) {
    const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
    const double *const first = flat.data_ptr<double>();
    return {first, first + flat.numel()};
}

}  // namespace

Trainer::Trainer(TrainNetwork &network, const SampleSource &source, const SampleSource &heldOut,
                 const TrainSettings &settings, TrainHooks hooks, DataParallel *group)
    : network_(network), source_(source), heldOut_(heldOut), settings_(settings),
      hooks_(std::move(hooks)), group_(group), optimiser_(network.tensors(), settings.optimiser),
      bestScore_(-std::numeric_limits<double>::infinity()) {}

Pass Trainer::trainingPass() const {
    Pass pass;
    pass.spiking = settings_.mode == TrainMode::Snn;
    pass.timed = source_.steps() > 0;
    pass.steps = pass.timed ? source_.steps() : settings_.steps;
    pass.training = true;
    return pass;
}

void Trainer::measureLambdas() {
    const at::NoGradGuard still;
    BatchLoader loader(source_, {std::max<std::size_t>(settings_.batch, 64), settings_.seed});
    const auto batch = loader.next();
    if (!batch)
        return;
    Pass pass = trainingPass();
    pass.measure = true;
    (void)network_.forward(tensorsOf(*batch, source_, settings_.loss.task).inputs, pass);
}

/// Mean of the variances of all batches, a layer each (Huang et al., NQ).
void Trainer::estimateNoise() {
    std::vector<double> sums(network_.spikingNodes());
    BatchLoader loader(heldOut_, {settings_.batch, judgeSeed, false, settings_.loaders});
    std::size_t count = 0;
    while (const auto batch = loader.next()) {
        const auto variances = network_.residualVariances(
            tensorsOf(*batch, heldOut_, settings_.loss.task).inputs, settings_.steps);
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] += variances[i];
        ++count;
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
        network_.sigmas()[i] =
            std::sqrt(sums[i] / static_cast<double>(std::max<std::size_t>(count, 1)));
}

TrainScore Trainer::score(TrainNetwork &network, const SampleSource &source,
                          const TrainSettings &settings, bool spiking) {
    const at::NoGradGuard still;
    BatchLoader loader(source, {settings.batch, judgeSeed, false, settings.loaders});
    Pass pass;
    pass.spiking = spiking;
    pass.timed = source.steps() > 0;
    pass.steps = pass.timed ? source.steps() : settings.steps;
    double right = 0;
    double squares = 0;
    double loss = 0;
    double samples = 0;
    BoxMeter boxes;
    while (const auto batch = loader.next()) {
        const Tensors tensors = tensorsOf(*batch, source, settings.loss.task);
        const NetworkOutput output = outputOf(network, tensors.inputs, pass);
        const auto count = static_cast<double>(batch->count);
        loss += lossOf(output, tensors.targets, settings.loss).item<double>() * count;
        if (settings.loss.task == TrainTask::Classes)
            right += (decisions(output, settings.loss) == tensors.targets).sum().item<double>();
        else if (settings.loss.task == TrainTask::Boxes)
            boxes.add(output.mean, batch->targets);
        else
            squares +=
                (output.mean.flatten(1) - tensors.targets).square().mean().item<double>() * count;
        samples += count;
    }
    samples = std::max(samples, 1.0);
    if (settings.loss.task == TrainTask::Boxes)
        return {loss / samples, boxes.meanPrecision()};
    return {loss / samples, settings.loss.task == TrainTask::Classes
                                ? right / samples
                                : -10 * std::log10(std::max(squares / samples, 1e-12))};
}

double Trainer::sumOfAll(double own) const {
    if (group_ == nullptr)
        return own;
    const at::Tensor sum = at::full({1}, own, at::kDouble);
    group_->addUp({sum});
    return sum.item<double>();
}

void Trainer::addUpGradients() {
    if (group_ == nullptr)
        return;
    std::vector<at::Tensor> gradients;
    for (const TrainedTensor &tensor : network_.tensors())
        if (tensor.learns && tensor.value.grad().defined())
            gradients.push_back(tensor.value.grad());
    group_->addUp(gradients);
}

void Trainer::judge(EpochRow &row) {
    const bool timed = source_.steps() > 0;
    row.ann = row.spiking = none;
    if (settings_.mode == TrainMode::Ann)
        row.ann = score(network_, heldOut_, settings_, false).score;
    if (settings_.mode == TrainMode::Snn || (settings_.noise && !timed))
        row.spiking = score(network_, heldOut_, settings_, true).score;
    if (settings_.noise)
        estimateNoise();
}

/// One process judges, all go by it.
void Trainer::judgeTogether(EpochRow &row) {
    if (group_ == nullptr || group_->first())
        judge(row);
    row.sigmas = network_.sigmas();
    if (group_ == nullptr)
        return;
    std::vector<double> numbers{row.ann, row.spiking};
    numbers.insert(numbers.end(), row.sigmas.begin(), row.sigmas.end());
    const at::Tensor shared = at::tensor(at::ArrayRef<double>(numbers));
    group_->share({shared});
    numbers = doublesOf(shared);
    row.ann = numbers[0];
    row.spiking = numbers[1];
    row.sigmas.assign(numbers.begin() + 2, numbers.end());
    network_.sigmas() = row.sigmas;
}

Result<void> Trainer::runEpoch(std::size_t epoch, EpochRow &row) {
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t seed = randomAt(settings_.seed, 0xE70C, epoch);
    at::manual_seed(seed);
    BatchLoader::Settings wanted{settings_.batch, seed, true, settings_.loaders};
    if (group_ != nullptr) {
        wanted.part = group_->part();
        wanted.parts = group_->parts();
        at::manual_seed(seed + wanted.part);  // noise is another for every sample
    }
    BatchLoader loader(source_, wanted);
    const std::size_t batches = loader.batches();
    const auto all = static_cast<std::uint64_t>(batches * settings_.epochs);
    const auto warm =
        static_cast<std::uint64_t>(settings_.warmEpochs * static_cast<double>(batches));
    Pass pass = trainingPass();
    pass.group = group_;
    double sum = 0;
    std::int64_t samples = 0;
    for (std::size_t i = 0; i < batches; ++i) {
        const auto batch = loader.next();
        const Tensors tensors = tensorsOf(*batch, source_, settings_.loss.task);
        const at::Tensor loss =
            trainingLoss(network_, tensors.inputs, tensors.targets, settings_.loss, pass);
        (loss * batch->share).backward();
        addUpGradients();
        row.rate = cosineRate(settings_.rate, epoch * batches + i, all, warm);
        optimiser_.step(row.rate);
        network_.keepInRange();
        sum += sumOfAll(loss.item<double>() * batch->share);
        samples += std::llround(static_cast<double>(batch->count) / batch->share);
        const bool stop =
            hooks_.batch && !hooks_.batch(epoch, i + 1, batches, sum / static_cast<double>(i + 1));
        if (sumOfAll(stop ? 1 : 0) > 0)
            return fail(ErrorCode::Cancelled, "training was stopped in epoch {}", epoch + 1);
    }
    if (!std::isfinite(sum))
        return fail(ErrorCode::InvalidArgument,
                    "the loss of epoch {} is no number: a smaller rate may help", epoch + 1);
    row.loss = sum / static_cast<double>(std::max<std::size_t>(batches, 1));
    row.seconds = secondsSince(begin);
    row.samplesPerSecond = static_cast<double>(samples) / row.seconds;
    return {};
}

Result<void> Trainer::check() const {
    const LossSettings &loss = settings_.loss;
    if (wantsSpikes(loss.classes) && (settings_.mode != TrainMode::Snn || !network_.endsInSpikes()))
        return fail(ErrorCode::InvalidArgument,
                    "a loss of output spikes is for networks that are trained through time (mode "
                    "snn) and whose last layer is of neurons");
    if (loss.regulariser == Regulariser::None)
        return {};
    if (source_.steps() > 0 || settings_.noise)
        return fail(ErrorCode::InvalidArgument,
                    "a regulariser is for pictures, not for spikes, and not together with NQ");
    const bool potentials = loss.regulariser <= Regulariser::MppdAbsolute;
    if (potentials && (settings_.mode != TrainMode::Snn || network_.spikingNodes() == 0))
        return fail(ErrorCode::InvalidArgument,
                    "MPPD is for networks that are trained through time (mode snn)");
    if (loss.regulariser == Regulariser::Sr && loss.task != TrainTask::Classes)
        return fail(ErrorCode::InvalidArgument, "SR is for networks of classes");
    if (loss.regulariser == Regulariser::Nt && loss.task == TrainTask::Boxes)
        return fail(ErrorCode::InvalidArgument, "NT is for networks of classes or pictures");
    return {};
}

Result<std::vector<EpochRow>> Trainer::run() {
    if (auto fits = check(); !fits)
        return failed(fits);
    try {
        if (auto done = begin(); !done)
            return failed(done);
        if (auto done = runEpochs(); !done)
            return failed(done);
    } catch (const std::exception &error) {
        if (group_ == nullptr)
            throw;
        const std::string_view all = error.what();
        return fail(ErrorCode::Io, "another process of this training is gone: {}",
                    all.substr(0, all.find('\n')));
    }
    restoreBest();
    return rows_;
}

Result<void> Trainer::begin() {
    if (rows_.empty() && settings_.measureLambda)
        measureLambdas();
    if (group_ == nullptr)
        return {};
    const auto epochs = static_cast<double>(rows_.size());
    if (sumOfAll(epochs) != epochs * static_cast<double>(group_->parts()))
        return fail(ErrorCode::InvalidArgument,
                    "the processes of this training go on from different epochs");
    std::vector<at::Tensor> all;
    for (const TrainedTensor &tensor : network_.tensors())
        all.push_back(tensor.value);
    group_->share(all);
    return {};
}

Result<void> Trainer::runEpochs() {
    for (std::size_t epoch = rows_.size(); epoch < settings_.epochs; ++epoch) {
        EpochRow row;
        row.epoch = epoch + 1;
        if (auto done = runEpoch(epoch, row); !done)
            return failed(done);
        judgeTogether(row);
        rows_.push_back(row);
        keepBest(std::isnan(row.spiking) ? row.ann : row.spiking);
        if (hooks_.epoch)
            if (auto told = hooks_.epoch(rows_); !told)
                return failed(told);
        if (settings_.patience > 0 && row.epoch >= bestEpoch_ + settings_.patience)
            break;
    }
    return {};
}

void Trainer::keepBest(double score) {
    if (!(score > bestScore_) && !best_.empty())
        return;
    bestScore_ = score;
    bestEpoch_ = rows_.size();
    bestSigmas_ = network_.sigmas();
    best_.clear();
    for (const TrainedTensor &tensor : network_.tensors())
        best_.push_back(tensor.value.detach().clone());
}

void Trainer::restoreBest() {
    const at::NoGradGuard still;
    for (std::size_t i = 0; i < best_.size(); ++i)
        at::Tensor(network_.tensors()[i].value).copy_(best_[i]);
    if (!best_.empty())
        network_.sigmas() = bestSigmas_;
}

Checkpoint Trainer::checkpoint() const {
    Checkpoint all;
    for (std::size_t i = 0; i < network_.tensors().size(); ++i) {
        const TrainedTensor &tensor = network_.tensors()[i];
        all["now." + tensor.name] = doublesOf(tensor.value);
        if (!best_.empty())
            all["best." + tensor.name] = doublesOf(best_[i]);
    }
    for (const TrainedTensor &tensor : optimiser_.state())
        all["optimiser." + tensor.name] = doublesOf(tensor.value);
    all["best"] = {bestScore_, static_cast<double>(bestEpoch_)};
    all["best sigmas"] = bestSigmas_;
    std::vector<double> rows;
    for (const EpochRow &row : rows_) {
        rows.insert(rows.end(),
                    {row.rate, row.loss, row.ann, row.spiking, row.seconds, row.samplesPerSecond});
        rows.insert(rows.end(), row.sigmas.begin(), row.sigmas.end());
    }
    all["rows"] = rows;
    return all;
}

Result<void> Trainer::resume(const Checkpoint &checkpoint) {
    std::vector<at::Tensor> best;
    for (const TrainedTensor &tensor : network_.tensors()) {
        best.push_back(tensor.value.detach().clone());
        if (!adoptNumbers(tensor.value, checkpoint, "now." + tensor.name) ||
            !adoptNumbers(best.back(), checkpoint, "best." + tensor.name))
            return fail(ErrorCode::InvalidArgument,
                        "the checkpoint is of another network: '{}' does not fit", tensor.name);
    }
    for (const TrainedTensor &tensor : optimiser_.state())
        if (!adoptNumbers(tensor.value, checkpoint, "optimiser." + tensor.name))
            return fail(ErrorCode::InvalidArgument,
                        "the checkpoint is of another optimiser: '{}' does not fit", tensor.name);
    const std::size_t width = 6 + network_.spikingNodes();
    const auto rows = checkpoint.find("rows");
    const auto score = checkpoint.find("best");
    const auto sigmas = checkpoint.find("best sigmas");
    if (rows == checkpoint.end() || rows->second.empty() || rows->second.size() % width != 0 ||
        score == checkpoint.end() || score->second.size() != 2 || sigmas == checkpoint.end())
        return fail(ErrorCode::InvalidArgument, "the checkpoint holds no whole epoch");
    rows_.clear();
    for (auto at = rows->second.begin(); at != rows->second.end();
         at += static_cast<std::ptrdiff_t>(width))
        rows_.push_back({rows_.size() + 1,
                         at[0],
                         at[1],
                         at[2],
                         at[3],
                         at[4],
                         at[5],
                         {at + 6, at + static_cast<std::ptrdiff_t>(width)}});
    network_.sigmas() = rows_.back().sigmas;
    best_ = std::move(best);
    bestSigmas_ = sigmas->second;
    bestScore_ = score->second[0];
    bestEpoch_ = static_cast<std::size_t>(score->second[1]);
    return {};
}

}  // namespace fovea
