// SPDX-License-Identifier: Apache-2.0
// Inner loops of the fast neural field, row by row in single precision.
#pragma once

#include <cstddef>

namespace fovea::field_kernels {

/// Rows are padded to a multiple of this.
constexpr std::size_t rowStep = 64;

/// Sum of max(0, U)^2 over `count` elements (a multiple of rowStep), in one fixed order.
float energy(const float *potential, std::size_t count);

/// Elements [first, last) of a row, multiples of rowStep; empty when first >= last.
struct Span {
    std::size_t first = 0, last = 0;
};

/// in[x] = max(0, U)^2 * scale, 0 where that is below `least`; returns where it is not 0.
Span relax(const float *potential, float scale, float least, float *in, std::size_t count);

/// Sums over 2 * reach + 1 neighbours, with weights weight[|distance|] and with 1. `in` has `reach`
/// elements more on either side. Only `span` is computed.
void smoothRow(const float *in, const float *weight, std::size_t reach, float *smooth, float *box,
               Span span);

/// Rows of the picture: `row(y)` begins at base + y * stride.
struct FieldRows {
    const float *smooth, *box;  ///< of smoothRow()
    const Span *active;         ///< what of each row is not 0; the rest is not read
    float *potential;
    std::size_t stride, height;
};

struct FieldStep {
    float keep, byGauss, byBox;
};
/// U <- keep * U + byGauss * (weighted sum over rows) - byBox * (sum over rows) for the rows
/// [first, last).
void stepRows(const FieldRows &rows, const float *weight, std::size_t reach, FieldStep step,
              std::size_t first, std::size_t last);

}  // namespace fovea::field_kernels
