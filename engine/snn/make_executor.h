// SPDX-License-Identifier: Apache-2.0
// The one place that says which executor runs a network.
#pragma once

#include "engine/core/tile_pool.h"
#include "engine/snn/executor.h"

#include <memory>

namespace fovea {

enum class ExecutorBackend : std::uint8_t {
    Auto,       ///< a graphics processor where there is one that can, else the CPU
    Cpu,        ///< the fast one
    Cuda,       ///< a graphics processor, or an error
    Reference,  ///< the oracle: slow, fp32 only
};
/// "auto", "cpu", "cuda", "reference".
[[nodiscard]] std::string_view toString(ExecutorBackend backend);
[[nodiscard]] Result<ExecutorBackend> parseExecutorBackend(std::string_view text);

struct ExecutorSettings {
    ExecutorBackend backend = ExecutorBackend::Auto;
    Precision precision = Precision::Fp32;
    TilePool *pool = nullptr;  ///< helpers of the CPU executor, which it does not outlive; or none
};

/// name() and precision() of what is given say what was chosen. The network outlives the executor.
/// NoDevice: `cuda` is not there; Unsupported: the backend does not have the precision.
[[nodiscard]] Result<std::unique_ptr<Executor>>
makeExecutor(const Network &network, std::size_t batch, const ExecutorSettings &settings = {});

}  // namespace fovea
