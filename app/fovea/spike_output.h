// SPDX-License-Identifier: Apache-2.0
// A new recording that is whole or not there: what simulate, noise and export write.
#pragma once

#include "datasets/spike_file.h"
#include "datasets/spike_writer.h"

#include <filesystem>
#include <optional>
#include <string>

namespace fovea {

/// "fovea 0.1.0": who made a recording.
[[nodiscard]] std::string programName();

/// What the recording at `info` is, for a recording made of its planes.
[[nodiscard]] Descriptor descriptorOf(const SpikeFileInfo &info);

/// Checks the name before any work is done: ErrorCode::Usage when it is `input`, Io when there is
/// no such folder, or when a recording of that name exists and `replace` is off.
[[nodiscard]] Result<void> prepareRecording(const std::string &path, const std::string &input,
                                            bool replace);

/// Removes what was written unless finish() was called.
///
/// Threads: one at a time.
class SpikeOutput {
public:
    /// After prepareRecording(). With `replace` an older recording of that name goes when this one
    /// is finished.
    [[nodiscard]] static Result<SpikeOutput> create(const std::string &path, Descriptor descriptor,
                                                    bool replace);
    SpikeOutput(SpikeOutput &&) noexcept = default;
    SpikeOutput &operator=(SpikeOutput &&) = delete;
    ~SpikeOutput();

    [[nodiscard]] Result<void> write(const SpikeBlock &block) { return writer_->write(block); }
    [[nodiscard]] Result<void> finish();
    [[nodiscard]] std::uint64_t storedPlanes() const { return writer_->storedPlanes(); }

private:
    explicit SpikeOutput(SpikeWriter writer)
        : writer_(std::make_unique<SpikeWriter>(std::move(writer))) {}
    std::unique_ptr<SpikeWriter> writer_;  ///< null when finished or moved from
};

}  // namespace fovea
