// SPDX-License-Identifier: Apache-2.0
// Choosing.
#include "engine/snn/make_executor.h"

#include "engine/snn/cpu_executor.h"
#include "engine/snn/cuda_executor.h"
#include "engine/snn/reference_executor.h"

namespace fovea {

std::string_view toString(ExecutorBackend backend) {
    switch (backend) {
    case ExecutorBackend::Cpu:
        return "cpu";
    case ExecutorBackend::Cuda:
        return "cuda";
    case ExecutorBackend::Reference:
        return "reference";
    case ExecutorBackend::Auto:
        break;
    }
    return "auto";
}

Result<ExecutorBackend> parseExecutorBackend(std::string_view text) {
    using enum ExecutorBackend;
    for (const ExecutorBackend one : {Auto, Cpu, Cuda, Reference})
        if (text == toString(one))
            return one;
    return fail(ErrorCode::Usage, "backend '{}': expected auto, cpu, cuda or reference", text);
}

Result<std::unique_ptr<Executor>> makeExecutor(const Network &network, std::size_t batch,
                                               const ExecutorSettings &settings) {
    if (batch == 0)
        return fail(ErrorCode::InvalidArgument, "a batch of 0 samples: 1 or more");
    using enum ExecutorBackend;
    if (settings.backend == Cuda || settings.backend == Auto) {
        auto made = makeCudaExecutor(network, batch, settings.precision);
        if (made || settings.backend == Cuda)
            return made;
    }
    if (settings.backend != Reference)
        return std::make_unique<CpuExecutor>(network, batch, settings.precision, settings.pool);
    if (settings.precision != Precision::Fp32)
        return fail(ErrorCode::Unsupported, "the reference has precision fp32 only, not {}",
                    toString(settings.precision));
    return std::make_unique<ReferenceExecutor>(network, batch);
}

}  // namespace fovea
