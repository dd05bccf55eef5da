// SPDX-License-Identifier: Apache-2.0
// The "motion" method: count groups of planes, model rates, box what moves.
#pragma once

#include "engine/detect/cell_counter.h"
#include "engine/detect/cell_regions.h"
#include "engine/detect/change_model.h"
#include "engine/detect/detector.h"

#include <vector>

namespace fovea {

/// See Detector. A step is one group of planes (8 at 40 kHz); its boxes are where things were in
/// the middle of the group.
///
/// Threads: an instance belongs to one thread.
class MotionDetector final : public Detector {
public:
    MotionDetector(const MotionSettings &settings, PlaneShape shape, double planeRateHz);

    [[nodiscard]] std::string_view name() const override { return "motion"; }
    [[nodiscard]] std::uint32_t step() const override { return groupPlanes_; }
    [[nodiscard]] std::uint32_t warmUpPlanes() const override { return 4 * groupPlanes_; }
    void reset() override;
    [[nodiscard]] Result<void> process(const SpikeBlock &block,
                                       const DetectionHandler &emit) override;

    /// For diagnosis and tests.
    [[nodiscard]] const ChangeModel &model() const { return model_; }
    [[nodiscard]] const CellGrid &grid() const { return counter_.grid(); }

private:
    void finishGroup(const DetectionHandler &emit);
    void advanceTo(std::uint64_t plane, const DetectionHandler &emit);
    void boxRegions();
    void dropGhosts();
    void absorbDropped(const CellRegions &regions);
    struct BorderEvidence {
        std::uint32_t ghost = 0;
        std::uint32_t object = 0;
        std::uint32_t moving = 0;
        bool drop = false;
    };
    void weighBorder(std::size_t cell, std::size_t outside, BorderEvidence &evidence) const;
    void weighRun(const CellRegions::Run &run, BorderEvidence &evidence) const;
    void addDetection(const CellRegion &region);

    MotionSettings settings_;
    PlaneShape shape_;
    std::uint32_t groupPlanes_;
    CellCounter counter_;
    ChangeModel model_;
    CellRegions regions_;
    CellRegions calmRegions_;
    std::vector<std::uint8_t> calm_;  ///< the marks without what moves
    std::vector<std::uint8_t> counts_;
    std::vector<Detection> detections_;
    std::vector<BorderEvidence> evidence_;
    std::uint64_t next_ = 0;  ///< number of the next plane
    bool started_ = false;
};

}  // namespace fovea
