// SPDX-License-Identifier: Apache-2.0
// Which units the machine has.
#include "engine/snn/dense_kernels.h"

#include "engine/snn/amx_kernels.h"
#include "engine/snn/vector_products.h"

#include <algorithm>
#include <vector>

namespace fovea::dense {

namespace {

std::vector<Kernels> findKernels() {
    std::vector<Kernels> found;
    for (const auto &one : {amxKernels(), vnniKernels(), avx2Kernels()})
        if (one)
            found.push_back(*one);
    return found;
}

template <class Function> const Kernels *firstWith(Function Kernels::*multiply) {
    const auto all = kernels();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Kernels &one) { return one.*multiply != nullptr; });
    return found != all.end() ? &*found : nullptr;
}

}  // namespace

std::span<const Kernels> kernels() {
    static const std::vector<Kernels> all = findKernels();
    return all;
}

const Kernels *forBytes() {
    static const Kernels *const first = firstWith(&Kernels::multiplyBytes);
    return first;
}

const Kernels *forBfloats() {
    static const Kernels *const first = firstWith(&Kernels::multiplyBfloats);
    return first;
}

}  // namespace fovea::dense
