// SPDX-License-Identifier: Apache-2.0
// Records what a session sees: for command line, window and service alike.
#pragma once

#include "datasets/packing_choice.h"
#include "datasets/spike_writer.h"
#include "engine/core/spike_sink.h"

#include <atomic>
#include <deque>
#include <mutex>
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
    double seconds = 0;  ///< the recording ends after this much time of planes; 0 = never
    PackingWish packing = PackingWish::None;
    std::uint64_t splitBytes = 0;  ///< a new part before this many bytes; 0 = never
    double splitSeconds = 0;       ///< a new part after this much time of planes; 0 = never
    double holdSeconds = 0;        ///< pre-trigger: keep so much and wait for trigger(); 0 = off
    std::uint64_t holdBytes = std::uint64_t{256} << 20;  ///< and at most so much
};

/// What a recorder is doing.
struct RecorderStatus {
    bool armed = false;          ///< keeps planes and waits for trigger()
    bool complete = false;       ///< has its `seconds` and takes no more
    double heldSeconds = 0;      ///< of planes that are kept
    std::uint64_t planes = 0;    ///< written, in all parts
    std::uint64_t lost = 0;      ///< missing between them
    std::uint64_t bytes = 0;     ///< that they take
    double bytesPerSecond = 0;   ///< of recorded time
    std::uint64_t part = 0;      ///< that is written, from 1; 0 when it is not split
    std::filesystem::path path;  ///< where the planes go now
    std::string packing;         ///< "plain", or "zstd", and why; empty until it is chosen
};

/// Writes blocks to a recording. When the plane numbers jump because a person seeked, the file
/// looped or a camera came back (the epoch changes), a new recording with the next free name
/// begins. A split recording changes its file between two blocks: "scene-001.dat" and so on.
///
/// Threads: as SpikeSink; trigger() and status() from any.
class RecorderSink final : public SpikeSink {
public:
    explicit RecorderSink(RecorderOptions options) : options_(std::move(options)) {}

    [[nodiscard]] std::string name() const override;
    /// Makes the file, so that an unwritable folder, or too little room, is found at once.
    [[nodiscard]] Result<void> begin(const SourceInfo &info) override;
    [[nodiscard]] Result<void> write(const SpikeBlock &block) override;
    [[nodiscard]] Result<void> finish() override;

    /// From now on everything is written, beginning with what is kept.
    void trigger() { triggered_ = true; }
    [[nodiscard]] RecorderStatus status() const;
    /// Finished recordings, in order: ask when it has finished.
    [[nodiscard]] const std::vector<std::filesystem::path> &recordings() const { return finished_; }
    /// With IfExists::Replace a free name is used; this gives what has finished the asked one, in
    /// place of what had it. Call it when the recording is what was wanted.
    [[nodiscard]] Result<void> takeName();

private:
    [[nodiscard]] bool splits() const {
        return options_.splitBytes > 0 || options_.splitSeconds > 0;
    }
    [[nodiscard]] std::filesystem::path fileOf(const std::filesystem::path &base,
                                               std::uint64_t part) const;
    [[nodiscard]] std::string refusal(const std::filesystem::path &base, IfExists ifExists) const;
    [[nodiscard]] Result<void> openFirst(IfExists ifExists);
    [[nodiscard]] Result<void> open(const std::filesystem::path &path);
    [[nodiscard]] Result<void> closeFile();
    void dropFile();
    [[nodiscard]] bool isPartFull(const SpikeBlock &block) const;
    [[nodiscard]] Result<void> put(const SpikeBlock &block);
    [[nodiscard]] Result<void> putUntilEnd(const SpikeBlock &block);
    [[nodiscard]] Result<void> choosePacking(const SpikeBlock &block);
    void hold(const SpikeBlock &block);
    [[nodiscard]] Result<void> putHeld(std::size_t most);
    void tell();

    RecorderOptions options_;
    Descriptor descriptor_;
    double rateHz_ = 0;
    std::optional<Packing> packing_;  ///< once it is chosen
    std::string packingWhy_;
    std::filesystem::path base_;       ///< the name of the recording, with all its parts
    std::filesystem::path firstBase_;  ///< that of the first one
    std::optional<SpikeWriter> writer_;
    std::optional<std::uint32_t> epoch_;
    std::uint64_t next_ = 0;     ///< number of the plane that comes next
    std::uint64_t end_ = 0;      ///< and of that which is wanted no more; only with `seconds`
    std::uint64_t written_ = 0;  ///< number behind the last plane that was written
    std::uint64_t lost_ = 0;
    bool complete_ = false;
    std::vector<std::filesystem::path> finished_;
    std::uint64_t planesBefore_ = 0;  ///< in finished files
    std::uint64_t bytesBefore_ = 0;

    std::atomic<bool> triggered_{false};
    std::deque<std::unique_ptr<SpikeBlock>> held_;
    std::vector<std::unique_ptr<SpikeBlock>> spare_;  ///< to hold the next ones
    std::uint64_t heldPlanes_ = 0;

    mutable std::mutex mutex_;
    RecorderStatus status_;
};

}  // namespace fovea
