// SPDX-License-Identifier: Apache-2.0
// The fast filter against the exact one: random shapes, rates, batches and gaps.
#include "engine/detect/batch_filter.h"

#include "tests/engine/detect/time_word_planes.h"

#include <cmath>
#include <cstdio>
#include <optional>

using namespace fovea;

namespace {

using Plane = std::vector<std::uint64_t>;

/// The STP rule in double precision, one pixel, with how close each decision was.
struct Reference {
    double R = 1, u, g = 0, dt = 1;
    explicit Reference(double u0) : u(u0) {}
    /// Distance of d (sqrt(g) + 1) to the threshold, relative to it; empty without a spike.
    std::optional<double> step(bool spike, const StpSettings &s) {
        double d = 0;
        if (spike) {
            const double old = R;
            R = 1 - (1 - old * (1 - u)) * std::exp(-dt / s.timeUnit / s.D);
            u = s.u0 + (u + s.f * (1 - u) - s.u0) * std::exp(-dt / s.timeUnit / s.F);
            d = std::abs(R - old);
            dt = 0;
        }
        ++dt;
        g = 0.5 * g + 0.5 * d / R;
        return spike ? std::optional(d * (std::sqrt(g) + 1) / s.threshold - 1) : std::nullopt;
    }
};

/// Random planes: each pixel fires at its own rate; some rates jump half way.
class Planes {
public:
    Planes(PlaneShape shape, Random &random) : shape_(shape), random_(random) {
        for (std::size_t p = 0; p < shape.pixels(); ++p)
            rates_.push_back(std::pow(random.uniform(), 2.0));
    }
    Plane next() {
        if (random_.uniform() < 0.02)
            for (double &rate : rates_)
                rate = random_.uniform() < 0.3 ? random_.uniform() : rate;
        Plane words(shape_.wordStride(), 0);
        for (std::size_t p = 0; p < rates_.size(); ++p)
            if (random_.uniform() < rates_[p])
                setBit(words.data(), p);
        return words;
    }

private:
    PlaneShape shape_;
    Random &random_;
    std::vector<double> rates_;
};

std::size_t below(Random &random, std::size_t limit) {
    return static_cast<std::size_t>(random.uniform() * static_cast<double>(limit));
}

std::vector<Plane> outputs(const BatchFilter &filter, std::size_t planes, PlaneShape shape,
                           bool fired) {
    std::vector<Plane> result(planes, Plane(shape.wordStride(), ~std::uint64_t{0}));
    std::vector<std::uint64_t *> pointers;
    for (Plane &plane : result)
        pointers.push_back(plane.data());
    if (fired)
        filter.fired(0, pointers);
    else
        filter.passed(0, pointers);
    return result;
}

struct Worst {
    double R = 0, u = 0, potential = 0;
    std::size_t near = 0, spikes = 0;
};

/// Exact classes and reference beside the fast one.
class Trial {
public:
    explicit Trial(std::uint64_t seed)
        : random_(seed), shape_(anyShape()), stp_(anySettings()), planes_(shape_, random_),
          fast_(stp_, {}, shape_), exact_(stp_, shape_), layer_({}, shape_),
          references_(shape_.pixels(), Reference(stp_.u0)) {}

    void run(Worst &worst) {
        const std::size_t batches = 2 + below(random_, 8);
        for (std::size_t i = 0; i < batches; ++i) {
            batch(1 + below(random_, BatchFilter::maxPlanes), worst);
            if (random_.uniform() < 0.2)
                skip(1 + below(random_, 90));
            compareStates(worst);
        }
    }

private:
    PlaneShape anyShape() {
        return {static_cast<std::uint32_t>(1 + below(random_, 90)),
                static_cast<std::uint32_t>(1 + below(random_, 20))};
    }
    StpSettings anySettings() {
        StpSettings s;
        if (random_.uniform() < 0.5)
            return s;
        s.u0 = static_cast<float>(0.05 + 0.4 * random_.uniform());
        s.D = static_cast<float>(0.005 + 0.05 * random_.uniform());
        s.F = static_cast<float>(0.05 + 2 * random_.uniform());
        s.f = static_cast<float>(0.02 + 0.3 * random_.uniform());
        s.threshold = static_cast<float>(0.03 + 0.2 * random_.uniform());
        return s;
    }

    void skip(std::size_t planes) {
        fast_.skip(planes);
        exact_.skip(planes);
        for (Reference &reference : references_)
            reference.dt += static_cast<double>(planes);
    }

    void batch(std::size_t count, Worst &worst) {
        std::vector<Plane> planes;
        std::vector<const std::uint64_t *> pointers;
        for (std::size_t i = 0; i < count; ++i)
            planes.push_back(planes_.next());
        for (const Plane &plane : planes)
            pointers.push_back(plane.data());
        fast_.filter(pointers);
        fast_.fire();
        const auto passed = outputs(fast_, count, shape_, false);
        const auto fired = outputs(fast_, count, shape_, true);
        Plane expected(shape_.wordStride());
        for (std::size_t i = 0; i < count; ++i) {
            exact_.update(pointers[i], expected.data());
            comparePassed(planes[i], passed[i], expected, worst);
            layer_.update(passed[i].data(), expected.data());
            REQUIRE(fired[i] == expected);
        }
    }

    void comparePassed(const Plane &plane, const Plane &passed, const Plane &expected,
                       Worst &worst) {
        for (std::size_t p = 0; p < shape_.pixels(); ++p) {
            const auto margin = references_[p].step(testBit(plane.data(), p), stp_);
            worst.spikes += margin.has_value();
            const bool found = testBit(passed.data(), p);
            if (margin && std::abs(*margin) > 1e-4) {
                REQUIRE(found == (*margin > 0));
                REQUIRE(testBit(expected.data(), p) == (*margin > 0));
            } else {
                worst.near += margin.has_value();
                REQUIRE((margin || !found));
            }
        }
        for (std::size_t bit = shape_.pixels(); bit < passed.size() * 64; ++bit)
            REQUIRE_FALSE(testBit(passed.data(), bit));
    }

    void compareStates(Worst &worst) {
        for (std::size_t p = 0; p < shape_.pixels(); ++p) {
            const auto gap = [](double a, double b) { return std::abs(a - b); };
            const double R = 1 - double{fast_.deficit()[p]};
            worst.R = std::max(worst.R, gap(R, exact_.resources()[p]));
            const Reference &r = references_[p];
            const double drive =
                (r.u + stp_.f * (1 - r.u) - stp_.u0) * std::exp(-r.dt / stp_.timeUnit / stp_.F);
            worst.u = std::max(worst.u, gap(fast_.drive()[p], drive));
            worst.potential =
                std::max(worst.potential, gap(fast_.potential()[p], layer_.potential()[p]));
        }
    }

    Random random_;
    PlaneShape shape_;
    StpSettings stp_;
    Planes planes_;
    BatchFilter fast_;
    StpFilter exact_;
    LifLayer layer_;
    std::vector<Reference> references_;
};

}  // namespace

TEST_CASE("fast STP and LIF stay within their bounds of the exact ones") {
    constexpr std::size_t trials = 1000;
    Worst worst;
    for (std::uint64_t seed = 0; seed < trials; ++seed) {
        INFO("seed " << seed);
        Trial(seed).run(worst);
        REQUIRE(worst.R <= 2e-5);
        REQUIRE(worst.u <= 2e-5);
        REQUIRE(worst.potential == 0);
    }
    std::printf("fast STP and LIF, %zu trials: R within %.2g, u within %.2g; %zu of %zu spikes "
                "within 1e-4 of the threshold\n",
                trials, worst.R, worst.u, worst.near, worst.spikes);
    REQUIRE(worst.spikes > 1000);
    REQUIRE(worst.near < worst.spikes / 500);
}

TEST_CASE("a silent pixel keeps its state for long") {
    constexpr PlaneShape shape{2, 1};
    StpSettings settings;
    settings.F = 500;  // of 2000 planes each: hardly decays
    settings.D = 500;
    BatchFilter fast(settings, {}, shape);
    Reference reference(settings.u0);
    const Plane off(shape.wordStride(), 0);
    Plane on = off;
    setBit(on.data(), 0);
    const auto step = [&](const Plane &plane) {
        const std::uint64_t *pointer = plane.data();
        fast.filter({&pointer, 1});
        (void)reference.step(plane == on, settings);
    };
    step(on);
    const std::vector<const std::uint64_t *> nothing(32, off.data());
    for (int i = 0; i < 3125; ++i)
        fast.filter(nothing);
    reference.dt += 100000;
    step(on);
    CHECK(std::abs(1 - double{fast.deficit()[0]} - reference.R) <= 2e-5);
    CHECK(fast.deficit()[1] == 0);
}

TEST_CASE("threads and instruction sets do not change the fast filter") {
    constexpr PlaneShape shape{131, 77};
    const auto run = [&](TilePool *pool) {
        Random random(5);
        Planes planes(shape, random);
        BatchFilter filter({}, {}, shape, pool);
        std::vector<Plane> result;
        for (std::size_t count : {32U, 8U, 1U, 31U, 32U}) {
            std::vector<Plane> batch;
            std::vector<const std::uint64_t *> pointers;
            for (std::size_t i = 0; i < count; ++i)
                batch.push_back(planes.next());
            for (const Plane &plane : batch)
                pointers.push_back(plane.data());
            filter.filter(pointers);
            filter.fire();
            for (const bool fired : {false, true})
                for (Plane &plane : outputs(filter, count, shape, fired))
                    result.push_back(std::move(plane));
        }
        const std::span<const float> values = filter.potential();
        return std::pair(result, std::vector<float>(values.begin(), values.end()));
    };
    const auto expected = run(nullptr);
    TilePool pool(3);
    CHECK(run(&pool) == expected);
    test::forEachTarget([&] { CHECK(run(nullptr) == expected); });
}
