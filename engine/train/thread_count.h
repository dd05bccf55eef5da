// SPDX-License-Identifier: Apache-2.0
// How many threads libtorch computes with.
#pragma once

namespace fovea {

/// For libtorch and for the OpenBLAS behind it, which has threads of its own: on a busy machine
/// these spin while they wait for one another, and a step takes several times as long.
void setThreadCount(int threads);

}  // namespace fovea
