// SPDX-License-Identifier: Apache-2.0
// Names of the choices.
#include "engine/snn/model_settings.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

constexpr std::array<std::string_view, 5> fits{"auto", "exact", "crop", "resize", "tiles"};

}  // namespace

std::string_view toString(ModelFit fit) {
    return fits[static_cast<std::size_t>(fit)];
}

Result<ModelFit> parseModelFit(std::string_view text) {
    const auto found = std::find(fits.begin(), fits.end(), text);
    if (found != fits.end())
        return static_cast<ModelFit>(found - fits.begin());
    return fail(ErrorCode::Usage, "model fit '{}': expected one of {}", text,
                fmt::join(fits, ", "));
}

Result<InferenceMode> readInferenceMode(std::string_view text) {
    if (const auto mode = parseInferenceMode(text))
        return *mode;
    return fail(ErrorCode::Usage, "model mode '{}': expected one of if, srp, cos", text);
}

}  // namespace fovea
