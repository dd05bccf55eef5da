// SPDX-License-Identifier: Apache-2.0
// Reading a recording from beginning to end: what info, noise, export and reconstruct share.
#pragma once

#include "app/interrupts.h"
#include "app/progress.h"
#include "datasets/spike_file.h"
#include "engine/core/picture.h"
#include "engine/pipeline/config.h"
#include "engine/recon/level_source.h"
#include "engine/recon/picture_stream.h"

#include <functional>
#include <optional>

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

/// Makes pictures of planes of a file.
///
/// Threads: one at a time; all cores but one help.
class PictureMaker {
public:
    [[nodiscard]] static Result<PictureMaker>
    make(const SpikeFile &file, const ReconSettings &settings, BackendKind backend);
    /// The picture of `plane`; only the planes that the method needs are read.
    [[nodiscard]] Result<Picture> at(std::uint64_t plane);
    /// The same pictures of all planes of the plan, which are in the file, in order; where they lie
    /// close together each plane is read once. An error of `take` ends it.
    [[nodiscard]] Result<void> each(const PicturePlan &plan,
                                    const std::function<Result<void>(const Picture &)> &take);
    /// What the network of the last picture did; null for methods without one.
    [[nodiscard]] NetworkReportPtr network() const { return reconstructor_->network(); }
    /// The same with 16 bits a pixel.
    [[nodiscard]] Result<DeepPicture> deepAt(std::uint64_t plane);
    [[nodiscard]] Result<void>
    eachDeep(const PicturePlan &plan, const std::function<Result<void>(const DeepPicture &)> &take);

private:
    PictureMaker(const SpikeFile &file, const ReconSettings &settings,
                 std::unique_ptr<Backend> backend, std::unique_ptr<Reconstructor> reconstructor);

    /// The planes come in `order`.
    [[nodiscard]] Result<void> stream(const PicturePlan &plan, RowOrder order,
                                      const PictureStream::Take &take);
    [[nodiscard]] Result<PlaneWindow> read(std::uint64_t plane);

    const SpikeFile *file_;
    ReconSettings settings_;
    std::unique_ptr<Backend> backend_;
    std::unique_ptr<Reconstructor> reconstructor_;
    std::optional<DeepReconstructor> deep_;  ///< when it was asked for
    std::unique_ptr<SpikeBlock> block_;
    std::vector<const std::uint64_t *> pointers_;
};

}  // namespace fovea
