// SPDX-License-Identifier: Apache-2.0
// From blocks to groups, from groups to regions, from regions to boxes.
#include "engine/detect/motion_detector.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

std::uint32_t planesFor(double seconds, double rate, double least, double most) {
    return static_cast<std::uint32_t>(std::clamp(std::round(seconds * rate), least, most));
}

ChangeModelSettings modelSettings(const MotionSettings &s, std::uint32_t groupPlanes, double rate) {
    const double groupsPerSecond = rate / groupPlanes;
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
      groupPlanes_(planesFor(settings.groupSeconds, planeRateHz, 1, CellCounter::maxPlanes)),
      counter_(shape), model_(counter_.grid(), modelSettings(settings, groupPlanes_, planeRateHz)),
      regions_(counter_.grid(), 2) {
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
    for (const CellRegion &region : regions_.find(model_.marks()))
        addDetection(region);
    std::sort(detections_.begin(), detections_.end(),
              [](const Detection &a, const Detection &b) { return a.box.area() > b.box.area(); });
    if (detections_.size() > static_cast<std::size_t>(settings_.maxDetections))
        detections_.resize(static_cast<std::size_t>(settings_.maxDetections));
}

void MotionDetector::addDetection(const CellRegion &region) {
    const auto area = static_cast<float>(4 * region.area);
    if (area < settings_.minArea || region.moving < 3)
        return;
    const auto w = static_cast<float>(std::min(2 * region.x1, shape_.width) - 2 * region.x0);
    const auto h = static_cast<float>(std::min(2 * region.y1, shape_.height) - 2 * region.y0);
    if (area < 0.2F * w * h || std::min(w, h) < 6)
        return;
    const Box box{static_cast<float>(2 * region.x0), static_cast<float>(2 * region.y0), w, h};
    detections_.push_back({box, std::min(1.0F, area / (area + 40.0F))});
}

/// A region in which nothing changed for long is where something was (or stopped): background.
void MotionDetector::dropGhosts() {
    constexpr std::uint64_t everyGroups = 8;
    if (model_.groups() % everyGroups != 0)
        return;
    for (const CellRegion &region : regions_.found()) {
        if (region.recent > 0)
            continue;
        for (const CellRegions::Run &run : regions_.runs())
            if (run.parent == region.label)
                for (std::uint32_t x = run.begin; x < run.end; ++x)
                    model_.absorb(counter_.grid().at(x, run.y));
    }
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
        emit({next_ - 1, static_cast<float>(groupPlanes_ - 1) / 2, detections_});
    } else {
        model_.skip(1);
    }
    counter_.clear();
}

/// Lets the time pass up to `plane`; groups that end before it are finished with what they have.
void MotionDetector::advanceTo(std::uint64_t plane, const DetectionHandler &emit) {
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
