// SPDX-License-Identifier: Apache-2.0
// Planes of a window to the network, its output to levels.
#include "engine/recon/snn_levels.h"

#include <algorithm>
#include <cmath>

namespace fovea {

Result<std::unique_ptr<LevelSource>> SnnLevels::make(const ModelUse &use, PlaneShape shape) {
    auto runner = NetworkRunner::make(use, shape);
    if (!runner)
        return failed(runner);
    const Model &model = (*runner)->model();
    if (model.form.output != StreamOutput::Picture)
        return fail(ErrorCode::Unsupported,
                    "{}: gives {}, not a picture: use it as detector (detect.method snn)",
                    model.name, toString(model.form.output));
    return std::unique_ptr<LevelSource>(new SnnLevels(std::move(*runner), shape));
}

PlaneReach SnnLevels::reachOf(const ModelUse &use) {
    if (!use.model)
        return {};
    const auto plan = planStream(use.model->form, use.settings);
    const std::uint32_t lag = use.model->form.lag;
    return plan ? PlaneReach{plan->window - 1 - lag, lag} : PlaneReach{};
}

SnnLevels::SnnLevels(std::unique_ptr<NetworkRunner> runner, PlaneShape shape)
    : LevelSource(shape), runner_(std::move(runner)) {
    const std::size_t planes =
        std::max(runner_->plan().window, runner_->model().form.planesPerStep());
    taken_.resize(planes * runner_->fit().takenWords());
    pointers_.reserve(planes);
}

void SnnLevels::take(std::size_t slot, const std::uint64_t *plane) {
    std::uint64_t *const target = taken_.data() + slot * runner_->fit().takenWords();
    runner_->fit().take(plane, target);
    pointers_.push_back(target);
}

/// False when there is no picture.
bool SnnLevels::decide(const PlaneWindow &window) {
    const std::size_t wanted = runner_->plan().window;
    const std::size_t end = window.key + 1 + runner_->model().form.lag;
    if (end < wanted || end > window.planes.size())
        return false;
    const auto planes = window.planes.subspan(end - wanted, wanted);
    if (std::find(planes.begin(), planes.end(), nullptr) != planes.end()) {
        ++skipped_;
        return false;
    }
    pointers_.clear();
    for (std::size_t i = 0; i < wanted; ++i)
        take(i, planes[i]);
    return runner_->decide(pointers_).has_value();
}

bool SnnLevels::follow(const PlaneWindow &window) {
    const std::uint64_t first = window.keyPlane - window.key;
    const std::uint32_t perStep = runner_->model().form.planesPerStep();
    if (!running_ || next_ < first || next_ > window.keyPlane + perStep) {
        runner_->reset();
        running_ = true;
        next_ = (first + perStep - 1) / perStep * perStep;
    }
    bool any = false;
    for (; next_ + perStep <= window.keyPlane + 1; next_ += perStep) {
        const auto planes = window.planes.subspan(next_ - first, perStep);
        if (std::find(planes.begin(), planes.end(), nullptr) != planes.end()) {
            runner_->reset();
            ++restarts_;
            any = false;
            continue;
        }
        pointers_.clear();
        for (std::size_t i = 0; i < perStep; ++i)
            take(i, planes[i]);
        if (!runner_->advance(pointers_))
            return false;
        any = true;
    }
    if (any)
        runner_->conclude();
    return !runner_->outputs().empty();
}

void SnnLevels::fill(const PlaneWindow &window, std::span<std::uint16_t> levels) {
    std::fill(levels.begin(), levels.end(), std::uint16_t{0});
    const bool made = runner_->model().form.kept ? follow(window) : decide(window);
    if (!made)
        return;
    end_ = window.keyPlane + 1 + runner_->model().form.lag;
    draw(levels);
}

void SnnLevels::draw(std::span<std::uint16_t> levels) const {
    for (std::size_t tile = 0; tile < runner_->fit().tiles().size(); ++tile)
        drawTile(tile, levels);
}

void SnnLevels::drawTile(std::size_t tile, std::span<std::uint16_t> levels) const {
    const FrameFit &fit = runner_->fit();
    const StreamForm &form = runner_->model().form;
    // Channel by channel, each holds one place of all blocks.
    const std::size_t block = form.block;
    const std::size_t perChannel = form.shape.pixels() / (block * block);
    const auto valueAt = [&](std::size_t row, std::size_t column) {
        const std::size_t channel = row % block * block + column % block;
        return channel * perChannel + row / block * (form.shape.width / block) + column / block;
    };
    const auto values = runner_->outputs().subspan(tile * form.shape.pixels(), form.shape.pixels());
    const FrameFit::Place place = fit.tiles()[tile];
    const bool resized = !fit.keepsSpikes();
    const std::uint32_t height = resized ? shape().height : form.shape.height;
    const std::uint32_t width = resized ? shape().width : form.shape.width;
    for (std::uint32_t y = 0; y < height; ++y)
        for (std::uint32_t x = 0; x < width; ++x) {
            const std::size_t row = std::size_t{y} * form.shape.height / height;
            const std::size_t column = std::size_t{x} * form.shape.width / width;
            const float level = form.gain * values[valueAt(row, column)] + form.offset;
            levels[std::size_t{place.y + y} * shape().width + place.x + x] =
                static_cast<std::uint16_t>(std::lround(std::clamp(level, 0.0F, 1.0F) * 65535.0F));
        }
}

NetworkReportPtr SnnLevels::network() const {
    auto report = std::make_shared<NetworkReport>();
    runner_->fill(*report);
    report->end = end_;
    report->begin = end_ - std::min<std::uint64_t>(end_, runner_->plan().window);
    report->skipped = skipped_;
    report->restarts = restarts_;
    return report;
}

}  // namespace fovea
