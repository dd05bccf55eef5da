// SPDX-License-Identifier: Apache-2.0
// Records what a session sees.
#pragma once

#include "datasets/spike_writer.h"
#include "engine/core/spike_sink.h"

#include <optional>
#include <vector>

namespace fovea {

struct RecorderOptions {
    std::filesystem::path path;
    IfExists ifExists = IfExists::NewName;
    bool flip = true;  ///< store the bottom row first, as cameras do
    std::string createdBy;
    std::string noise;  ///< tag of the injected noise in what is recorded
    std::map<std::string, std::string> settings;
};

/// Writes blocks to a recording. When the plane numbers jump because a person seeked or the file
/// looped (the epoch changes), a new recording with the next free name begins.
///
/// Threads: as SpikeSink.
class RecorderSink final : public SpikeSink {
public:
    explicit RecorderSink(RecorderOptions options) : options_(std::move(options)) {}

    [[nodiscard]] std::string name() const override;
    /// Makes the file, so that an unwritable folder is found at once.
    [[nodiscard]] Result<void> begin(const SourceInfo &info) override;
    [[nodiscard]] Result<void> write(const SpikeBlock &block) override;
    [[nodiscard]] Result<void> finish() override;

    /// Finished recordings, in order.
    [[nodiscard]] const std::vector<std::filesystem::path> &recordings() const { return finished_; }

private:
    [[nodiscard]] Result<void> open(IfExists ifExists);

    RecorderOptions options_;
    Descriptor descriptor_;
    std::optional<SpikeWriter> writer_;
    std::optional<std::uint32_t> epoch_;
    std::vector<std::filesystem::path> finished_;
};

}  // namespace fovea
