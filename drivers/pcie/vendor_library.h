// SPDX-License-Identifier: Apache-2.0
// The capture card's library, loaded when it is needed.
#pragma once

#include "drivers/pcie/jr6101.h"
#include "engine/core/error.h"

#include <memory>
#include <string>

namespace fovea {

/// The functions that the driver calls. Once loaded, a library stays for the life of the program:
/// nobody knows what threads of its own it has.
///
/// Threads: any, but one at a time is in the library.
struct VendorLibrary {
    /// `path`: a file, or a name that the system's loader looks for. NoDevice with the remedy: no
    /// such file, cannot be loaded, lacks a function.
    [[nodiscard]] static Result<std::shared_ptr<const VendorLibrary>> load(const std::string &path);

    std::string path;
    jr6101::DevOpen *open = nullptr;
    jr6101::DevClose *close = nullptr;
    jr6101::DevOpenCh *openChannel = nullptr;
    jr6101::DevCloseCh *closeChannel = nullptr;
    jr6101::DevMBRead *read = nullptr;
    jr6101::DevReadMBFree *giveBack = nullptr;
};

}  // namespace fovea
