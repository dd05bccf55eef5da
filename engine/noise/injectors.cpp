// SPDX-License-Identifier: Apache-2.0
// The disturbances of single planes.
#include "engine/noise/injectors.h"

#include "engine/core/plane_bits.h"
#include "engine/core/random.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

/// Combines every plane with a random mask.
class MaskInjector final : public PlaneInjector {
public:
    MaskInjector(std::uint64_t seed, const NoiseStep &step, PlaneShape shape)
        : seed_(seed), kind_(step.kind), action_(step.action), shape_(shape),
          random_(step.strength), mask_(shape.wordStride()) {}

    void apply(std::span<std::uint64_t> plane, PlanePlace place) override {
        random_.draw(planeSeed(seed_, kind_, place.number), shape_.pixels(), mask_);
        for (std::size_t word = 0; word < mask_.size(); ++word) {
            if (action_ == NoiseAction::Clear)
                plane[word] &= ~mask_[word];
            else if (action_ == NoiseAction::Set)
                plane[word] |= mask_[word];
            else
                plane[word] ^= mask_[word];
        }
    }

private:
    std::uint64_t seed_;
    InjectorKind kind_;
    NoiseAction action_;
    PlaneShape shape_;
    RandomMask random_;
    std::vector<std::uint64_t> mask_;
};

/// Some spikes come one plane late. Those of the last plane before a gap or jump are lost.
class JitterInjector final : public PlaneInjector {
public:
    JitterInjector(std::uint64_t seed, double probability, PlaneShape shape)
        : seed_(seed), shape_(shape), random_(probability), mask_(shape.wordStride()),
          late_(shape.wordStride()) {}

    void apply(std::span<std::uint64_t> plane, PlanePlace place) override {
        random_.draw(planeSeed(seed_, InjectorKind::Jitter, place.number), shape_.pixels(), mask_);
        if (place.number != next_.number || place.epoch != next_.epoch)
            reset();
        for (std::size_t word = 0; word < mask_.size(); ++word) {
            const std::uint64_t stays = plane[word] & ~mask_[word];
            const std::uint64_t late = plane[word] & mask_[word];
            plane[word] = stays | late_[word];
            late_[word] = late;
        }
        next_ = {place.number + 1, place.epoch};
    }
    void reset() override { std::fill(late_.begin(), late_.end(), 0); }
    void carryOver(std::span<const std::uint64_t> late, PlanePlace next) override {
        std::copy(late.begin(), late.end(), late_.begin());
        next_ = next;
    }

private:
    std::uint64_t seed_;
    PlaneShape shape_;
    RandomMask random_;
    std::vector<std::uint64_t> mask_;
    std::vector<std::uint64_t> late_;
    PlanePlace next_;
};

/// More light: silent pixels take over spikes of randomly chosen neighbours, so that new spikes
/// come where it is bright and fall between the old ones. The share that is taken over makes the
/// plane's mean rate `scale` times as high, as far as there are silent pixels beside spikes.
class BrighterInjector final : public PlaneInjector {
public:
    BrighterInjector(std::uint64_t seed, double scale, PlaneShape shape)
        : seed_(seed), scale_(scale), shape_(shape), margin_(shape.width / 64 + 2),
          source_(shape.wordStride() + 2 * margin_), first_(shape.wordStride()),
          last_(shape.wordStride()), vertical_(shape.wordStride()), second_(shape.wordStride()),
          taken_(shape.wordStride()) {
        for (std::size_t row = 0; row < shape.height; ++row) {
            setBit(first_.data(), row * shape.width);
            setBit(last_.data(), row * shape.width + shape.width - 1);
        }
    }

    void apply(std::span<std::uint64_t> plane, PlanePlace place) override {
        std::copy(plane.begin(), plane.end(),
                  source_.begin() + static_cast<std::ptrdiff_t>(margin_));
        const std::size_t spikes = countSpikes(plane.data(), shape_);
        const double silent =
            1 - static_cast<double>(spikes) / static_cast<double>(shape_.pixels());
        if (spikes == 0 || silent <= 0)
            return;
        const double wanted = (scale_ - 1) / silent;
        const double rounds = std::clamp(std::ceil(wanted), 1.0, maxRounds);
        const std::uint64_t probability = probabilityBits(wanted / rounds);
        for (std::uint64_t round = 0; round < static_cast<std::uint64_t>(rounds); ++round) {
            const std::uint64_t seed =
                randomAt(planeSeed(seed_, InjectorKind::Brightness, place.number), round, 0);
            drawBits(mixBits(seed), half, vertical_);
            drawBits(mixBits(seed + 1), half, second_);
            drawBits(mixBits(seed + 2), probability, taken_);
            for (std::size_t word = 0; word < shape_.words(); ++word)
                plane[word] |= neighbours(word) & taken_[word];
        }
    }

private:
    static constexpr double maxRounds = 8;
    static constexpr std::uint64_t half = std::uint64_t{1} << 31;

    /// The 64 bits of the plane that lie `offset` bits before, or behind, those of `word`; 0
    /// outside of it.
    [[nodiscard]] std::uint64_t before(std::size_t word, std::size_t offset) const {
        return bitsFrom((margin_ + word) * 64 - offset);
    }
    [[nodiscard]] std::uint64_t behind(std::size_t word, std::size_t offset) const {
        return bitsFrom((margin_ + word) * 64 + offset);
    }
    [[nodiscard]] std::uint64_t bitsFrom(std::size_t bit) const {
        const std::uint64_t *words = &source_[bit / 64];
        return (words[0] >> (bit % 64)) | (words[1] << 1 << (63 - bit % 64));
    }

    /// For each pixel of a word whether the chosen one of its left, right, upper and lower
    /// neighbours fires.
    [[nodiscard]] std::uint64_t neighbours(std::size_t word) const {
        const std::uint64_t vertical = vertical_[word];
        const std::uint64_t second = second_[word];
        const std::uint64_t left = before(word, 1) & ~first_[word];
        const std::uint64_t right = behind(word, 1) & ~last_[word];
        const std::uint64_t up = before(word, shape_.width);
        const std::uint64_t down = behind(word, shape_.width);
        const std::uint64_t chosen = (~vertical & ((~second & left) | (second & right))) |
                                     (vertical & ((~second & up) | (second & down)));
        return chosen & inside(word);
    }
    /// Pixels of the word, without the bits behind the last one.
    [[nodiscard]] std::uint64_t inside(std::size_t word) const {
        const std::size_t left = shape_.pixels() - word * 64;
        return left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
    }

    std::uint64_t seed_;
    double scale_;
    PlaneShape shape_;
    std::size_t margin_;                 ///< zero words on both sides of the source
    std::vector<std::uint64_t> source_;  ///< the plane as it was
    std::vector<std::uint64_t> first_;   ///< pixels of the first column
    std::vector<std::uint64_t> last_;    ///< pixels of the last column
    std::vector<std::uint64_t> vertical_;
    std::vector<std::uint64_t> second_;
    std::vector<std::uint64_t> taken_;
};

/// Pixels, rows and columns that are stuck; the same ones in every plane.
class StuckInjector final : public PlaneInjector {
public:
    explicit StuckInjector(StuckPixels pixels) : pixels_(std::move(pixels)) {}

    void apply(std::span<std::uint64_t> plane, PlanePlace) override {
        for (std::size_t word = 0; word < plane.size(); ++word)
            plane[word] = (plane[word] & ~pixels_.silent[word]) | pixels_.firing[word];
    }

private:
    StuckPixels pixels_;
};

double activeStrength(const NoiseSettings &settings, InjectorKind kind) {
    for (const InjectorSettings &injector : settings.injectors)
        if (injector.kind == kind && isActive(injector))
            return injector.strength;
    return infoOf(kind).neutral;
}

constexpr InjectorKind stuckKinds[] = {InjectorKind::Dead, InjectorKind::Hot, InjectorKind::Rows,
                                       InjectorKind::Columns};

/// A larger strength keeps what is stuck at a smaller one.
void stick(StuckPixels &pixels, std::uint64_t seed, InjectorKind kind, double strength,
           PlaneShape shape) {
    for (std::uint32_t row = 0; row < shape.height; ++row)
        for (std::uint32_t column = 0; column < shape.width; ++column) {
            const std::size_t pixel = std::size_t{row} * shape.width + column;
            const std::size_t unit = kind == InjectorKind::Rows      ? row
                                     : kind == InjectorKind::Columns ? column
                                                                     : pixel;
            const std::uint64_t draw = randomAt(seed, static_cast<std::uint64_t>(kind), unit);
            if (unitInterval(draw) >= strength)
                continue;
            const bool coin = (draw & 1) != 0;  // not among the bits compared above
            const bool fires = kind == InjectorKind::Hot || (kind != InjectorKind::Dead && coin);
            setBit((fires ? pixels.firing : pixels.silent).data(), pixel);
            clearBit((fires ? pixels.silent : pixels.firing).data(), pixel);
        }
}

}  // namespace

std::uint64_t planeSeed(std::uint64_t seed, InjectorKind kind, std::uint64_t number) {
    return randomAt(seed, static_cast<std::uint64_t>(kind), number);
}

StuckPixels stuckPixels(const NoiseSettings &settings, PlaneShape shape) {
    StuckPixels pixels{std::vector<std::uint64_t>(shape.wordStride()),
                       std::vector<std::uint64_t>(shape.wordStride())};
    for (const InjectorKind kind : stuckKinds)
        if (const double fraction = activeStrength(settings, kind); fraction > 0)
            stick(pixels, settings.seed, kind, fraction, shape);
    return pixels;
}

std::vector<NoiseStep> noiseSteps(const NoiseSettings &settings) {
    std::vector<NoiseStep> steps;
    const auto add = [&](NoiseAction action, InjectorKind kind, double strength) {
        if (strength > 0)
            steps.push_back({action, kind, strength});
    };
    const auto addActive = [&](NoiseAction action, InjectorKind kind) {
        add(action, kind, activeStrength(settings, kind));
    };
    const double light = activeStrength(settings, InjectorKind::Brightness);
    if (light > 1)
        add(NoiseAction::Brighten, InjectorKind::Brightness, light);
    add(NoiseAction::Clear, InjectorKind::Brightness, 1 - light);
    addActive(NoiseAction::Delay, InjectorKind::Jitter);
    addActive(NoiseAction::Clear, InjectorKind::Missing);
    addActive(NoiseAction::Set, InjectorKind::Extra);
    if (std::any_of(std::begin(stuckKinds), std::end(stuckKinds),
                    [&](InjectorKind kind) { return activeStrength(settings, kind) > 0; }))
        add(NoiseAction::Stick, InjectorKind::Dead, 1);
    addActive(NoiseAction::Invert, InjectorKind::Flip);
    return steps;
}

std::vector<std::unique_ptr<PlaneInjector>> makePlaneInjectors(const NoiseSettings &settings,
                                                               PlaneShape shape) {
    std::vector<std::unique_ptr<PlaneInjector>> chain;
    for (const NoiseStep &step : noiseSteps(settings)) {
        if (step.action == NoiseAction::Brighten)
            chain.push_back(
                std::make_unique<BrighterInjector>(settings.seed, step.strength, shape));
        else if (step.action == NoiseAction::Delay)
            chain.push_back(std::make_unique<JitterInjector>(settings.seed, step.strength, shape));
        else if (step.action == NoiseAction::Stick)
            chain.push_back(std::make_unique<StuckInjector>(stuckPixels(settings, shape)));
        else
            chain.push_back(std::make_unique<MaskInjector>(settings.seed, step, shape));
    }
    return chain;
}

}  // namespace fovea
