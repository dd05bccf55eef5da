// SPDX-License-Identifier: Apache-2.0
// From blocks to groups, from groups to regions, from regions to boxes.
#include "engine/detect/motion_detector.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

/// Slower cameras are treated as this one: see MotionSettings.
constexpr double slowestRate = 8000;

constexpr float calmGroups = 20;  ///< unchanged for so long: its rate is known

std::uint32_t planesFor(double seconds, double rate, double least, double most) {
    return static_cast<std::uint32_t>(std::clamp(std::round(seconds * rate), least, most));
}

ChangeModelSettings modelSettings(const MotionSettings &s, std::uint32_t groupPlanes, double rate) {
    const double groupsPerSecond = std::max(rate, slowestRate) / groupPlanes;
    const auto groups = [&](double seconds, double least) {
        return static_cast<float>(std::max(least, std::round(seconds * groupsPerSecond)));
    };
    ChangeModelSettings model;
    model.changeSigmas = s.changeSigmas;
    model.contrastSigmas = s.contrastSigmas;
    model.relativeFloor = s.relativeFloor;
    model.trustGroups = groups(s.trustSeconds, 8);
    model.absorbGroups = groups(s.absorbSeconds, 16);
    model.activeGroups = groups(s.activeSeconds, 2);
    model.recentGroups = groups(s.ghostSeconds, 8);
    model.planesPerGroup = static_cast<float>(groupPlanes);
    return model;
}

}  // namespace

MotionDetector::MotionDetector(const MotionSettings &settings, PlaneShape shape, double planeRateHz)
    : settings_(settings), shape_(shape),
      groupPlanes_(planesFor(settings.groupSeconds, planeRateHz, 4, CellCounter::maxPlanes)),
      counter_(shape), model_(counter_.grid(), modelSettings(settings, groupPlanes_, planeRateHz)),
      regions_(counter_.grid(), 2), calmRegions_(counter_.grid(), 1) {
    calm_.assign(counter_.grid().size(), 0);
    counts_.assign(counter_.grid().size(), 0);
    detections_.reserve(counter_.grid().size());
}

void MotionDetector::reset() {
    model_.reset();
    counter_.clear();
    started_ = false;
}

void MotionDetector::boxRegions() {
    detections_.clear();
    const auto regions = regions_.find(model_.marks());
    evidence_.assign(regions_.runs().size(), {});
    for (const CellRegions::Run &run : regions_.runs())
        weighRun(run, evidence_[run.parent]);
    for (const CellRegion &region : regions)
        addDetection(region);
    std::sort(detections_.begin(), detections_.end(),
              [](const Detection &a, const Detection &b) { return a.box.area() > b.box.area(); });
    if (detections_.size() > static_cast<std::size_t>(settings_.maxDetections))
        detections_.resize(static_cast<std::size_t>(settings_.maxDetections));
}

void MotionDetector::addDetection(const CellRegion &region) {
    if (region.moving < 3)
        return;
    const BorderEvidence &evidence = evidence_[region.label];
    const bool whole = evidence.object > 2 * evidence.ghost;
    const CellBox &cells = whole ? region.whole : region.sure;
    const auto area = static_cast<float>(4 * (whole ? region.cells : region.area));
    const auto w = static_cast<float>(std::min(2 * cells.x1, shape_.width) - 2 * cells.x0);
    const auto h = static_cast<float>(std::min(2 * cells.y1, shape_.height) - 2 * cells.y0);
    if (area < settings_.minArea || area < (whole ? 0.2F : 0.1F) * w * h || std::min(w, h) < 6)
        return;
    const Box box{static_cast<float>(2 * cells.x0), static_cast<float>(2 * cells.y0), w, h};
    detections_.push_back({box, std::min(1.0F, area / (area + 40.0F))});
}

/// Compares a foreground cell with a neighbour that is background: where something is, the rates of
/// the two differ and the backgrounds do not; where something was, it is the other way round.
void MotionDetector::weighBorder(std::size_t cell, std::size_t outside,
                                 BorderEvidence &evidence) const {
    if (model_.marks()[outside] != 0 || model_.age()[cell] < calmGroups) {
        evidence.moving += calm_[outside] == 0 ? 1 : 0;
        return;
    }
    const float contrast = std::abs(model_.rate()[cell] - model_.background()[cell]);
    const float now = std::abs(model_.rate()[cell] - model_.rate()[outside]);
    const float before = std::abs(model_.background()[cell] - model_.background()[outside]);
    if (before > 2 * now && before > 0.5F * contrast)
        ++evidence.ghost;
    else if (now > 2 * before && now > 0.5F * contrast)
        ++evidence.object;
}

void MotionDetector::weighRun(const CellRegions::Run &run, BorderEvidence &evidence) const {
    const CellGrid &grid = counter_.grid();
    if (run.begin > 0)
        weighBorder(grid.at(run.begin, run.y), grid.at(run.begin - 1, run.y), evidence);
    if (run.end < grid.width)
        weighBorder(grid.at(run.end - 1, run.y), grid.at(run.end, run.y), evidence);
    for (std::uint32_t x = run.begin; x < run.end; ++x) {
        const std::size_t cell = grid.at(x, run.y);
        if (run.y > 0)
            weighBorder(cell, cell - grid.stride, evidence);
        if (run.y + 1 < grid.height)
            weighBorder(cell, cell + grid.stride, evidence);
    }
}

/// Foreground that borders on the background as something that is gone joins the background, and so
/// does a region in which nothing changed for long. The border is looked at without what moves: a
/// thing that flies over the place of another must not hide that this one is gone.
void MotionDetector::dropGhosts() {
    constexpr std::uint64_t everyGroups = 8;
    constexpr std::uint32_t enough = 8;
    if (model_.groups() % everyGroups != 0)
        return;
    for (const CellRegion &region : regions_.found()) {
        BorderEvidence &evidence = evidence_[region.label];
        evidence.drop =
            region.recent == 0 || (50 * region.moving <= region.cells && evidence.ghost >= enough &&
                                   evidence.ghost > 6 * evidence.object);
    }
    absorbDropped(regions_);
    for (std::size_t i = 0; i < calm_.size(); ++i)
        calm_[i] = model_.age()[i] < calmGroups || (model_.marks()[i] & markTrusted) != 0
                       ? 0
                       : model_.marks()[i];
    const auto regions = calmRegions_.find(calm_);
    evidence_.assign(calmRegions_.runs().size(), {});
    for (const CellRegions::Run &run : calmRegions_.runs())
        weighRun(run, evidence_[run.parent]);
    for (const CellRegion &region : regions) {
        BorderEvidence &evidence = evidence_[region.label];
        evidence.drop = evidence.ghost >= enough && evidence.ghost > 6 * evidence.object &&
                        evidence.ghost > 3 * evidence.moving;
    }
    absorbDropped(calmRegions_);
}

void MotionDetector::absorbDropped(const CellRegions &regions) {
    for (const CellRegions::Run &run : regions.runs())
        if (evidence_[run.parent].drop)
            for (std::uint32_t x = run.begin; x < run.end; ++x)
                model_.absorb(counter_.grid().at(x, run.y));
}

void MotionDetector::finishGroup(const DetectionHandler &emit) {
    detections_.clear();
    if (2 * counter_.planes() > groupPlanes_) {
        counter_.cells(counts_);
        model_.update(counts_,
                      static_cast<float>(groupPlanes_) / static_cast<float>(counter_.planes()));
        if (model_.groups() > 4) {
            boxRegions();
            dropGhosts();
        }
        emit({next_ - 1, 0.85F * static_cast<float>(groupPlanes_), detections_, model_.marks(),
              counter_.grid().width, counter_.grid().height, counter_.grid().stride, 2,
              model_.rate()});
    } else {
        model_.skip(1);
    }
    counter_.clear();
}

/// Lets the time pass up to `plane`; groups that end before it are finished with what they have.
void MotionDetector::advanceTo(std::uint64_t plane, const DetectionHandler &emit) {
    const std::uint64_t first = (next_ / groupPlanes_ + 1) * groupPlanes_;
    const std::uint64_t last = plane / groupPlanes_ * groupPlanes_;
    if (last > first && next_ < plane) {
        next_ = first;
        finishGroup(emit);
        model_.skip(
            static_cast<float>(std::min<std::uint64_t>((last - first) / groupPlanes_, 60000)));
        next_ = last;
    }
    while (next_ < plane) {
        const std::uint64_t end = (next_ / groupPlanes_ + 1) * groupPlanes_;
        next_ = std::min(end, plane);
        if (next_ == end)
            finishGroup(emit);
    }
}

Result<void> MotionDetector::process(const SpikeBlock &block, const DetectionHandler &emit) {
    if (block.shape() != shape_)
        return fail(ErrorCode::InvalidArgument, "detector for {} planes was given {}",
                    toString(shape_), toString(block.shape()));
    if (block.empty())
        return {};
    if (started_ && block.firstPlane() < next_)
        reset();
    if (!started_)
        next_ = block.firstPlane();
    started_ = true;
    for (std::uint32_t i = 0; i < block.planeCount();) {
        advanceTo(block.planeNumber(i), emit);
        const bool whole = groupPlanes_ == 8 && next_ % 8 == 0 && i + 8 <= block.planeCount() &&
                           block.planeNumber(i + 7) == next_ + 7;
        if (whole) {
            std::array<const std::uint64_t *, 8> planes{};
            for (std::uint32_t k = 0; k < 8; ++k)
                planes[k] = block.plane(i + k);
            counter_.addEight(planes);
        } else {
            counter_.add(block.plane(i));
        }
        const std::uint32_t taken = whole ? 8 : 1;
        i += taken;
        next_ += taken;
        if (next_ % groupPlanes_ == 0)
            finishGroup(emit);
    }
    advanceTo(block.endPlane(), emit);
    return {};
}

}  // namespace fovea
