// SPDX-License-Identifier: Apache-2.0
// Runs a model on planes of a camera: one decision from a window, or step by step.
#pragma once

#include "engine/core/network_report.h"
#include "engine/snn/frame_fit.h"
#include "engine/snn/model.h"

namespace fovea {

/// Taken planes are what FrameFit::take() made of a camera's. Nothing here knows of lost planes:
/// see StreamRunner.
///
/// Threads: one at a time.
class NetworkRunner {
public:
    /// Errors of planStream(), FrameFit::make(), makeExecutor(). `pool`, if any, outlives it.
    [[nodiscard]] static Result<std::unique_ptr<NetworkRunner>>
    make(const ModelUse &use, PlaneShape camera, TilePool *pool = nullptr);

    [[nodiscard]] const Model &model() const { return *model_; }
    [[nodiscard]] const StreamPlan &plan() const { return plan_; }
    [[nodiscard]] const FrameFit &fit() const { return fit_; }

    /// One decision from the start; `window` holds plan().window taken planes, oldest first.
    [[nodiscard]] Result<void> decide(PlanePointers window);
    /// A kept state: one step more; `planes` are the form's planesPerStep().
    [[nodiscard]] Result<void> advance(PlanePointers planes);
    /// A kept state: the steps since the last call become a decision.
    void conclude();
    /// Forgets the state.
    void reset();

    /// tiles x values of one output, read out over the last decision's steps.
    [[nodiscard]] std::span<const float> outputs() const { return outputs_; }
    /// What the last decision saw and took; counters of loss and planes stay.
    void fill(NetworkReport &report) const;

private:
    NetworkRunner(ModelPtr model, StreamPlan plan, FrameFit fit,
                  std::unique_ptr<Executor> executor);
    [[nodiscard]] bool runsWhole() const;
    [[nodiscard]] Result<void> runSteps(PlanePointers window);
    [[nodiscard]] Result<void> runWhole(PlanePointers window);
    [[nodiscard]] Result<void> step(PlanePointers planes);
    /// Planes go in as they are, packed.
    [[nodiscard]] bool takesPlanes() const;
    /// Adds the tiles of a step's planes to `pointers_`.
    void point(PlanePointers planes);
    void gather(PlanePointers planes, std::span<float> input);
    void gatherPicture(PlanePointers window, std::span<float> input);
    void normalise(std::span<float> input) const;
    void countActivity();

    ModelPtr model_;
    StreamPlan plan_;
    FrameFit fit_;
    std::unique_ptr<Executor> executor_;
    ReadOut readOut_;
    std::vector<float> input_;
    std::vector<const std::uint64_t *> pointers_;
    std::vector<float> outputs_;
    std::uint64_t stepsSince_ = 0;        ///< the last decision
    std::vector<NodeActivity> before_;    ///< at the last decision of a kept state
    std::vector<NodeActivity> activity_;  ///< of the last decision
    double seconds_ = 0;
    double secondsSince_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t decisions_ = 0;
    std::uint64_t totalSynops_ = 0;
    double totalSeconds_ = 0;
    double totalEnergy_ = 0;
};

}  // namespace fovea
