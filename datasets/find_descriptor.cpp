// SPDX-License-Identifier: Apache-2.0
// Which descriptor belongs to a recording.
#include "datasets/descriptor.h"
#include "datasets/file_handle.h"

#include <system_error>

namespace fovea {

namespace fs = std::filesystem;

namespace {

constexpr int maxFoldersUp = 8;
constexpr std::size_t maxConfigBytes = 32 << 10;

// Other programs have a config.yaml too: only one that speaks of a spike camera counts.
bool describesSpikes(const fs::path &path) {
    const auto text = readText(path, maxConfigBytes);
    return text && (text->find("spike_w") != std::string::npos ||
                    text->find("spike_h") != std::string::npos);
}

}  // namespace

Result<std::optional<Descriptor>> findDescriptor(const fs::path &recording) {
    std::error_code error;
    const fs::path own = sidecarPath(recording);
    if (fs::exists(own, error)) {
        auto descriptor = readSidecar(own);
        if (!descriptor)
            return failed(descriptor);
        return std::optional(std::move(*descriptor));
    }
    fs::path folder = fs::absolute(recording, error).parent_path();
    for (int up = 0; up <= maxFoldersUp && !error; ++up, folder = folder.parent_path()) {
        const fs::path config = folder / "config.yaml";
        if (fs::is_regular_file(config, error) && describesSpikes(config)) {
            auto descriptor = readSpikeCvConfig(config);
            if (!descriptor)
                return failed(descriptor);
            return std::optional(std::move(*descriptor));
        }
        error.clear();
        if (folder == folder.root_path())
            break;
    }
    return std::optional<Descriptor>();
}

}  // namespace fovea
