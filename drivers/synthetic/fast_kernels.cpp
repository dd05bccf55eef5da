// SPDX-License-Identifier: Apache-2.0
// The inner loops in SIMD (Highway, instruction set chosen at run time).
//
// Cost per 32 pixels and plane with AVX-512: one load, multiply-high, two adds, compare, store.
#include "drivers/synthetic/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "drivers/synthetic/fast_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::synthetic::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;
using U16 = hn::ScalableTag<std::uint16_t>;

template <class D> HWY_INLINE hn::Vec<D> wave(D d, hn::Vec<D> x) {
    const auto folded = hn::Abs(hn::Sub(hn::Sub(x, hn::Floor(x)), hn::Set(d, 0.5F)));
    return hn::Sub(hn::Mul(folded, hn::Set(d, 4.0F)), hn::Set(d, 1.0F));
}

/// Signed distance to the edge along one row: what does not change in it is worked out once.
template <std::uint32_t parts, std::uint32_t edges> class RowDistance {
public:
    RowDistance(const DrawnObject &object, float dy) {
        for (std::uint32_t p = 0; p < parts; ++p)
            for (std::uint32_t e = 0; e < edges; ++e) {
                nx_[p * edges + e] = object.part[p].nx[e];
                rest_[p * edges + e] = object.part[p].ny[e] * dy - object.part[p].offset[e];
            }
    }
    HWY_INLINE V operator()(V dx) const {
        const F d;
        auto nearest = hn::Set(d, 1e9F);
        for (std::uint32_t p = 0; p < parts; ++p) {
            auto farthest = hn::Set(d, -1e9F);
            for (std::uint32_t i = p * edges; i < (p + 1) * edges; ++i)
                farthest = hn::Max(farthest,
                                   hn::Add(hn::Mul(hn::Set(d, nx_[i]), dx), hn::Set(d, rest_[i])));
            nearest = hn::Min(nearest, farthest);
        }
        return nearest;
    }

private:
    float nx_[parts * edges];
    float rest_[parts * edges];
};

/// The same for a disc.
template <> class RowDistance<0, 0> {
public:
    RowDistance(const DrawnObject &object, float dy)
        : dySquare_(dy * dy), square_(object.radius * object.radius), twice_(2 * object.radius) {}
    HWY_INLINE V operator()(V dx) const {
        const F d;
        const auto square = hn::Add(hn::Mul(dx, dx), hn::Set(d, dySquare_));
        return hn::Div(hn::Sub(square, hn::Set(d, square_)), hn::Set(d, twice_));
    }

private:
    float dySquare_, square_, twice_;
};

template <std::uint32_t parts, std::uint32_t edges>
void drawRowOf(const DrawnObject &object, int x, int y, std::size_t count, float *light) {
    const F d;
    const float dy = static_cast<float>(y) + (0.5F - object.cy);
    const RowDistance<parts, edges> distance(object, dy);
    const auto uRow = hn::Set(d, object.uy * dy + object.uPhase);
    const auto vRow = hn::Set(d, object.vy * dy + object.vPhase);
    const auto ux = hn::Set(d, object.ux);
    const auto vx = hn::Set(d, object.vx);
    const auto shift = hn::Set(d, 0.5F - object.cx);
    const auto contrast = hn::Set(d, object.contrast);
    const auto base = hn::Set(d, object.light);
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
        const auto column = hn::Iota(d, static_cast<float>(x + static_cast<int>(i)));
        const auto dx = hn::Add(column, shift);
        const auto inside = hn::Sub(hn::Set(d, 0.5F), distance(dx));
        const auto cover = hn::Min(hn::Max(inside, hn::Zero(d)), hn::Set(d, 1.0F));
        const auto u = wave(d, hn::Add(hn::Mul(ux, dx), uRow));
        const auto v = wave(d, hn::Add(hn::Mul(vx, dx), vRow));
        const auto own = hn::Add(base, hn::Mul(contrast, hn::Add(u, v)));
        const auto behind = hn::LoadU(d, light + i);
        hn::StoreU(hn::Add(behind, hn::Mul(cover, hn::Sub(own, behind))), d, light + i);
    }
}

void drawRow(const DrawnObject &object, int x, int y, std::size_t count, float *light) {
    if (object.parts == 0)
        drawRowOf<0, 0>(object, x, y, count, light);
    else if (object.parts == 1 && object.edges == 3)
        drawRowOf<1, 3>(object, x, y, count, light);
    else if (object.parts == 1)
        drawRowOf<1, 4>(object, x, y, count, light);
    else if (object.edges == 3)
        drawRowOf<2, 3>(object, x, y, count, light);
    else
        drawRowOf<2, 4>(object, x, y, count, light);
}

HWY_INLINE void storeCut(V value, std::uint16_t *to) {
    const F d;
    const hn::Rebind<std::uint16_t, F> narrow;
    const hn::RebindToSigned<F> whole;
    const auto cut = hn::Min(value, hn::Set(d, 65535.0F));
    hn::StoreU(hn::DemoteTo(narrow, hn::ConvertTo(whole, cut)), narrow, to);
}

void toSensor(const float *light, const PixelRow &row, float shotScale, std::size_t count,
              std::uint16_t *full, std::uint16_t *shot) {
    const F d;
    for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
        const auto gathered = hn::Mul(hn::LoadU(d, light + i), hn::LoadU(d, row.gain + i));
        storeCut(hn::Mul(gathered, hn::Set(d, 65536.0F)), full + i);
        const auto root = hn::Sqrt(hn::Add(gathered, hn::LoadU(d, row.dark + i)));
        storeCut(hn::Mul(root, hn::Set(d, shotScale)), shot + i);
    }
}

#if HWY_TARGET == HWY_SCALAR  // one lane is no byte of spikes
void expose(std::span<SensorTile> tiles, const Exposure &exposure) {
    scalarKernels().expose(tiles, exposure);
}
#else
/// Where the 16-bit sum a + b went beyond 65535.
HWY_INLINE hn::Mask<U16> wrapped(hn::Vec<U16> a, hn::Vec<U16> b, hn::Vec<U16> sum) {
#if HWY_TARGET <= HWY_AVX3
    static_cast<void>(a);
    return hn::Lt(sum, b);
#else  // no unsigned compare: the saturated sum differs exactly there
    return hn::Ne(sum, hn::SaturatedAdd(a, b));
#endif
}

/// What photon noise is added to, and how wide it is, for one vector of pixels.
HWY_INLINE void prepare(const SensorTile &tile, std::size_t pixel, const Exposure &exposure,
                        hn::Vec<U16> &steady, hn::Vec<U16> &shot) {
    const U16 d;
    auto light = hn::Load(d, tile.light.data() + pixel);
    shot = hn::Load(d, tile.shot.data() + pixel);
    if (exposure.level != 65535) {
        light = hn::MulHigh(light, hn::Set(d, exposure.level));
        shot = hn::MulHigh(shot, hn::Set(d, exposure.rootLevel));
    }
    const auto mean = hn::SaturatedAdd(light, hn::Load(d, tile.dark.data() + pixel));
    shot = hn::Min(shot, hn::SaturatedAdd(mean, mean));
    steady = hn::Sub(mean, hn::ShiftRight<1>(shot));
}

/// One plane for one vector of pixels.
HWY_INLINE void gather(hn::Vec<U16> steady, hn::Vec<U16> shot, const std::uint16_t *noise,
                       hn::Vec<U16> &charge, std::uint8_t *spikes) {
    const U16 d;
    const auto gathered = hn::SaturatedAdd(steady, hn::MulHigh(hn::Load(d, noise), shot));
    const auto sum = hn::Add(charge, gathered);
    hn::StoreMaskBits(d, wrapped(charge, gathered, sum), spikes);
    charge = sum;
}

/// All planes of the exposure for two vectors of pixels: the charges stay in registers.
HWY_INLINE void exposeVectors(SensorTile &tile, std::size_t pixel, const Exposure &exposure,
                              const std::uint16_t *const *noise, std::uint8_t *const *spikes) {
    const U16 d;
    const std::size_t second = pixel + hn::Lanes(d);
    auto steadyA = hn::Zero(d), shotA = hn::Zero(d), steadyB = hn::Zero(d), shotB = hn::Zero(d);
    prepare(tile, pixel, exposure, steadyA, shotA);
    prepare(tile, second, exposure, steadyB, shotB);
    auto chargeA = hn::Load(d, tile.charge.data() + pixel);
    auto chargeB = hn::Load(d, tile.charge.data() + second);
    const std::size_t planes = exposure.planes.size();
    for (std::size_t p = 0; p < planes; ++p) {
        gather(steadyA, shotA, noise[p] + pixel, chargeA, spikes[p] + pixel / 8);
        gather(steadyB, shotB, noise[p] + second, chargeB, spikes[p] + second / 8);
    }
    hn::Store(chargeA, d, tile.charge.data() + pixel);
    hn::Store(chargeB, d, tile.charge.data() + second);
}

void expose(std::span<SensorTile> tiles, const Exposure &exposure) {
    const U16 d;
    const std::uint16_t *noise[maxExposure] = {};
    std::uint8_t *spikes[maxExposure] = {};
    for (std::size_t t = 0; t < tiles.size(); ++t) {
        for (std::size_t p = 0; p < exposure.planes.size(); ++p) {
            noise[p] = exposure.noise->values.data() + noiseOffset(exposure.noiseKeys[p], t);
            spikes[p] = reinterpret_cast<std::uint8_t *>(exposure.planes[p]) + t * tilePixels / 8;
        }
        for (std::size_t pixel = 0; pixel < tilePixels; pixel += 2 * hn::Lanes(d))
            exposeVectors(tiles[t], pixel, exposure, noise, spikes);
    }
}
#endif

}  // namespace fovea::synthetic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::synthetic {

HWY_EXPORT(drawRow);
HWY_EXPORT(toSensor);
HWY_EXPORT(expose);

Kernels fastKernels() {
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    return {&HWY_DYNAMIC_DISPATCH(drawRow), &HWY_DYNAMIC_DISPATCH(toSensor),
            &HWY_DYNAMIC_DISPATCH(expose)};
}

}  // namespace fovea::synthetic
#endif
