// SPDX-License-Identifier: Apache-2.0
// How a network meets a stream of planes: what goes in, what its output means.
#pragma once

#include "engine/core/plane_shape.h"
#include "engine/snn/model_settings.h"
#include "engine/snn/read_out.h"

#include <map>
#include <string>
#include <vector>

namespace fovea {

/// What one step of the network takes.
enum class StreamInput : std::uint8_t {
    Planes,   ///< spikes: one plane a channel, oldest first
    Counts,   ///< numbers of spikes: of `bin` planes a channel
    Picture,  ///< the mean rate over the window, the same in every step; one channel
    Window,   ///< spikes: one plane a channel, the same planes in every step
};
enum class StreamOutput : std::uint8_t {
    Classes,  ///< one value a class
    Picture,  ///< one value a pixel of the input, or channels that are its blocks of pixels
    Boxes,    ///< a grid of (score, x, y, width, height, classes...); see decodeBoxes()
};
[[nodiscard]] std::string_view toString(StreamInput input);
[[nodiscard]] std::string_view toString(StreamOutput output);

/// What the metadata of a NIR graph say (keys `stream_*`, see README), with defaults for the rest.
///
/// A value x of the input becomes (x - mean) / deviation. What comes out is read out over the steps
/// of a decision; Sum and Rate both give the mean of a step.
struct StreamForm {
    static constexpr std::uint32_t maxClasses = 1024;

    PlaneShape shape;  ///< of the input in pixels
    std::uint32_t channels = 1;
    StreamInput input = StreamInput::Planes;
    std::uint32_t bin = 1;     ///< planes a channel
    std::uint32_t steps = 8;   ///< of a decision, without calibration
    std::uint32_t window = 0;  ///< Picture: planes that are averaged; kept: planes to settle
    std::uint32_t hop = 0;     ///< planes between decisions, 0: as many as one takes in
    bool kept = false;         ///< the state goes on from decision to decision
    std::vector<float> mean{0};
    std::vector<float> deviation{1};  ///< one number, or one for each channel
    ModelFit fit = ModelFit::Exact;
    StreamOutput output = StreamOutput::Classes;
    ReadOutKind readOut = ReadOutKind::Sum;
    std::vector<std::string> classes;  ///< names; of Boxes those that follow the five numbers
    float gain = 1;                    ///< Picture: level = gain * value + offset, 0 to 1
    float offset = 0;
    std::uint32_t lag = 0;    ///< Picture: planes of the window behind the one it shows
    std::uint32_t block = 1;  ///< Picture: block x block channels are the pixels of a block
    float threshold = 0.5F;   ///< Boxes and tiles: score of what is told

    /// Planes that one step takes; of Picture none.
    [[nodiscard]] std::uint32_t planesPerStep() const {
        return input == StreamInput::Picture ? 0 : channels * bin;
    }
    /// Spikes can go in as they are.
    [[nodiscard]] bool takesSpikes() const;
};

/// Reads and checks; `name` is what messages call the model. BadFile names the key, what was found
/// and what is allowed; keys `stream_*` that nobody knows are refused.
[[nodiscard]] Result<StreamForm> readStreamForm(const Network &network,
                                                const std::map<std::string, std::string> &metadata,
                                                std::string_view name);

/// A form with a person's settings put in: what is really run.
struct StreamPlan {
    InferenceSettings inference;
    std::uint32_t inputSteps = 1;  ///< calibration counted
    std::uint32_t window = 1;      ///< planes that a decision takes in
    std::uint32_t hop = 1;
    ModelFit fit = ModelFit::Exact;
};
/// Usage names the setting.
[[nodiscard]] Result<StreamPlan> planStream(const StreamForm &form, const ModelSettings &settings);

}  // namespace fovea
