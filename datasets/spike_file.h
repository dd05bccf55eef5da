// SPDX-License-Identifier: Apache-2.0
// Any spike recording as numbered planes with random access.
#pragma once

#include "datasets/descriptor.h"
#include "engine/core/spike_block.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace fovea {

/// What the caller knows better than the file and its descriptor. All may be left out.
struct SpikeFileOptions {
    std::optional<PlaneShape> shape;  ///< of the picture (400x250, also for rows with a header)
    std::optional<double> rateHz;     ///< planes per second
    std::optional<bool> flip;         ///< true = the bottom row is stored first
    FileFormat format = FileFormat::Auto;
    bool useDescriptor = true;  ///< look for a sidecar or config.yaml
    std::stop_token stop;       ///< ends opening and reading with Cancelled
};

/// What an open recording is.
///
/// Planes are numbered from 0; lost planes have numbers too, so `planes` counts them and
/// `storedPlanes` does not.
struct SpikeFileInfo {
    std::filesystem::path path;
    FileFormat format = FileFormat::Raw;  ///< never Auto
    PlaneShape shape;
    std::uint64_t planes = 0;
    std::uint64_t storedPlanes = 0;
    double rateHz = 0;
    bool rateAssumed = false;  ///< nobody stated the rate: 40 kHz is a guess
    bool flip = false;         ///< applied on reading: the planes read are in display orientation
    std::uint64_t fileBytes = 0;
    std::vector<RecordingGap> gaps;
    std::vector<std::string> warnings;     ///< odd but harmless, for people
    std::optional<Descriptor> descriptor;  ///< the one found, even when options overrule it
    std::optional<std::int64_t> label;     ///< class of the whole recording (npz)
    std::string labelName;                 ///< its name
    [[nodiscard]] double seconds() const { return static_cast<double>(planes) / rateHz; }
};

/// A shape and format that a header-less file may have.
struct ShapeGuess {
    PlaneShape shape;
    FileFormat format = FileFormat::Raw;
    std::uint64_t planes = 0;

    friend bool operator==(const ShapeGuess &, const ShapeGuess &) = default;
};
/// Shapes of known cameras of which `fileBytes` holds a whole number of planes, likeliest first.
[[nodiscard]] std::vector<ShapeGuess> guessShapes(std::uint64_t fileBytes);

/// Which row of a plane that is read comes first.
enum class RowOrder {
    Display,  ///< the top one
    Stored,   ///< the file's own: where SpikeFileInfo::flip is set the bottom one; read faster
};

/// Gives the stored planes of one file format, oldest first, without gaps.
///
/// Threads: any; reading is const.
class PlaneStore {
public:
    PlaneStore() = default;
    PlaneStore(const PlaneStore &) = delete;
    PlaneStore &operator=(const PlaneStore &) = delete;
    virtual ~PlaneStore() = default;
    /// Reads stored planes [first, first + count), which exist, to `words`, one every
    /// wordStride() words. Returns how many came before one that turned out to be damaged.
    [[nodiscard]] virtual Result<std::uint32_t>
    read(std::uint64_t first, std::uint32_t count, std::uint64_t *words, RowOrder order) const = 0;
    /// How many are missing from `plane` on, which read() refused.
    [[nodiscard]] virtual std::uint64_t missingFrom(std::uint64_t /*plane*/) const { return 1; }
};

/// An open recording.
///
/// Reads with pread, not mmap: a file that shrinks meanwhile gives an error instead of SIGBUS.
/// Threads: any; reading is const.
class SpikeFile {
public:
    /// The name of a split recording opens all its parts as one.
    /// Errors: NoDevice (no such file), Io (not readable), BadFile (not a recording, does not fit,
    /// lies), Usage (shape or format must be told, or contradicts the file). Nothing larger than
    /// the file plus 16 MiB is ever allocated.
    [[nodiscard]] static Result<SpikeFile> open(const std::filesystem::path &path,
                                                const SpikeFileOptions &options = {});

    [[nodiscard]] const SpikeFileInfo &info() const { return info_; }

    /// Fills `block` (begin() included; its shape must be the file's) with the planes and gaps of
    /// the numbers [firstPlane, endPlane), cut at the end of the file, until the block is full:
    /// go on at block.endPlane(). At or past the end the block stays empty.
    [[nodiscard]] Result<void> read(std::uint64_t firstPlane, std::uint64_t endPlane,
                                    SpikeBlock &block, std::uint32_t epoch = 0,
                                    RowOrder order = RowOrder::Display) const;

    /// Reads one plane to `words` (wordStride() of them, exactly). False when it was lost;
    /// InvalidArgument when the number is not in the file.
    [[nodiscard]] Result<bool> readPlane(std::uint64_t plane, std::span<std::uint64_t> words) const;

private:
    SpikeFile(SpikeFileInfo info, std::unique_ptr<PlaneStore> store);
    struct Place;
    [[nodiscard]] Place place(std::uint64_t plane) const;

    SpikeFileInfo info_;
    std::unique_ptr<PlaneStore> store_;
    std::vector<std::uint64_t> gapStart_;  ///< plane number at which gap i begins
};

}  // namespace fovea
