// SPDX-License-Identifier: Apache-2.0
// Writes recordings: a header-less .dat and its sidecar.
#pragma once

#include "datasets/descriptor.h"
#include "datasets/recording_names.h"
#include "engine/core/spike_block.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace fovea {

/// Writes one recording. Nothing is ever overwritten unless Replace is asked for.
///
/// Until close() the recording is `<name>.part` with a sidecar `<name>.part.yaml` that says
/// "closed: false" and already lists the gaps, and an index of its blocks: after a crash the file
/// opens as it is, and at most the planes of the last tenth of a second are missing.
/// The .dat holds only planes that were received. Lost planes are listed in the sidecar and never
/// filled with zeros, because a dark plane is a measurement and a lost one is not.
/// Threads: one.
class SpikeWriter {
public:
    /// `descriptor` gives shape (must be valid), rate, flip (the bottom row first when not said)
    /// and everything else that the sidecar is to say; its format, planes, closed and gaps are set
    /// here. A packed recording gets ".zst" behind its name.
    [[nodiscard]] static Result<SpikeWriter> create(const std::filesystem::path &path,
                                                    Descriptor descriptor,
                                                    IfExists ifExists = IfExists::Refuse,
                                                    Packing packing = Packing::None);
    SpikeWriter(SpikeWriter &&) noexcept;
    SpikeWriter &operator=(SpikeWriter &&) noexcept;
    /// Closes; an error is then lost, so call close().
    ~SpikeWriter();

    /// Appends the planes and gaps of a block. A jump of plane numbers between blocks is a gap with
    /// reason Sink; numbers that go back are InvalidArgument. An Io error (disk full) may come some
    /// blocks after the one that did not fit: what was written before is kept, all further writes
    /// fail, and close() still makes a valid recording.
    [[nodiscard]] Result<void> write(const SpikeBlock &block);

    /// Makes the data safe on the disk, completes the sidecar, gives both their final names.
    /// Returns the final path: with NewName, or when somebody took the name meanwhile, another one
    /// than asked. A recording without a plane is removed and Io. When the disk refused the
    /// last planes, which no write() could tell, the error is Io and path() the recording. Once.
    [[nodiscard]] Result<std::filesystem::path> close();

    /// Removes what was written, instead of close().
    void discard();

    /// Where the data are now.
    [[nodiscard]] const std::filesystem::path &path() const;
    [[nodiscard]] std::uint64_t storedPlanes() const;
    /// Bytes that they take in the file.
    [[nodiscard]] std::uint64_t storedBytes() const;
    /// Stored and lost planes.
    [[nodiscard]] std::uint64_t planes() const;

private:
    struct State;
    explicit SpikeWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace fovea
