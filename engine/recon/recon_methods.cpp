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
constexpr std::array modeOnly{ReconParameter::Mode};

constexpr std::array table{
    ReconMethodInfo{ReconMethod::Raw, "raw", "Raw spikes", "the spikes of one plane", {}},
    ReconMethodInfo{ReconMethod::Tfp, "tfp", "Rate (TFP)", "mean spike rate in a window of planes",
                    windowOnly},
    ReconMethodInfo{ReconMethod::Tfi, "tfi", "Interval (TFI)",
                    "brightness from the interval between two spikes", interval},
    ReconMethodInfo{ReconMethod::Tfstp, "tfstp", "Plasticity (TFSTP)",
                    "rate that a synapse with short-term plasticity has seen, equalised",
                    plasticity},
    ReconMethodInfo{ReconMethod::Stability, "stability", "Stable interval",
                    "mean interval over the time in which light was stable", modeOnly},
    ReconMethodInfo{ReconMethod::Adaptive, "adaptive", "Adaptive",
                    "rate or interval, pixel by pixel as motion and noise allow", modeOnly},
    ReconMethodInfo{ReconMethod::Snn,
                    "snn",
                    "Spiking network (SNN)",
                    "picture that the loaded network makes of the spikes",
                    {}},
};

}  // namespace

bool ReconMethodInfo::reads(ReconParameter parameter) const {
    return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

std::span<const ReconMethodInfo> reconMethods() {
    return table;
}

const std::string &reconMethodNames() {
    static const std::string names = [] {
        std::string list;
        for (const ReconMethodInfo &info : table)
            list += fmt::format("{}{}", list.empty() ? "" : ", ", info.name);
        return list;
    }();
    return names;
}

const ReconMethodInfo &infoOf(ReconMethod method) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const ReconMethodInfo &info) {
        return info.method == method;
    });
    return found != table.end() ? *found : table.front();
}

}  // namespace fovea
