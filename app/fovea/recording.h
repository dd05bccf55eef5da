// SPDX-License-Identifier: Apache-2.0
// Reading a recording from beginning to end: what info, noise, export and reconstruct share.
#pragma once

#include "app/interrupts.h"
#include "app/progress.h"
#include "datasets/spike_file.h"
#include "engine/core/picture.h"
#include "engine/pipeline/config.h"
#include "engine/recon/reconstructor.h"

#include <functional>

namespace fovea {

/// Opens a recording as `source` describes it; an input that is missing or unreadable is
/// ErrorCode::BadFile.
[[nodiscard]] Result<SpikeFile> openInput(const std::string &path, const SourceConfig &source);

/// Calls `take` with planes [first, last) of the file, block by block, oldest first. Between blocks
/// it moves `progress` on and heeds `interrupts` (ErrorCode::Cancelled).
[[nodiscard]] Result<void> forEachBlock(const SpikeFile &file, std::uint64_t first,
                                        std::uint64_t last, const Interrupts &interrupts,
                                        Progress &progress,
                                        const std::function<Result<void>(SpikeBlock &)> &take);

/// Makes pictures of single planes of a file.
///
/// Threads: one at a time.
class PictureMaker {
public:
    [[nodiscard]] static Result<PictureMaker> make(const SpikeFile &file,
                                                   const ReconSettings &settings);
    /// The picture of `plane`; only the planes that the method needs are read.
    [[nodiscard]] Result<Picture> at(std::uint64_t plane);

private:
    PictureMaker(const SpikeFile &file, std::unique_ptr<Reconstructor> reconstructor);

    const SpikeFile *file_;
    std::unique_ptr<Reconstructor> reconstructor_;
    std::unique_ptr<SpikeBlock> block_;
    std::vector<const std::uint64_t *> pointers_;
};

}  // namespace fovea
