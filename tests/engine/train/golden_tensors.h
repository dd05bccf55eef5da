// SPDX-License-Identifier: Apache-2.0
// Goldens as tensors.
#pragma once

#include "tests/engine/snn/golden_json.h"

#include <ATen/ATen.h>

namespace fovea::test {

inline at::Tensor tensor(const nlohmann::json &json) {
    std::vector<std::int64_t> sides;
    for (const nlohmann::json *part = &json; part->is_array(); part = &part->at(0))
        sides.push_back(static_cast<std::int64_t>(part->size()));
    auto values = numbers(json);
    return at::from_blob(values.data(), sides, at::kFloat).clone();
}

inline at::Tensor labels(const nlohmann::json &json) {
    return tensor(json).to(at::kLong);
}

/// One that gathers gradients.
inline at::Tensor leaf(const nlohmann::json &json) {
    return tensor(json).requires_grad_(true);
}

inline double worst(const at::Tensor &found, const nlohmann::json &wanted) {
    const at::Tensor flat = found.detach().to(at::kFloat).contiguous();
    return worst(std::span(flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())),
                 numbers(wanted));
}

}  // namespace fovea::test
