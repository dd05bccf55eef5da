// SPDX-License-Identifier: Apache-2.0
// Pictures of a stream of planes, at every plane or at every few.
#pragma once

#include "engine/recon/grey_pictures.h"
#include "engine/recon/plane_history.h"
#include "engine/recon/rate_reconstructor.h"

#include <deque>
#include <functional>

namespace fovea {

/// Which planes are shown: first, first + hop, ... before end.
struct PicturePlan {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::uint64_t hop = 1;  ///< 1 or more
};

/// Takes blocks in order and makes the pictures of a plan, each as soon as all the planes that its
/// method wants are there; the same as single pictures, in runs. TFP windows that hardly overlap
/// are counted block by block as they come, and no block is kept.
///
/// Threads: one at a time; the pool is lent for the calls.
class PictureStream {
public:
    /// Gets the plane's number and its picture, lent for the call. An error ends the stream.
    using Take =
        std::function<Result<void>(std::uint64_t plane, std::span<const std::uint8_t> grey)>;

    PictureStream(std::unique_ptr<Reconstructor> reconstructor, const PicturePlan &plan);

    /// The planes to push: [begin(), end()), as far as the recording has them.
    [[nodiscard]] std::uint64_t begin() const;
    [[nodiscard]] std::uint64_t end() const;
    [[nodiscard]] Result<void> push(SpikeBlockPtr block, TilePool &pool, const Take &take);
    /// The pictures whose later neighbours do not come.
    [[nodiscard]] Result<void> finish(TilePool &pool, const Take &take);

private:
    /// A TFP window that is being counted.
    struct Window {
        std::uint64_t key = 0;
        std::unique_ptr<SpikeCounter> counter;
    };

    [[nodiscard]] Result<void> count(const SpikeBlock &block, TilePool &pool, const Take &take);
    [[nodiscard]] Result<void> showOldest(TilePool &pool, const Take &take);
    [[nodiscard]] Result<void> make(std::size_t count, TilePool &pool, const Take &take);

    std::unique_ptr<Reconstructor> reconstructor_;
    const PicturePlan plan_;
    const PlaneReach reach_;
    GreyPictures pictures_;
    PlaneHistory history_{0};
    std::uint64_t next_;  ///< plane of the next picture
    RateReconstructor *counting_ = nullptr;
    std::deque<Window> open_;                            ///< oldest first
    std::vector<std::unique_ptr<SpikeCounter>> unused_;  ///< counters of shown windows
};

}  // namespace fovea
