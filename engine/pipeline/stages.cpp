// SPDX-License-Identifier: Apache-2.0
// Noise, history, detection and pictures, block by block.
#include "engine/pipeline/stages.h"

#include "engine/track/box_geometry.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

std::uint32_t resultStep(const DetectConfig &detect, double planeRateHz) {
    if (detect.every > 0)
        return detect.every;
    return static_cast<std::uint32_t>(std::max(1.0, std::round(planeRateHz / 1000)));
}

// The first plane at or after `plane` that is not lost; the block's end when there is none.
std::uint64_t nextHeld(const SpikeBlock &block, std::uint64_t plane) {
    plane = std::max(plane, block.firstPlane());
    std::uint64_t lost = 0;
    for (const Gap &gap : block.gaps()) {
        const std::uint64_t begin = block.firstPlane() + gap.beforeIndex + lost;
        if (plane < begin)
            break;
        lost += gap.planes;
        plane = std::max(plane, begin + gap.planes);
    }
    return plane;
}

std::uint64_t roundUp(std::uint64_t plane, std::uint32_t step) {
    return (plane + step - 1) / step * step;
}

}  // namespace

Result<std::unique_ptr<Stages>> Stages::make(const Config &config, PlaneShape shape,
                                             double planeRateHz, TilePool *pool, Backend *backend) {
    std::unique_ptr<Stages> stages(new Stages(shape, planeRateHz, pool, backend));
    if (Result<void> done = stages->configure(config); !done)
        return failed(done);
    return stages;
}

Result<void> Stages::configure(const Config &config) {
    Result<ModelUse> model = modelFor(config);
    if (!model)
        return failed(model);
    const bool runsModel =
        config.detect.enabled && config.detect.detector.method == DetectionMethod::Snn;
    const bool newDetection =
        !noise_ || !(config.detect == detection_.config) || (runsModel && !(*model == model_));
    const bool newNoise = !noise_ || !(config.noise == noise_->settings());
    // All that can fail comes first: on an error nothing has changed.
    Result<Views> views = makeViews(config, *model);
    if (!views)
        return failed(views);
    Result<Detection> detection = newDetection ? makeDetection(config.detect, *model) : Detection{};
    if (!detection)
        return failed(detection);
    Result<std::unique_ptr<NoiseChain>> noise;
    if (newNoise)
        noise = NoiseChain::create(config.noise, shape_, backend_);
    if (!noise)
        return failed(noise);
    model_ = std::move(*model);
    use(std::move(*views));
    if (newDetection)
        use(std::move(*detection));
    if (newNoise)
        use(std::move(*noise));
    return {};
}

/// The model that is needed, loaded; what is loaded already stays.
Result<ModelUse> Stages::modelFor(const Config &config) const {
    ModelUse use = config.model;
    const bool detects =
        config.detect.enabled && config.detect.detector.method == DetectionMethod::Snn;
    const bool shows = std::any_of(
        config.display.views.begin(), config.display.views.end(),
        [](const ViewConfig &view) { return view.method == toString(ReconMethod::Snn); });
    if (!detects && !shows)
        return use;
    const bool sameFile = model_.model && use.settings.file == model_.settings.file;
    if (sameFile && (!use.model || use.model->written == model_.model->written))
        use.model = model_.model;
    Result<ModelPtr> loaded = use.get();
    if (!loaded)
        return failed(loaded);
    use.model = std::move(*loaded);
    return use;
}

Result<Stages::Views> Stages::makeViews(const Config &config, const ModelUse &model) const {
    Views views;
    for (const ViewConfig &wanted : config.display.views) {
        ReconSettings settings = config.recon;
        Result<ReconMethod> method = parseReconMethod(wanted.method);
        if (!method)
            return failed(method);
        settings.method = *method;
        settings.model = model;
        Result<std::unique_ptr<Reconstructor>> made = makeReconstructor(settings, shape_, backend_);
        if (!made)
            return failed(made);
        const PlaneReach wants = reachOf(settings);
        views.reach = {std::max(views.reach.before, wants.before),
                       std::max(views.reach.after, wants.after)};
        views.list.push_back({wanted, settings, std::move(*made)});
    }
    return views;
}

Result<Stages::Detection> Stages::makeDetection(const DetectConfig &config,
                                                const ModelUse &model) const {
    Detection made{config, resultStep(config, planeRateHz_), nullptr, nullptr};
    if (!config.enabled)
        return made;
    DetectorSettings settings = config.detector;
    settings.model = model;
    TrackerSettings tracking = config.tracker;
    if (settings.method == DetectionMethod::Snn)
        tracking.confirmPixels = 0;  // it also sees what stands still
    auto detector = makeDetector(settings, shape_, planeRateHz_, pool_, backend_);
    if (!detector)
        return failed(detector);
    made.detector = std::move(*detector);
    made.tracker = std::make_unique<Tracker>(tracking, shape_, planeRateHz_);
    return made;
}

void Stages::use(Views views) {
    views_ = std::move(views.list);
    reach_ = views.reach;
    const std::uint64_t planes = std::uint64_t{reach_.before} + reach_.after + 1;
    clean_.setPlanes(planes);
    noisy_.setPlanes(planes);
}

void Stages::use(Detection detection) {
    if (detection_.tracker)
        nextId_ = detection_.tracker->nextId();
    detection_ = std::move(detection);
    if (detection_.tracker)
        detection_.tracker->setNextId(nextId_);
    seen_ = 0;
    network_.reset();
    nextResult_ = roundUp(nextResult_, detection_.every);
    shown_.clear();
}

/// Pictures of the planes that are already here change, too.
void Stages::use(std::unique_ptr<NoiseChain> noise) {
    noise_ = std::move(noise);
    noiseTag_ = noise_->tag();
    if (!noise_->active())
        noisePool_.reset();
    noisy_.clear();
    for (const SpikeBlockPtr &block : clean_.blocks()) {
        newest_ = disturb(block);
        noisy_.push(newest_);
    }
}

std::uint32_t Stages::preroll() const {
    std::uint32_t planes = reach_.before + reach_.after + 1;
    if (detection_.detector)
        planes = std::max(planes, detectorPreroll());
    return planes;
}

std::uint32_t Stages::detectorPreroll() const {
    return 2 * detection_.detector->warmUpPlanes();
}

bool Stages::settled() const {
    return !detection_.detector || seen_ >= detectorPreroll();
}

void Stages::restart() {
    noise_->reset();
    if (detection_.detector) {
        detection_.detector->reset();
        detection_.tracker->reset();
    }
    network_.reset();
    seen_ = 0;
    shown_.clear();
    newest_.reset();
    clean_.clear();
    noisy_.clear();
}

Result<std::uint64_t> Stages::process(const SpikeBlockPtr &block, const ResultHandler &emit) {
    if (!begun_ || block->epoch() != epoch_ || block->firstPlane() < expected_) {
        restart();
        nextResult_ = roundUp(block->firstPlane(), detection_.every);
    }
    begun_ = true;
    epoch_ = block->epoch();
    expected_ = block->endPlane();
    newest_ = disturb(block);
    clean_.push(block);
    noisy_.push(newest_);
    if (Result<void> detected = detect(*newest_, emit); !detected)
        return failed(detected);
    return block->planeCount() - newest_->planeCount();
}

SpikeBlockPtr Stages::disturb(const SpikeBlockPtr &block) {
    constexpr std::size_t poolBlocks = 32;
    if (!noise_->active())
        return block;
    if (!noisePool_ || noisePoolPlanes_ < block->planeCount()) {
        noisePoolPlanes_ = block->capacity();
        noisePool_ = BlockPool::create(shape_, noisePoolPlanes_, poolBlocks);
    }
    std::shared_ptr<SpikeBlock> noisy = noisePool_->tryAcquire();
    if (!noisy)
        noisy = std::make_shared<SpikeBlock>(shape_, std::max(1U, block->planeCount()));
    noisy->copyFrom(*block);
    (void)noise_->apply(*noisy);
    return noisy;
}

Result<void> Stages::detect(const SpikeBlock &block, const ResultHandler &emit) {
    if (!detection_.detector)
        return {};
    seen_ += block.planeCount();
    const auto take = [&](const DetectionFrame &frame) {
        if (frame.plane > 0)
            emitUpTo(frame.plane - 1, block, emit);
        network_ = frame.network;
        detection_.tracker->update(frame.plane, frame.detections, frame.age,
                                   {frame.cells, frame.cellsWide, frame.cellsHigh, frame.cellStride,
                                    frame.cellSize, frame.rates});
    };
    if (Result<void> done = detection_.detector->process(block, take); !done)
        return done;
    if (block.spanned() > 0)
        emitUpTo(block.endPlane() - 1, block, emit);
    return {};
}

void Stages::emitUpTo(std::uint64_t last, const SpikeBlock &block, const ResultHandler &emit) {
    for (;;) {
        const std::uint64_t held = nextHeld(block, nextResult_);
        if (held != nextResult_) {
            nextResult_ = roundUp(held, detection_.every);
            if (nextResult_ < block.endPlane())
                continue;  // that one may be lost, too
        }
        if (nextResult_ > last || nextResult_ >= block.endPlane())
            return;
        FrameResult frame;
        frame.plane = nextResult_;
        frame.seconds = static_cast<double>(nextResult_) / planeRateHz_;
        frame.planeRateHz = planeRateHz_;
        frame.epoch = epoch_;
        frame.detected = true;
        frame.noise = noiseTag_;
        frame.network = network_;
        const std::span<const Track> tracks = detection_.tracker->predict(nextResult_);
        frame.tracks.assign(tracks.begin(), tracks.end());
        shown_.push_back({nextResult_, frame.tracks});
        while (shown_.size() > 2 && shown_[1].plane + reach_.after < nextResult_)
            shown_.pop_front();
        nextResult_ += detection_.every;
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

std::uint64_t Stages::shownPlane() const {
    const std::uint64_t newest = noisy_.end() - 1;
    // At the very beginning nothing has all its neighbours yet: show the first plane then.
    return std::max(noisy_.begin(), newest >= reach_.after ? newest - reach_.after : 0);
}

FrameResult Stages::display() {
    FrameResult frame;
    frame.plane = shownPlane();
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
        if (NetworkReportPtr report = view.reconstructor->network())
            frame.network = std::move(report);
    }
    if (!frame.network)
        frame.network = network_;
    showTracks(frame);
    frame.block = newest_;
    return frame;
}

}  // namespace fovea
