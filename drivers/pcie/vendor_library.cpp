// SPDX-License-Identifier: Apache-2.0
// dlopen, and what to say when it does not work.
#include "drivers/pcie/vendor_library.h"

#include <dlfcn.h>
#include <filesystem>

namespace fovea {

Result<std::shared_ptr<const VendorLibrary>> VendorLibrary::load(const std::string &path) {
    std::error_code ignored;
    if (path.find('/') != std::string::npos && !std::filesystem::exists(path, ignored))
        return fail(ErrorCode::NoDevice,
                    "pcie: source.pcie_library: {}: no such file; it comes with the capture card",
                    path);
    void *handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return fail(ErrorCode::NoDevice,
                    "pcie: the capture card's library cannot be loaded: {}; source.pcie_library "
                    "is '{}', allowed: its path, or its name where the system finds it",
                    ::dlerror(), path);
    auto library = std::make_shared<VendorLibrary>();
    library->path = path;
    const char *missing = nullptr;
    const auto find = [&](auto *&function, const char *name) {
        using Function = std::remove_reference_t<decltype(function)>;
        function = reinterpret_cast<Function>(::dlsym(handle, name));
        if (function == nullptr)
            missing = name;
    };
    find(library->open, "DevOpen");
    find(library->close, "DevClose");
    find(library->openChannel, "DevOpenCh");
    find(library->closeChannel, "DevCloseCh");
    find(library->read, "DevMBRead");
    find(library->giveBack, "DevReadMBFree");
    ::dlclose(handle);
    if (missing != nullptr)
        return fail(ErrorCode::NoDevice,
                    "pcie: source.pcie_library: {} has no function {}: it is another library, or "
                    "one of another version",
                    path, missing);
    return library;
}

}  // namespace fovea
