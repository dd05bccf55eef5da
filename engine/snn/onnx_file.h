// SPDX-License-Identifier: Apache-2.0
// ANNs in ONNX files: what a spiking network is converted from.
#pragma once

#include "engine/snn/network.h"

#include <filesystem>

namespace fovea {

struct OnnxModel {
    Network network;       ///< an ANN: Activations, no neurons
    std::string producer;  ///< program and version, empty when the file names none
    std::int64_t opset = 0;
    std::vector<std::string> warnings;  ///< what was left out
};

/// Reads a network with one input (batch first) whose other sides are fixed. Shape arithmetic is
/// computed while reading; batch normalisations become Scale layers; chains of simple arithmetic
/// become Scale, ReLU or QCFS layers, see ElementwiseChain. Numbers may lie in files beside the
/// model, in its folder or below. BadFile or Unsupported names file and node, and for an unknown
/// operator those that are supported; never more memory than the size of the files and 64 MiB.
[[nodiscard]] Result<OnnxModel> readOnnx(const std::filesystem::path &path);

}  // namespace fovea
