// SPDX-License-Identifier: Apache-2.0
// What is known about a recording besides its spikes: the sidecar `<name>.dat.yaml`.
#pragma once

#include "engine/core/counters.h"
#include "engine/core/error.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// How spikes lie in a file.
enum class FileFormat : std::uint8_t {
    Auto,         ///< find out (options), not stated (descriptor)
    Raw,          ///< continuous bits, no header: plane f begins at bit f * pixels
    RawWithHead,  ///< as Raw, but 16 header bits follow the pixels of every row
    M1k40,        ///< wire dump of the 1000x1000 camera: 64-byte blocks with line and channel ids
    Npz,          ///< NumPy archive with an array `spk` of planes x height x width zeros and ones
    Zstd,         ///< as Raw, packed by us block by block with zstd
};
/// "auto", "raw", "head", "m1k40", "npz", "zstd"
[[nodiscard]] std::string_view toString(FileFormat format);
/// The inverse; an unknown name is ErrorCode::Usage and lists the known ones.
[[nodiscard]] Result<FileFormat> parseFileFormat(std::string_view text);

/// Planes that are missing from a recording.
struct RecordingGap {
    std::uint64_t before = 0;  ///< how many stored planes precede it
    std::uint64_t planes = 0;  ///< its length, at least 1
    DropReason reason = DropReason::Link;

    friend bool operator==(const RecordingGap &, const RecordingGap &) = default;
};

/// Contents of a sidecar, or as much of it as SpikeCV's `config.yaml` says.
///
/// The keys filename, spike_w, spike_h, is_labeled, labeled_data_type and labeled_data_suffix are
/// SpikeCV's own, so that its `data_parameter_dict_cli(sidecar, dat, 'raw')` takes the sidecar.
struct Descriptor {
    static constexpr std::uint64_t maxPlanes = std::uint64_t{1} << 53;
    static constexpr double maxRateHz = 1e7;

    std::filesystem::path path;    ///< where it was read from; not written
    bool sidecar = false;          ///< ours (true) or SpikeCV's config.yaml (false); not written
    std::string name;              ///< `filename`: free text
    PlaneShape shape;              ///< `spike_w`, `spike_h`
    std::optional<double> rateHz;  ///< `rate_hz`: planes per second
    std::optional<bool> flip;      ///< `flip`: true = the bottom row is stored first
    FileFormat format = FileFormat::Auto;  ///< `format`
    std::optional<std::uint64_t> planes;   ///< `planes`: stored planes; unknown until closed
    std::uint64_t firstPlane = 0;          ///< `first_plane`: number the source gave the first one
    std::string device;
    std::string serial;
    std::string clock;      ///< what counts time: "planes" (number / rate), or the device's own
    std::string noise;      ///< tag of injected noise, empty when none
    std::string createdBy;  ///< `created_by`: program and version
    std::map<std::string, std::string> settings;  ///< of the device, free names
    bool closed = true;       ///< false: the writer was interrupted, or the disk took no more
    std::uint64_t part = 0;   ///< `part`: of a split recording, from 1; 0 when it is not split
    std::string partOf;       ///< `part_of`: name of the whole
    std::string recordingId;  ///< `recording_id`: the same in all parts of a split recording
    std::vector<RecordingGap> gaps;  ///< ascending `before`

    bool labeled = false;                 ///< `is_labeled`
    std::vector<std::string> labelTypes;  ///< `labeled_data_type`: "0" raw, "4" detection, ...
    std::string labelSuffix;              ///< `labeled_data_suffix`: "txt", "npy"
    std::string dataField;                ///< `data_field_identifier`
    std::string labelField;               ///< `label_field_identifier`
};

/// `<recording>.yaml`
[[nodiscard]] std::filesystem::path sidecarPath(const std::filesystem::path &recording);

/// Reads a sidecar. Unknown keys, wrong types and values out of range are errors of the form
/// "file:line: field: found ..., expected ...".
[[nodiscard]] Result<Descriptor> readSidecar(const std::filesystem::path &path);
/// The text of a sidecar. The gaps are its last section, one a line, so that a recorder can append
/// them as they happen. With `openGaps` the section is left open for that.
[[nodiscard]] std::string sidecarText(const Descriptor &descriptor, bool openGaps = false);
/// One line of the gap section: "- [before, planes, reason]".
[[nodiscard]] std::string sidecarGapLine(const RecordingGap &gap);

/// Reads a SpikeCV data set descriptor. Other keys are left alone.
[[nodiscard]] Result<Descriptor> readSpikeCvConfig(const std::filesystem::path &path);

/// The descriptor of a recording: its sidecar, else the nearest config.yaml with a `spike_w` or
/// `spike_h` in its folder or up to 8 folders above. Nothing when there is none.
[[nodiscard]] Result<std::optional<Descriptor>>
findDescriptor(const std::filesystem::path &recording);

}  // namespace fovea
