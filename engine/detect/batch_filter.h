// SPDX-License-Identifier: Apache-2.0
// STP filter and LIF layer up to 32 planes at a time: real-time where the exact ones are not.
#pragma once

#include "engine/core/aligned_vector.h"
#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"
#include "engine/core/tile_pool.h"
#include "engine/detect/batch_kernels.h"
#include "engine/detect/lif_layer.h"
#include "engine/detect/stp_filter.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// What StpFilter and LifLayer compute, spike by spike instead of plane by plane.
///
/// Between two spikes of a pixel everything of the STP rule only decays: 1 - R by exp(-1 / D) a
/// plane, u - u0 by exp(-1 / F), g by 1 / 2. So n planes later they are what they were times three
/// numbers that depend on n only, and only spikes need work: vectors of pixels walk through their
/// own spikes of the batch, whatever plane these are in (state and result stay in registers). The
/// LIF layer does the same with the planes in which a neuron's square has spikes.
///
/// Bounds against the exact classes, for intervals up to 100,000 planes: R and u within 2e-5; the
/// same spikes pass except where d (sqrt(g) + 1) is within 1e-4 of the threshold, relatively; with
/// the same input, LIF potentials are within 1e-4 (equal with the default settings).
///
/// Results do not depend on the number of threads or the instruction set, and on how planes are cut
/// into batches only in the last digits. Threads: an instance belongs to one thread.
class BatchFilter {
public:
    static constexpr std::size_t maxPlanes = timeWordPlanes;

    /// diffTime of `stp` and size of `lif` are taken as 1 and 3. `pool`, if any, outlives this.
    BatchFilter(const StpSettings &stp, const LifSettings &lif, PlaneShape shape,
                TilePool *pool = nullptr);

    /// Factors of 0 to maxPlanes - 1 planes.
    [[nodiscard]] static batch_kernels::StpFactors factorsOf(const StpSettings &stp);

    void reset();
    /// The STP filter takes `planes`: 1 to maxPlanes, none null.
    void filter(PlanePointers planes);
    /// The LIF layer takes what passed of the last batch.
    void fire();
    /// Time passes without planes.
    void skip(std::uint64_t planes);

    /// Planes [first, first + planes.size()) of what passed or fired in the last batch
    /// (wordStride() words each).
    void passed(std::size_t first, std::span<std::uint64_t *const> planes) const;
    void fired(std::size_t first, std::span<std::uint64_t *const> planes) const;

    /// Everything that goes on to the next batch: pixels() values each, as StpState and the
    /// potentials. setState() takes what copyState() gave.
    void copyState(std::vector<float> &deficit, std::vector<float> &drive,
                   std::vector<float> &gradient, std::vector<float> &before,
                   std::vector<float> &potential) const;
    void setState(std::span<const float> deficit, std::span<const float> drive,
                  std::span<const float> gradient, std::span<const float> before,
                  std::span<const float> potential);

    /// 1 - R at the last spike, u - u0 at the next plane if there was a spike; one value a pixel.
    [[nodiscard]] std::span<const float> deficit() const;
    [[nodiscard]] std::span<const float> drive() const;
    [[nodiscard]] std::span<const float> potential() const;

private:
    template <class Work> void run(std::size_t count, std::size_t tile, Work &&work) const;
    [[nodiscard]] std::uint32_t *passedWords() { return passed_.data() + margin_; }
    [[nodiscard]] const std::uint32_t *passedWords() const { return passed_.data() + margin_; }

    StpSettings stp_;
    PlaneShape shape_;
    TilePool *pool_;
    batch_kernels::StpFactors factors_;
    batch_kernels::LifRule rule_;
    std::size_t chunks_;
    std::size_t margin_;  ///< zeros around passed_: rows outside of the picture
    std::size_t planes_ = 0;
    AlignedVector<float> deficit_, drive_, gradient_, before_, potential_;
    AlignedVector<std::uint32_t> passed_,
        fired_;  ///< a word a pixel, bit t is plane t of the batch
};

}  // namespace fovea
