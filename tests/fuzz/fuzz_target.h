// SPDX-License-Identifier: Apache-2.0
// What the fuzzer throws bytes at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace fovea::fuzz {

using Bytes = std::span<const std::uint8_t>;

/// A name of the table in targets.cpp and the function behind it, which must take any bytes.
struct Target {
    std::string_view name;
    void (*run)(Bytes bytes);
};
[[nodiscard]] std::span<const Target> targets();

/// Takes the first byte away; 0 when there is none.
[[nodiscard]] inline std::uint8_t takeByte(Bytes &bytes) {
    if (bytes.empty())
        return 0;
    const std::uint8_t first = bytes.front();
    bytes = bytes.subspan(1);
    return first;
}

[[nodiscard]] inline std::string_view asText(Bytes bytes) {
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// Writes the bytes to the file of this name in a folder of this process, which is removed at its
/// end.
[[nodiscard]] std::filesystem::path writeFile(std::string_view name, Bytes bytes);

// One function a target; each file beside the table holds those of one part of the program.
void rawRecording(Bytes bytes);
void headRecording(Bytes bytes);
void wireRecording(Bytes bytes);
void npzRecording(Bytes bytes);
void recordingWithSidecar(Bytes bytes);
void recordingIndex(Bytes bytes);
void packedRecording(Bytes bytes);
void sidecar(Bytes bytes);
void spikeCvConfig(Bytes bytes);
void motLabels(Bytes bytes);
void detectionLabels(Bytes bytes);
void usbFrames(Bytes bytes);
void wireBlocks(Bytes bytes);
void configuration(Bytes bytes);
void configurationField(Bytes bytes);
void eventFile(Bytes bytes);
void idxFile(Bytes bytes);
void nirNetwork(Bytes bytes);
void onnxNetwork(Bytes bytes);
void httpRequest(Bytes bytes);

}  // namespace fovea::fuzz
