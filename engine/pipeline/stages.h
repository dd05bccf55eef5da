// SPDX-License-Identifier: Apache-2.0
// The engine's work on one block: noise, history, detection, tracking, pictures. No threads here.
#pragma once

#include "engine/core/frame_sink.h"
#include "engine/pipeline/config.h"
#include "engine/recon/plane_history.h"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace fovea {

/// All stages for one source shape and rate.
///
/// Results lie on a grid of absolute plane numbers, so they do not depend on how planes are cut
/// into blocks. Threads: one at a time.
class Stages {
public:
    /// Gets one result; `views` and `block` are empty.
    using ResultHandler = std::function<void(FrameResult)>;

    /// `pool`, if any, shares out the work; `backend`, if any, says where; both outlive this.
    [[nodiscard]] static Result<std::unique_ptr<Stages>> make(const Config &config,
                                                              PlaneShape shape, double planeRateHz,
                                                              TilePool *pool = nullptr,
                                                              Backend *backend = nullptr);

    /// New settings from now on; what did not change keeps its state. On error nothing changes.
    /// Pictures follow at once, also for the planes that are already here.
    [[nodiscard]] Result<void> configure(const Config &config);
    /// Takes the next block. Returns how many of its planes the noise took away.
    [[nodiscard]] Result<std::uint64_t> process(const SpikeBlockPtr &block,
                                                const ResultHandler &emit);
    /// Pictures of all views and the tracks that belong to them.
    [[nodiscard]] FrameResult display();
    /// True when there is a plane to show.
    [[nodiscard]] bool canDisplay() const { return !noisy_.empty(); }
    /// The plane that display() shows; needs canDisplay().
    [[nodiscard]] std::uint64_t shownPlane() const;
    /// What finds things was made anew and has seen no plane yet.
    [[nodiscard]] bool untried() const { return detection_.detector && seen_ == 0; }
    /// What finds things, if anything does, has seen enough planes since it was made or the stream
    /// jumped.
    [[nodiscard]] bool settled() const;
    /// One past the newest plane that was taken.
    [[nodiscard]] std::uint64_t endPlane() const { return expected_; }

    /// Planes that must follow a plane before it can be shown.
    [[nodiscard]] std::uint32_t lookAhead() const { return reach_.after; }
    /// Planes that the pictures need around the shown one.
    [[nodiscard]] const PlaneReach &reach() const { return reach_; }
    /// Planes that should be read before a plane so that pictures and boxes are as in the middle.
    [[nodiscard]] std::uint32_t preroll() const;
    /// What is injected now, empty when nothing.
    [[nodiscard]] const std::string &noiseTag() const { return noiseTag_; }

private:
    struct View {
        ViewConfig config;
        ReconSettings settings;
        std::unique_ptr<Reconstructor> reconstructor;
    };

    struct Views {
        std::vector<View> list;
        PlaneReach reach;
    };
    struct Detection {
        DetectConfig config;
        std::uint32_t every = 1;
        std::unique_ptr<Detector> detector;  ///< null when switched off
        std::unique_ptr<Tracker> tracker;
    };

    Stages(PlaneShape shape, double planeRateHz, TilePool *pool, Backend *backend)
        : shape_(shape), planeRateHz_(planeRateHz), pool_(pool), backend_(backend) {}
    [[nodiscard]] Result<Views> makeViews(const Config &config, const ModelUse &model) const;
    [[nodiscard]] Result<Detection> makeDetection(const DetectConfig &config,
                                                  const ModelUse &model) const;
    [[nodiscard]] std::uint32_t detectorPreroll() const;
    [[nodiscard]] Result<ModelUse> modelFor(const Config &config) const;
    void use(Views views);
    void use(Detection detection);
    void use(std::unique_ptr<NoiseChain> noise);
    void restart();
    /// The block with noise: itself when there is none.
    [[nodiscard]] SpikeBlockPtr disturb(const SpikeBlockPtr &block);
    [[nodiscard]] Result<void> detect(const SpikeBlock &block, const ResultHandler &emit);
    /// Results for all planes of `block` on the grid from `nextResult_` to `last`.
    void emitUpTo(std::uint64_t last, const SpikeBlock &block, const ResultHandler &emit);
    void showTracks(FrameResult &frame) const;

    const PlaneShape shape_;
    const double planeRateHz_;
    TilePool *const pool_;
    Backend *const backend_;
    PlaneReach reach_;
    std::vector<View> views_;

    std::unique_ptr<NoiseChain> noise_;
    std::string noiseTag_;
    std::shared_ptr<BlockPool> noisePool_;
    std::uint32_t noisePoolPlanes_ = 0;  ///< of one block

    Detection detection_;
    std::uint32_t nextId_ = 1;  ///< identities go on counting when detection is set anew
    ModelUse model_;            ///< of views and detection
    NetworkReportPtr network_;  ///< newest of the detector
    std::uint64_t seen_ = 0;    ///< planes that the detector saw since then
    std::uint64_t nextResult_ = 0;
    std::deque<TrackSet> shown_;  ///< newest results, for pictures that lag behind

    SpikeBlockPtr newest_;  ///< with noise
    PlaneHistory clean_{1};
    PlaneHistory noisy_{1};
    std::uint64_t expected_ = 0;  ///< plane that should come next
    std::uint32_t epoch_ = 0;
    bool begun_ = false;
};

}  // namespace fovea
