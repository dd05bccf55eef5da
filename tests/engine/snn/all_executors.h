// SPDX-License-Identifier: Apache-2.0
// Every executor of this machine for one network.
#pragma once

#include "engine/snn/make_executor.h"

#include <catch2/catch.hpp>

namespace fovea::test {

/// The reference, the CPU's in fp32, and a graphics processor's where there is one that can.
inline std::vector<std::unique_ptr<Executor>> allExecutors(const Network &network,
                                                           std::size_t batch) {
    std::vector<std::unique_ptr<Executor>> all;
    for (const auto backend :
         {ExecutorBackend::Reference, ExecutorBackend::Cpu, ExecutorBackend::Cuda})
        if (auto made = makeExecutor(network, batch, {backend, Precision::Fp32, nullptr}))
            all.push_back(std::move(*made));
        else
            REQUIRE(backend == ExecutorBackend::Cuda);
    return all;
}

}  // namespace fovea::test
