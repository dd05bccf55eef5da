// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/detect/count_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "engine/detect/count_kernels.h"

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::count_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Bytes = hn::CappedTag<std::uint8_t, 64>;

void expand(const std::uint64_t *HWY_RESTRICT sliced, std::size_t words,
            std::uint8_t *HWY_RESTRICT counts) {
    const Bytes bytes;
    const std::size_t lanes = hn::Lanes(bytes);
    for (std::size_t w = 0; w < words; ++w) {
        for (std::size_t part = 0; part < 64; part += lanes) {
            auto sum = hn::Zero(bytes);
            for (std::size_t k = 0; k < slices; ++k) {
                const auto *from =
                    reinterpret_cast<const std::uint8_t *>(sliced + w * slices + k) + part / 8;
                const auto mask = hn::LoadMaskBits(bytes, from);
                const auto weight = hn::Set(bytes, static_cast<std::uint8_t>(1U << k));
                sum = hn::Or(sum, hn::IfThenElseZero(mask, weight));
            }
            hn::StoreU(sum, bytes, counts + w * 64 + part);
        }
    }
}

// A plain loop: the compiler vectorises it for the instruction set of this namespace.
void sumCells(const std::uint8_t *HWY_RESTRICT a, const std::uint8_t *HWY_RESTRICT b,
              std::uint8_t *HWY_RESTRICT cells, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        cells[i] = static_cast<std::uint8_t>(a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1]);
}

}  // namespace fovea::count_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::count_kernels {

HWY_EXPORT(expand);
HWY_EXPORT(sumCells);

void expand(const std::uint64_t *sliced, std::size_t words, std::uint8_t *counts) {
    HWY_DYNAMIC_DISPATCH(expand)(sliced, words, counts);
}
void sumCells(const std::uint8_t *a, const std::uint8_t *b, std::uint8_t *cells,
              std::size_t count) {
    HWY_DYNAMIC_DISPATCH(sumCells)(a, b, cells, count);
}

}  // namespace fovea::count_kernels
#endif  // HWY_ONCE
