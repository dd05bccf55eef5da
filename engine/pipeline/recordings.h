// SPDX-License-Identifier: Apache-2.0
// What recordings are before they are played, and how new ones are made: given by the application.
#pragma once

#include "engine/core/spike_sink.h"
#include "engine/pipeline/config.h"
#include "engine/pipeline/preflight.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// Planes [begin, end) by number.
struct PlaneSpan {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    friend bool operator==(const PlaneSpan &, const PlaneSpan &) = default;
};

/// What a recording is.
struct RecordingLook {
    PlaneShape shape;
    std::uint64_t planes = 0;  ///< lost ones included
    double rateHz = 0;
    std::vector<PlaneSpan> gaps;  ///< planes that are missing, ascending
    std::vector<std::string> warnings;
    SpikeBlockPtr middle;  ///< planes from its middle, as many as were asked for; null when none

    [[nodiscard]] double seconds() const { return static_cast<double>(planes) / rateHz; }
};

/// A shape and format that a header-less file may have.
struct RecordingGuess {
    PlaneShape shape;
    std::string format;  ///< as SourceConfig::format
    std::uint64_t planes = 0;
};

/// Writes a recording; belongs to a Session once it is added to one.
struct Recorder {
    std::shared_ptr<SpikeSink> sink;
    /// Finished recordings, in order; ask when the Session says that the sink has finished.
    std::function<std::vector<std::filesystem::path>()> files;
    /// ", 3.20 GB, full in 2:07 h": ask from the thread that writes.
    std::function<std::string()> room;
};

/// Threads: any; the calls read files and may take long.
class RecordingShelf {
public:
    virtual ~RecordingShelf() = default;
    /// Looks into the file that `source` names and reads up to `middlePlanes` planes. Errors are
    /// those of opening it; ErrorCode::Usage when shape or format must be told.
    [[nodiscard]] virtual Result<RecordingLook> look(const SourceConfig &source,
                                                     std::uint32_t middlePlanes) = 0;
    /// Likeliest first; empty when no known camera fits.
    [[nodiscard]] virtual std::vector<RecordingGuess>
    guesses(const std::filesystem::path &file) = 0;
    /// The recordings in a folder and its folders, by name. ErrorCode::NoDevice when there is none.
    [[nodiscard]] virtual Result<std::vector<std::filesystem::path>>
    find(const std::filesystem::path &folder) = 0;
    /// What a recording of this source in `folder` needs, and what of link and room is known
    /// without measuring.
    [[nodiscard]] virtual PreflightInput budget(const Config &config, const SourceInfo &source,
                                                const std::filesystem::path &folder) = 0;
    /// Bytes a second that the disk of `folder` takes: writes there for a quarter of a second, and
    /// removes it. Errors are those of recording there.
    [[nodiscard]] virtual Result<double> diskSpeed(const std::filesystem::path &folder) = 0;
    /// Never overwrites: a name that is taken gets a number. Packs and splits as `config` says.
    [[nodiscard]] virtual Result<Recorder> recorder(const Config &config,
                                                    const std::filesystem::path &file,
                                                    const std::string &createdBy) = 0;
};

}  // namespace fovea
