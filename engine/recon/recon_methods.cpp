// SPDX-License-Identifier: Apache-2.0
// The one table of reconstruction methods.
#include "engine/recon/recon_methods.h"

#include <algorithm>
#include <array>

namespace fovea {
namespace {

constexpr std::array windowOnly{ReconParameter::Window};
constexpr std::array interval{ReconParameter::Convention, ReconParameter::Reach};
constexpr std::array plasticity{ReconParameter::Form, ReconParameter::History};

constexpr std::array table{
    ReconMethodInfo{ReconMethod::Raw, "raw", "Raw spikes", "the spikes of one plane", {}},
    ReconMethodInfo{ReconMethod::Tfp, "tfp", "Rate (TFP)", "mean spike rate in a window of planes",
                    windowOnly},
    ReconMethodInfo{ReconMethod::Tfi, "tfi", "Interval (TFI)",
                    "brightness from the interval between two spikes", interval},
    ReconMethodInfo{ReconMethod::Tfstp, "tfstp", "Plasticity (TFSTP)",
                    "rate that a synapse with short-term plasticity has seen, equalised",
                    plasticity},
};

}  // namespace

bool ReconMethodInfo::reads(ReconParameter parameter) const {
    return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

std::span<const ReconMethodInfo> reconMethods() {
    return table;
}

const ReconMethodInfo &infoOf(ReconMethod method) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const ReconMethodInfo &info) {
        return info.method == method;
    });
    return found != table.end() ? *found : table.front();
}

}  // namespace fovea
