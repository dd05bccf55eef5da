// SPDX-License-Identifier: Apache-2.0
// Planes to the bytes of a recording, block by block, with the index beside it.
#pragma once

#include "datasets/block_index.h"
#include "datasets/raw_planes.h"
#include "datasets/stream_file.h"

#include <deque>
#include <optional>

namespace fovea {

/// How the bytes of a recording are kept.
enum class Packing : std::uint8_t {
    None,  ///< plain .dat: continuous bits
    Zstd,  ///< the same bits in zstd frames, a frame a block
};

/// Packs planes into continuous bits and hands them to a StreamFile. A block ends after about a
/// megabyte, or 25 ms of planes, at a plane that ends with a byte; its record goes to the index
/// once its bytes are in the file.
///
/// Threads: one.
class BlockWriter {
public:
    struct Settings {
        RawLayout layout;
        std::optional<double> rateHz;
        Packing packing = Packing::None;
        StreamFileOptions stream;
    };
    /// Neither the file nor its index may exist (ErrorCode::InvalidArgument).
    [[nodiscard]] static Result<BlockWriter> create(const std::filesystem::path &path,
                                                    const Settings &settings);
    BlockWriter(BlockWriter &&) noexcept;
    BlockWriter &operator=(BlockWriter &&) noexcept;
    ~BlockWriter();

    [[nodiscard]] Result<void> append(const std::uint64_t *plane);
    /// Hands over what can be: nothing of it waits for more planes.
    [[nodiscard]] Result<void> flush();
    /// Ends the last block, waits for the disk, and leaves exactly the planes that are whole in the
    /// file, all of them listed; the rest is lost when the disk failed. The error is that of the
    /// disk.
    [[nodiscard]] Result<void> settle();
    /// After settle(): waits until the disk has everything, then closes.
    [[nodiscard]] Result<void> finish();

    /// Planes taken; after settle() those in the file.
    [[nodiscard]] std::uint64_t planes() const;
    /// Bytes that they take in the file; those that still wait to be packed count in full.
    [[nodiscard]] std::uint64_t bytes() const;
    [[nodiscard]] const std::filesystem::path &path() const;

private:
    struct State;
    explicit BlockWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace fovea
