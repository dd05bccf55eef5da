// SPDX-License-Identifier: Apache-2.0
// Names of recordings, their parts and what belongs to them.
#pragma once

#include "datasets/block_writer.h"

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
/// Gives a finished recording the free name `to`, also in its sidecar, with its whole if it is a
/// part.
[[nodiscard]] Result<void> renameRecording(const std::filesystem::path &from,
                                           const std::filesystem::path &to,
                                           const std::string &partOf = {});

}  // namespace fovea
