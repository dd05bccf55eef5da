// SPDX-License-Identifier: Apache-2.0
// The neural field in single precision: what AttentionField computes, some ten times faster.
#pragma once

#include "engine/core/aligned_vector.h"
#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"
#include "engine/core/tile_pool.h"
#include "engine/detect/attention_boxes.h"
#include "engine/detect/field_kernels.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// AttentionField's rule. Its kernel is a Gaussian minus a constant, so a step is two sums along
/// rows and two along columns: weighted ones, and plain ones, of which those along columns move on
/// with two additions. Stretches of rows without any input are left out.
///
/// Bound against AttentionField with the same spikes, plane by plane: potentials are within 0.02
/// + 1e-4 |U|. (Inputs r below 1e-5 are left out; (2 B + 1)^2 of them, B = 15, would make 0.01.)
/// Results do not depend on threads or the instruction set. Threads: an instance belongs to one
/// thread.
class FastField {
public:
    /// `pool`, if any, outlives this.
    FastField(int attentionSize, PlaneShape shape, TilePool *pool = nullptr);

    void reset();
    /// One step for some planes of spikes (wordStride() words each, oldest first). With n planes
    /// U <- 2^-n U + sum over i of 2^-(n - i) J * spikes_i + (1 - 2^-n) J * r: as n steps of one
    /// plane, but r stays what it was before them.
    void update(PlanePointers spikes);
    [[nodiscard]] float potential(std::size_t row, std::size_t column) const {
        return potential_[row * stride_ + column];
    }
    /// pixels() values, row by row.
    void setPotential(std::span<const float> potential);
    /// The rule's constants: Gaussian by distance, 0 to attentionSize; factors of the two sums.
    [[nodiscard]] std::span<const float> weight() const { return weight_; }
    [[nodiscard]] float byGauss() const { return byGauss_; }
    [[nodiscard]] float byBox() const { return byBox_; }
    static constexpr float leastInput = 1e-5F;  ///< of r: smaller ones are left out
    /// See AttentionBoxes. Lent until the next call.
    [[nodiscard]] std::span<const AttentionBox> boxes();

private:
    template <class Work> void forRows(std::size_t tile, Work &&work);
    void smooth(std::size_t row, PlanePointers spikes, float scale);
    void addSpikes(const std::uint64_t *spikes, float weight, std::size_t row, float *in,
                   field_kernels::Span &span) const;

    PlaneShape shape_;
    TilePool *pool_;
    std::size_t reach_, stride_;
    std::vector<float> weight_;  ///< Gaussian by distance
    float byGauss_, byBox_;
    AlignedVector<float> potential_, smooth_, box_;
    AlignedVector<float> input_;  ///< a row a tile, with zeros on both sides
    std::vector<float> energy_;   ///< of the potential's rows
    std::vector<field_kernels::Span> active_;
    AttentionBoxes boxes_;
};

}  // namespace fovea
