// SPDX-License-Identifier: Apache-2.0
// Networks in NIR files (Neuromorphic Intermediate Representation, HDF5): our model format.
#pragma once

#include "engine/snn/network.h"

#include <filesystem>
#include <map>

namespace fovea {

/// NIR states neurons as differential equations; a network steps by forward Euler with time step
/// `dt` (seconds): decay = 1 - dt / tau, gain = r * dt / tau, drive = v_leak * dt / tau; IF and I:
/// gain = r * dt; CubaLIF's current: decay = 1 - dt / tau_syn, gain = w_in * dt / tau_syn.
struct NirModel {
    Network network;
    std::string version;  ///< of the file, empty when it names none
    double dt = 1e-4;
    /// Texts and numbers (as text) of the graph's metadata.
    std::map<std::string, std::string> metadata;
    std::vector<std::string> warnings;  ///< what was odd and how it was taken
};

/// The time step when neither caller nor file (metadata/dt) names one.
constexpr double defaultNirStep = 1e-4;

/// Lenient: scalar and per-channel parameters, fixed or variable strings, numbers of any type,
/// padding as text, missing bias, v_reset and version, unknown datasets (with a warning), several
/// edges into a node, recurrent edges and sub-graphs (their nodes get the name
/// "sub/node"). Not lenient about what cannot be: BadFile, naming file, object and reason; never
/// more memory than the file's size and 64 MiB. Spikes come above the threshold and the reset is
/// hard, as NIR defines, unless the node's metadata say otherwise. `dt`: overrides what the file
/// says.
[[nodiscard]] Result<NirModel> readNir(const std::filesystem::path &path,
                                       std::optional<double> dt = std::nullopt);

/// Strict: every parameter in full shape, in the reference writer's layout, readable by NIR's own
/// reader; what NIR has no words for (soft reset, firing at the threshold, initial potential, spike
/// size, gains per step) goes to the node's metadata, so that readNir() gives the network back as
/// it was (parameters of channels come back as those of neurons). Unsupported, naming the node, for
/// what other readers would run otherwise without a hint that they could heed: max pools,
/// transposed convolutions, upsampling, Concat, activations, Scale with an offset, one-sided
/// padding.
[[nodiscard]] Result<void> writeNir(const Network &network, const std::filesystem::path &path,
                                    double dt = defaultNirStep,
                                    const std::map<std::string, std::string> &metadata = {});

}  // namespace fovea
