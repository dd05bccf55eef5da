// SPDX-License-Identifier: Apache-2.0
// Names of recordings, their parts and what belongs to them.
#pragma once

#include "datasets/block_writer.h"
#include "datasets/descriptor.h"

#include <filesystem>
#include <string>
#include <vector>

namespace fovea {

/// What to do when the asked name is taken by a recording, a sidecar or an unfinished recording.
enum class IfExists : std::uint8_t {
    Refuse,
    NewName,  ///< "scene.dat" becomes "scene-1.dat", "scene-2.dat", ...
    Replace,  ///< when the new recording is complete; one that failed gets a new name
};

/// How many names NewName tries.
inline constexpr int mostNames = 100000;

/// While it is written: "scene.dat.part".
[[nodiscard]] std::filesystem::path unfinishedPath(const std::filesystem::path &path);
/// "scene.dat" -> "scene-3.dat", "scene.dat.zst" -> "scene-3.dat.zst"; 0 leaves it.
[[nodiscard]] std::filesystem::path numberedPath(const std::filesystem::path &path, int number);
/// Part `part` (from 1) of a split recording: "scene-001.dat".
[[nodiscard]] std::filesystem::path partPath(const std::filesystem::path &path, int part);
/// With ".zst" at the end when packed.
[[nodiscard]] std::filesystem::path packedPath(const std::filesystem::path &path, Packing packing);
/// The parts of a split recording that is called `path`, in order, finished or not. Some numbers
/// may be missing. Empty when there are none.
[[nodiscard]] std::vector<std::filesystem::path> findParts(const std::filesystem::path &path);

/// Why a recording cannot get this name; empty when it can.
[[nodiscard]] std::string nameRefusal(const std::filesystem::path &path, IfExists ifExists);
/// The same for a split recording: parts of another one, whatever their numbers, are in its way.
[[nodiscard]] std::string splitRefusal(const std::filesystem::path &path, IfExists ifExists);

/// Removes a recording with its sidecar and its index.
void removeRecording(const std::filesystem::path &path);
/// Writes a sidecar that must not exist (ErrorCode::InvalidArgument); nothing is left of one that
/// could not be written.
[[nodiscard]] Result<void> writeSidecar(const std::filesystem::path &path,
                                        const Descriptor &descriptor);
/// Gives the recording `from` the name `to` and `descriptor` as sidecar, in place of what has that
/// name: what has it goes in the same step, so there is always one of the two.
[[nodiscard]] Result<void> replaceRecording(const std::filesystem::path &from,
                                            const std::filesystem::path &to, Descriptor descriptor);

}  // namespace fovea
