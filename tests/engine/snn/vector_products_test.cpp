// SPDX-License-Identifier: Apache-2.0
// What vectors are offered for; their products are tested with those of all units.
#include "engine/snn/vector_products.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("vectors multiply int8", "[snn]") {
    for (const auto &kernels : {dense::vnniKernels(), dense::avx2Kernels()}) {
        if (!kernels) {
            SUCCEED("no AVX-512 VNNI, or no AVX2: its kernels are not tested");
            continue;
        }
        CHECK(kernels->multiplyBytes != nullptr);
        CHECK(kernels->expandToBytes != nullptr);
        CHECK(kernels->spinBytes(1) > 0);
        CHECK((kernels->multiplyBfloats == nullptr || kernels->expandToBfloats != nullptr));
    }
}
