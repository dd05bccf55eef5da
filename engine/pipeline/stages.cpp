// SPDX-License-Identifier: Apache-2.0
// Noise, history, detection and pictures, block by block.
#include "engine/pipeline/stages.h"

#include "engine/track/box_geometry.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

// Small blocks (slow play, single steps) are merged once so many lie in the history.
constexpr std::size_t maxRecentBlocks = 24;

std::uint32_t resultStep(const DetectConfig &detect, double planeRateHz) {
    if (detect.every > 0)
        return detect.every;
    return static_cast<std::uint32_t>(std::max(1.0, std::round(planeRateHz / 1000)));
}

// False for planes that lie in one of the block's gaps.
bool holds(const SpikeBlock &block, std::uint64_t plane) {
    std::uint64_t lost = 0;
    for (const Gap &gap : block.gaps()) {
        const std::uint64_t begin = block.firstPlane() + gap.beforeIndex + lost;
        if (plane < begin)
            break;
        if (plane < begin + gap.planes)
            return false;
        lost += gap.planes;
    }
    return plane >= block.firstPlane() && plane < block.endPlane();
}

}  // namespace

Stages::Stages(PlaneShape shape, double planeRateHz) : shape_(shape), planeRateHz_(planeRateHz) {}

Result<std::unique_ptr<Stages>> Stages::make(const Config &config, PlaneShape shape,
                                             double planeRateHz) {
    std::unique_ptr<Stages> stages(new Stages(shape, planeRateHz));
    if (Result<void> views = stages->makeViews(config); !views)
        return failed(views);
    if (Result<void> detection = stages->makeDetection(config); !detection)
        return failed(detection);
    if (Result<void> noise = stages->makeNoise(config); !noise)
        return failed(noise);
    return stages;
}

Result<void> Stages::configure(const Config &config) {
    if (Result<void> views = makeViews(config); !views)
        return views;
    if (!(config.detect == detectConfig_))
        if (Result<void> detection = makeDetection(config); !detection)
            return detection;
    if (!(config.noise == noise_->settings()))
        if (Result<void> noise = makeNoise(config); !noise)
            return noise;
    rebuildHistories();
    return {};
}

Result<void> Stages::makeViews(const Config &config) {
    std::vector<View> views;
    PlaneReach reach;
    for (const ViewConfig &wanted : config.display.views) {
        ReconSettings settings = config.recon;
        Result<ReconMethod> method = parseReconMethod(wanted.method);
        if (!method)
            return failed(method);
        settings.method = *method;
        Result<std::unique_ptr<Reconstructor>> made = makeReconstructor(settings, shape_);
        if (!made)
            return failed(made);
        const PlaneReach wants = reachOf(settings);
        reach = {std::max(reach.before, wants.before), std::max(reach.after, wants.after)};
        views.push_back({wanted, settings, std::move(*made)});
    }
    views_ = std::move(views);
    reach_ = reach;
    const std::uint64_t planes = std::uint64_t{reach.before} + reach.after + 1;
    clean_.setPlanes(planes);
    noisy_.setPlanes(planes);
    return {};
}

Result<void> Stages::makeDetection(const Config &config) {
    std::unique_ptr<Detector> detector;
    std::unique_ptr<Tracker> tracker;
    if (config.detect.enabled) {
        auto made = makeDetector(config.detect.detector, shape_, planeRateHz_);
        if (!made)
            return failed(made);
        detector = std::move(*made);
        tracker = std::make_unique<Tracker>(config.detect.tracker, shape_, planeRateHz_);
    }
    detector_ = std::move(detector);
    tracker_ = std::move(tracker);
    detectConfig_ = config.detect;
    every_ = resultStep(config.detect, planeRateHz_);
    shown_.clear();
    return {};
}

Result<void> Stages::makeNoise(const Config &config) {
    Result<std::unique_ptr<NoiseChain>> noise = NoiseChain::create(config.noise, shape_);
    if (!noise)
        return failed(noise);
    noise_ = std::move(*noise);
    noiseTag_ = noise_->tag();
    if (!noise_->active())
        noisePool_.reset();
    return {};
}

std::uint32_t Stages::preroll() const {
    std::uint32_t planes = reach_.before + reach_.after + 1;
    if (detector_)
        planes = std::max(planes, 2 * detector_->warmUpPlanes());
    return planes;
}

void Stages::restart() {
    noise_->reset();
    if (detector_)
        detector_->reset();
    if (tracker_)
        tracker_->reset();
    shown_.clear();
    recent_.clear();
    newest_.reset();
    clean_.clear();
    noisy_.clear();
}

Result<std::uint64_t> Stages::process(const SpikeBlockPtr &block, const ResultHandler &emit) {
    if (!begun_ || block->epoch() != epoch_ || block->firstPlane() < expected_) {
        restart();
        nextResult_ = (block->firstPlane() + every_ - 1) / every_ * every_;
    }
    begun_ = true;
    epoch_ = block->epoch();
    expected_ = block->endPlane();
    const SpikeBlockPtr noisy = disturb(block);
    remember(block, noisy);
    if (Result<void> detected = detect(*noisy, emit); !detected)
        return failed(detected);
    return block->planeCount() - noisy->planeCount();
}

SpikeBlockPtr Stages::disturb(const SpikeBlockPtr &block) {
    if (!noise_->active())
        return block;
    if (!noisePool_)
        noisePool_ = BlockPool::create(shape_, block->capacity(), maxRecentBlocks + 8);
    std::shared_ptr<SpikeBlock> noisy = noisePool_->tryAcquire();
    if (!noisy || noisy->capacity() < block->planeCount())
        noisy = std::make_shared<SpikeBlock>(shape_, std::max(1U, block->planeCount()));
    noisy->copyFrom(*block);
    (void)noise_->apply(*noisy);
    return noisy;
}

void Stages::remember(const SpikeBlockPtr &block, const SpikeBlockPtr &noisy) {
    const std::uint64_t wanted = std::uint64_t{reach_.before} + reach_.after + 1;
    recent_.push_back(block);
    while (recent_.size() > 1 && recent_[1]->firstPlane() + wanted <= expected_)
        recent_.pop_front();
    clean_.push(block);
    noisy_.push(noisy);
    newest_ = noisy;
    if (recent_.size() > maxRecentBlocks)
        compact();
}

// Slow play gives blocks of single planes: each would pin a whole pool block.
void Stages::compact() {
    std::uint32_t planes = 0;
    for (const SpikeBlockPtr &block : recent_)
        planes += block->planeCount();
    auto merged = std::make_shared<SpikeBlock>(shape_, planes);
    merged->begin(recent_.front()->firstPlane(), planeRateHz_, epoch_);
    std::uint64_t next = recent_.front()->firstPlane();
    for (const SpikeBlockPtr &block : recent_) {
        for (std::uint32_t i = 0; i < block->planeCount(); ++i) {
            const std::uint64_t number = block->planeNumber(i);
            merged->appendGap(number - next, DropReason::Link);
            std::copy_n(block->plane(i), shape_.wordStride(), merged->append());
            next = number + 1;
        }
    }
    merged->appendGap(expected_ - next, DropReason::Link);
    recent_.assign(1, merged);
    rebuildHistories();
}

void Stages::rebuildHistories() {
    noise_->reset();
    clean_.clear();
    noisy_.clear();
    for (const SpikeBlockPtr &block : recent_) {
        clean_.push(block);
        newest_ = disturb(block);
        noisy_.push(newest_);
    }
}

Result<void> Stages::detect(const SpikeBlock &block, const ResultHandler &emit) {
    if (detector_) {
        Result<void> done = detector_->process(block, [&](const DetectionFrame &frame) {
            if (frame.plane > 0)
                emitUpTo(frame.plane - 1, block, emit);
            tracker_->update(frame.plane, frame.detections, frame.age,
                             {frame.cells, frame.cellsWide, frame.cellsHigh, frame.cellStride,
                              frame.cellSize, frame.rates});
        });
        if (!done)
            return done;
    }
    if (block.spanned() > 0)
        emitUpTo(block.endPlane() - 1, block, emit);
    return {};
}

void Stages::emitUpTo(std::uint64_t last, const SpikeBlock &block, const ResultHandler &emit) {
    if (!detector_) {
        nextResult_ = (last / every_ + 1) * every_;
        return;
    }
    if (nextResult_ < block.firstPlane())
        nextResult_ = (block.firstPlane() + every_ - 1) / every_ * every_;
    for (; nextResult_ <= last; nextResult_ += every_) {
        if (!holds(block, nextResult_))
            continue;
        FrameResult frame;
        frame.plane = nextResult_;
        frame.seconds = static_cast<double>(nextResult_) / planeRateHz_;
        frame.planeRateHz = planeRateHz_;
        frame.epoch = epoch_;
        frame.detected = true;
        frame.noise = noiseTag_;
        const std::span<const Track> tracks = tracker_->predict(nextResult_);
        frame.tracks.assign(tracks.begin(), tracks.end());
        shown_.push_back({nextResult_, frame.tracks});
        while (shown_.size() > 2 && shown_[1].plane + reach_.after < nextResult_)
            shown_.pop_front();
        emit(std::move(frame));
    }
}

void Stages::showTracks(FrameResult &frame) const {
    const auto later = std::find_if(shown_.begin(), shown_.end(),
                                    [&](const TrackSet &set) { return set.plane > frame.plane; });
    if (later == shown_.begin())
        return;
    const TrackSet &set = *std::prev(later);
    const auto lag = static_cast<float>(frame.plane - set.plane);
    frame.detected = true;
    frame.tracks = set.tracks;
    for (Track &track : frame.tracks) {
        track.box.x += lag * track.vx;
        track.box.y += lag * track.vy;
        track.box = clipped(track.box, shape_);
    }
}

FrameResult Stages::display() {
    FrameResult frame;
    const std::uint64_t newest = noisy_.end() - 1;
    // At the very beginning nothing has all its neighbours yet: show the first plane then.
    frame.plane = std::max(noisy_.begin(), newest >= reach_.after ? newest - reach_.after : 0);
    frame.seconds = static_cast<double>(frame.plane) / planeRateHz_;
    frame.planeRateHz = planeRateHz_;
    frame.epoch = epoch_;
    frame.noise = noiseTag_;
    for (View &view : views_) {
        PlaneHistory &history = view.config.clean ? clean_ : noisy_;
        ViewPicture shown{view.config.method, view.config.clean, {shape_, frame.plane, {}}};
        shown.picture.grey.resize(shape_.pixels());
        const PlaneWindow window = history.around(frame.plane, reachOf(view.settings));
        if (view.reconstructor->reconstruct(window, shown.picture.grey))
            frame.views.push_back(std::move(shown));
    }
    showTracks(frame);
    frame.block = newest_;
    return frame;
}

}  // namespace fovea
