// SPDX-License-Identifier: Apache-2.0
// Which descriptor and which labels belong to a recording.
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

std::optional<fs::path> labelIn(const fs::path &folder, const fs::path &stem,
                                const std::string &suffix) {
    for (const char *tail : {"", "_gt"}) {
        const fs::path path = folder / (stem.native() + tail + "." + suffix);
        std::error_code ignored;
        if (fs::is_regular_file(path, ignored))
            return path;
    }
    return std::nullopt;
}

// The path with its last component `from` replaced by `to`.
fs::path replaced(const fs::path &path, const std::string &from, const std::string &to) {
    fs::path result;
    auto last = path.end();
    for (auto part = path.begin(); part != path.end(); ++part)
        if (*part == from)
            last = part;
    for (auto part = path.begin(); part != path.end(); ++part)
        result /= part == last ? fs::path(to) : *part;
    return result;
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

std::optional<fs::path> findLabels(const fs::path &recording, const Descriptor *descriptor) {
    const bool told = descriptor != nullptr;
    const std::string suffix =
        told && !descriptor->labelSuffix.empty() ? descriptor->labelSuffix : "txt";
    std::error_code error;
    const fs::path path = fs::absolute(recording, error);
    if (error)
        return std::nullopt;
    if (told && !descriptor->dataField.empty() && !descriptor->labelField.empty()) {
        const fs::path folder =
            replaced(path.parent_path(), descriptor->dataField, descriptor->labelField);
        if (auto found = labelIn(folder, path.stem(), suffix))
            return found;
    }
    return labelIn(path.parent_path(), path.stem(), suffix);
}

}  // namespace fovea
