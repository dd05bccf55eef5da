// SPDX-License-Identifier: Apache-2.0
// Temporary folders, environment, whole-file reads.
#include "tests/support/files.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <unistd.h>

namespace fovea::test {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
    static std::atomic<int> counter{0};
    path_ = fs::temp_directory_path() /
            ("fovea-test-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    fs::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

static std::optional<fs::path> folder(const char *variable, const char *below) {
    const char *given = std::getenv(variable);
    fs::path path = given != nullptr ? fs::path(given) : fs::path(FOVEA_SHARED_DIR) / below;
    if (!fs::is_directory(path))
        return std::nullopt;
    return path;
}

std::optional<fs::path> goldenFolder() {
    return folder("FOVEA_GOLDEN_DIR", "golden");
}

std::optional<fs::path> dataFolder() {
    return folder("FOVEA_DATA_DIR", "data");
}

double slowness() {
    const char *given = std::getenv("FOVEA_TEST_SLOW");
    return given != nullptr ? std::max(1.0, std::atof(given)) : 1.0;
}

std::vector<unsigned char> readBytes(const fs::path &path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void writeBytes(const fs::path &path, const std::vector<unsigned char> &bytes) {
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char *>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

std::optional<std::vector<unsigned char>> readXz(const fs::path &path) {
    const std::string command = "xz -dc '" + path.string() + "' 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE *)> pipe(::popen(command.c_str(), "r"), ::pclose);
    if (!pipe)
        return std::nullopt;
    std::vector<unsigned char> bytes;
    unsigned char buffer[65536];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
        bytes.insert(bytes.end(), buffer, buffer + n);
    if (bytes.empty())
        return std::nullopt;
    return bytes;
}

}  // namespace fovea::test
