// SPDX-License-Identifier: Apache-2.0
// AMX is offered whole or not at all; its products are tested with those of all units.
#include "engine/snn/amx_kernels.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("tiles multiply both kinds of numbers", "[snn]") {
    const auto kernels = dense::amxKernels();
    if (!kernels) {
        SUCCEED("no AMX: its kernels are not tested");
        return;
    }
    CHECK(kernels->multiplyBytes != nullptr);
    CHECK(kernels->multiplyBfloats != nullptr);
    CHECK(kernels->spinBytes(2) == 2.0 * 4 * 16 * 16 * 64 * 2);
    CHECK(dense::forBytes()->name == kernels->name);
    CHECK(dense::forBfloats()->name == kernels->name);
}
