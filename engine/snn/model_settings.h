// SPDX-License-Identifier: Apache-2.0
// How a network is run on a stream: everything that a person may choose.
#pragma once

#include "engine/snn/inference.h"
#include "engine/snn/make_executor.h"

#include <string>

namespace fovea {

/// How a network of one size meets a camera of another.
enum class ModelFit : std::uint8_t {
    Auto,    ///< as the model says, else Exact
    Exact,   ///< only the same size
    Crop,    ///< the middle of the picture
    Resize,  ///< the whole picture, every input pixel the mean of what it covers
    Tiles,   ///< side by side over the whole picture, the last ones overlapping
};
[[nodiscard]] std::string_view toString(ModelFit fit);
/// "auto", "exact", "crop", "resize" or "tiles".
[[nodiscard]] Result<ModelFit> parseModelFit(std::string_view text);

/// "if", "srp" or "cos".
[[nodiscard]] Result<InferenceMode> readInferenceMode(std::string_view text);

/// 0: as the model says.
struct ModelSettings {
    static constexpr std::uint32_t maxSteps = 4096;
    static constexpr std::uint32_t maxPlanes = 65536;

    std::string file;  ///< NIR; empty: no model
    InferenceMode mode = InferenceMode::If;
    std::uint32_t steps = 0;        ///< T
    std::uint32_t calibration = 4;  ///< tau of SRP, rho of COS, 1 to maxSteps
    std::uint32_t window = 0;       ///< planes that a network with pictures as input averages
    std::uint32_t hop = 0;          ///< planes between two decisions
    ModelFit fit = ModelFit::Auto;
    ExecutorBackend backend = ExecutorBackend::Auto;
    Precision precision = Precision::Fp32;

    friend bool operator==(const ModelSettings &, const ModelSettings &) = default;
};

}  // namespace fovea
