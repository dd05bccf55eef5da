// SPDX-License-Identifier: Apache-2.0
// The golden manifest: which outputs of other programs ours must equal.
#pragma once

#include "engine/core/spike_block.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fovea::test {

/// A NumPy .npy array, C order. Values are converted to double on reading.
struct NpyArray {
    std::vector<std::size_t> shape;
    std::string dtype;                ///< "|u1", "<f4", ...
    std::vector<std::uint8_t> bytes;  ///< as stored
    [[nodiscard]] std::vector<double> values() const;
};
/// Throws std::runtime_error with the reason.
[[nodiscard]] NpyArray readNpy(const std::filesystem::path &path);

struct GoldenCase {
    std::string id;
    std::string algorithm;
    nlohmann::json json;          ///< the whole manifest entry
    std::filesystem::path input;  ///< full path, empty when the case names none
    std::filesystem::path file;   ///< full path of the expected array, empty when hash only
    PlaneShape shape;             ///< of the input, when the manifest lists it
};

/// All cases of spike/shared/manifest.json whose algorithm is in `algorithms` (all when empty).
/// Throws when the manifest or an input or a file that it names is missing. Call only when
/// goldenFolder() is there.
[[nodiscard]] std::vector<GoldenCase> goldenCases(const std::vector<std::string> &algorithms);

/// All planes of a header-less .dat (LSB first), one block, rows flipped when `flip`.
[[nodiscard]] SpikeBlock loadPlanes(const std::filesystem::path &path, PlaneShape shape, bool flip);

/// Lower-case hex SHA-256.
[[nodiscard]] std::string sha256(const std::uint8_t *bytes, std::size_t count);

}  // namespace fovea::test
