// SPDX-License-Identifier: Apache-2.0
// libFuzzer's two entry points: FOVEA_FUZZ names the target.
#include "tests/fuzz/fuzz_target.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

using namespace fovea::fuzz;

namespace {

void (*target)(Bytes) = nullptr;

const std::filesystem::path &folder() {
    static const std::filesystem::path made = [] {
        const auto path =
            std::filesystem::temp_directory_path() / ("fovea-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(path);
        std::atexit([] {
            std::error_code ignored;
            std::filesystem::remove_all(folder(), ignored);
        });
        return path;
    }();
    return made;
}

}  // namespace

std::filesystem::path fovea::fuzz::writeFile(std::string_view name, Bytes bytes) {
    const std::filesystem::path path = folder() / name;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char *>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    const char *name = std::getenv("FOVEA_FUZZ");
    for (const Target &one : targets())
        if (name != nullptr && one.name == name)
            target = one.run;
    if (target != nullptr)
        return 0;
    std::fprintf(stderr, "FOVEA_FUZZ is '%s', allowed:", name != nullptr ? name : "");
    for (const Target &one : targets())
        std::fprintf(stderr, " %s", one.name.data());
    std::fprintf(stderr, "\n");
    std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    target({data, size});
    return 0;
}
