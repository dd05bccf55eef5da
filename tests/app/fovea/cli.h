// SPDX-License-Identifier: Apache-2.0
// What the tests of the command line share: the program, small recordings, files to look at.
#pragma once

#include "datasets/spike_file.h"
#include "datasets/spike_writer.h"
#include "engine/core/random.h"
#include "tests/support/files.h"
#include "tests/support/program.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fovea::test {

/// Runs the real program.
inline ProgramResult cli(const std::vector<std::string> &arguments,
                         const Program::Options &options = {}) {
    return runProgram(FOVEA_CLI, arguments, options);
}

inline std::string contents(const std::filesystem::path &path) {
    const std::vector<unsigned char> bytes = readBytes(path);
    return {bytes.begin(), bytes.end()};
}

inline std::size_t entries(const std::filesystem::path &folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                  std::filesystem::directory_iterator()));
}

inline std::size_t lines(const std::string &text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// One line that begins with "fovea: ", as every error is told.
inline bool isOneMessage(const std::string &err) {
    return err.rfind("fovea: ", 0) == 0 && lines(err) == 1;
}

/// A header-less recording of random bits, one in three a spike.
inline void writeRandomDat(const std::filesystem::path &path, PlaneShape shape,
                           std::uint64_t planes, std::uint64_t seed = 5) {
    std::vector<unsigned char> bytes((shape.pixels() * planes + 7) / 8);
    Random random(seed);
    for (std::uint64_t bit = 0; bit < shape.pixels() * planes; ++bit)
        if (random.below(3) == 0)
            bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] | (1U << (bit % 8)));
    writeBytes(path, bytes);
}

/// The recording data.dat of the golden set, if that is there.
inline std::optional<std::string> goldenInput(const std::string &name) {
    const auto folder = goldenFolder();
    if (!folder) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return std::nullopt;
    }
    const std::filesystem::path path = *folder / "spike" / "input" / name;
    REQUIRE(std::filesystem::exists(path));
    return path.string();
}

}  // namespace fovea::test
