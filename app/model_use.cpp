// SPDX-License-Identifier: Apache-2.0
// Loading at one place, so that every program says the same about a bad file.
#include "app/model_use.h"

#include "app/exit_code.h"

#include <algorithm>

namespace fovea {

bool wantsModel(const Config &config) {
    const bool detects =
        config.detect.enabled && config.detect.detector.method == DetectionMethod::Snn;
    return detects || config.recon.method == ReconMethod::Snn ||
           std::any_of(
               config.display.views.begin(), config.display.views.end(),
               [](const ViewConfig &view) { return view.method == toString(ReconMethod::Snn); });
}

Result<void> prepareModel(Config &config) {
    if (!wantsModel(config))
        return {};
    Result<ModelPtr> model = config.model.get();
    if (!model)
        return tl::make_unexpected(
            model.error().code == ErrorCode::Usage ? model.error() : asInputError(model.error()));
    config.model.model = std::move(*model);
    config.recon.model = config.model;
    return {};
}

}  // namespace fovea
