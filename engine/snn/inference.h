// SPDX-License-Identifier: Apache-2.0
// Running a converted network in its modes: plain, SRP, COS.
#pragma once

#include "engine/snn/executor.h"

namespace fovea {

/// How a converted network (QCFS, or NQ-trained, which runs as If) is run.
enum class InferenceMode {
    If,   ///< step by step from theta / 2 (Bu et al., ICLR 2022)
    Srp,  ///< `calibration` steps, silence who ended at or below 0, then `steps` (AAAI 2023)
    Cos,  ///< `calibration` steps, shift the starts, the same window again (ICLR 2023)
};
[[nodiscard]] std::string_view toString(InferenceMode mode);
[[nodiscard]] std::optional<InferenceMode> parseInferenceMode(std::string_view name);

struct InferenceSettings {
    InferenceMode mode = InferenceMode::If;
    std::size_t steps = 4;
    std::size_t calibration = 4;  ///< tau of SRP, rho of COS
    std::size_t passes = 1;       ///< of COS
};

struct InferenceResult {
    std::vector<float> outputs;  ///< steps x batch x elements of output 0
    std::size_t totalSteps = 0;  ///< latency: calibration counted
};

/// Steps of input that a run takes: one input for each, or one input that stands for all.
[[nodiscard]] std::size_t inputSteps(const InferenceSettings &settings);

/// One run from the start; the state at its end is not kept. COS runs at least `calibration` steps,
/// as its probe is that long, and gives out the first `steps`; each of its passes counts as
/// calibration.
[[nodiscard]] Result<InferenceResult> infer(Executor &executor, std::span<const float> inputs,
                                            const InferenceSettings &settings);
/// The same for planes of spikes, see Executor::windowPlanes().
[[nodiscard]] Result<InferenceResult> infer(Executor &executor, PlanePointers planes,
                                            const InferenceSettings &settings);

}  // namespace fovea
