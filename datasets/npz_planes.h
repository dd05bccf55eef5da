// SPDX-License-Identifier: Apache-2.0
// NumPy archives of the UHSR data set: spk (planes x height x width zeros and ones), label,
// label_name.
#pragma once

#include "datasets/file_handle.h"
#include "datasets/spike_file.h"

namespace fovea {

/// A .npy header. Only what spikes and labels need is known.
struct NpyHeader {
    std::string type;  ///< "|u1", "<i8", "<U10"
    bool columnsFirst = false;
    std::vector<std::uint64_t> shape;
    std::size_t bytes = 0;  ///< length of the header: the data follow
};
/// `bytes` is the beginning of a member, at most 64 KiB; `name` is for messages.
[[nodiscard]] Result<NpyHeader> parseNpyHeader(std::string_view bytes, const std::string &name);

struct NpzRecording {
    PlaneShape shape;
    std::uint64_t planes = 0;
    std::optional<std::int64_t> label;
    std::string labelName;
    std::unique_ptr<PlaneStore> store;
};
/// Spikes of up to 32 MiB (unpacked) are read once, so that damage is found here; in larger ones it
/// is found when it is read.
[[nodiscard]] Result<NpzRecording> openNpz(FileHandle file, bool flip);

}  // namespace fovea
