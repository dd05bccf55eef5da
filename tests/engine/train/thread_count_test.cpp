// SPDX-License-Identifier: Apache-2.0
// libtorch and its OpenBLAS compute with as many threads as were asked for.
#include "engine/train/thread_count.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <catch2/catch.hpp>
#include <dlfcn.h>

using namespace fovea;

TEST_CASE("the number of threads is that of libtorch and of OpenBLAS", "[train]") {
    using Get = int (*)();
    const auto get = reinterpret_cast<Get>(::dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
    if (get == nullptr)
        WARN("libtorch computes without OpenBLAS here");
    const int before = at::get_num_threads();
    for (const int threads : {1, 2}) {
        setThreadCount(threads);
        REQUIRE(at::get_num_threads() == threads);
        if (get != nullptr)
            REQUIRE(get() <= threads);
        const at::Tensor product = at::ones({64, 64}).mm(at::ones({64, 64}));
        REQUIRE(product.eq(64).all().item<bool>());
    }
    setThreadCount(before);
}
