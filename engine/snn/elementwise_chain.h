// SPDX-License-Identifier: Apache-2.0
// Arithmetic on single values, gathered until it is known what it amounts to: scales, ReLUs, QCFS.
#pragma once

#include "engine/snn/layers.h"

namespace fovea {

/// y = f(x) for every value of a signal, f being built step by step. Numbers are one for all values
/// of the signal, one a channel or one each.
///
/// Threads: one at a time.
class ElementwiseChain {
public:
    using Numbers = std::vector<double>;

    /// f becomes factor * f + offset. Numbers of more than one must agree in their count.
    void scale(Numbers factor, Numbers offset);
    /// f becomes clamp(f, low, high); infinite: no limit.
    void clip(double low, double high);
    /// f becomes floor(f).
    void floor();

    [[nodiscard]] bool empty() const { return steps_.empty(); }
    /// f as layers, one after the other: Scale, and Activation for a ReLU (with a ceiling), or for
    /// what is a QCFS activation lambda * clip(floor(x * L / lambda + 1/2) / L, 0, 1) however it is
    /// written. Unsupported says what remains.
    [[nodiscard]] Result<std::vector<Layer>> layers() const;

private:
    enum class Kind { Scale, Clip, Floor };
    struct Step {
        Kind kind;
        Numbers factor, offset;  ///< of a Clip: its limits
    };
    [[nodiscard]] Result<std::vector<Layer>> quantised(std::size_t floorAt) const;

    std::vector<Step> steps_;
};

/// Runs `f` over both, one number standing for all.
template <class Function>
[[nodiscard]] ElementwiseChain::Numbers combine(const ElementwiseChain::Numbers &a,
                                                const ElementwiseChain::Numbers &b, Function f) {
    ElementwiseChain::Numbers result(a.size() > b.size() ? a.size() : b.size());
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = f(a[a.size() == 1 ? 0 : i], b[b.size() == 1 ? 0 : i]);
    return result;
}

}  // namespace fovea
