// SPDX-License-Identifier: Apache-2.0
// How fast training steps are.
#pragma once

#include <string>

namespace fovea {

struct BenchSettings {
    bool json = false;
    std::string filter;
    int threads = 1;
    double seconds = 2;
};

/// A table, or one JSON object a line: name, shape, milliseconds of the best run, throughput.
[[nodiscard]] std::string benchTraining(const BenchSettings &settings);

}  // namespace fovea
