// SPDX-License-Identifier: Apache-2.0
// Temporary folders and the optional folders of recordings and golden outputs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fovea::test {

/// A new empty folder that is removed with everything in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;
    [[nodiscard]] const std::filesystem::path &path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string &name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// Golden outputs: $FOVEA_GOLDEN_DIR, or ../shared/golden beside the project. Nothing when absent.
[[nodiscard]] std::optional<std::filesystem::path> goldenFolder();
/// Recordings: $FOVEA_DATA_DIR, or ../shared/data beside the project. Nothing when absent.
[[nodiscard]] std::optional<std::filesystem::path> dataFolder();
/// 1, or $FOVEA_TEST_SLOW: what to multiply time limits by (3 under sanitizers).
[[nodiscard]] double slowness();

[[nodiscard]] std::vector<unsigned char> readBytes(const std::filesystem::path &path);
void writeBytes(const std::filesystem::path &path, const std::vector<unsigned char> &bytes);
/// Unpacks an .xz file through the xz program; nothing when that is not installed.
[[nodiscard]] std::optional<std::vector<unsigned char>> readXz(const std::filesystem::path &path);

}  // namespace fovea::test
