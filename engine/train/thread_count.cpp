// SPDX-License-Identifier: Apache-2.0
// Both libraries are asked; OpenBLAS is one of several that may stand behind libtorch.
#include "engine/train/thread_count.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace fovea {

void setThreadCount(int threads) {
    at::set_num_threads(threads);
    using Set = void (*)(int);
    if (const auto set = reinterpret_cast<Set>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
        set(threads);
}

}  // namespace fovea
