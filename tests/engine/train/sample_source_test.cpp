// SPDX-License-Identifier: Apache-2.0
// Batches hold every sample once, in an order of their seed, whatever the number of threads.
#include "engine/train/sample_source.h"

#include <catch2/catch.hpp>
#include <set>

using namespace fovea;

namespace {

class Numbers final : public SampleSource {
public:
    explicit Numbers(std::size_t size, std::size_t steps = 0) : size_(size), steps_(steps) {}
    std::size_t size() const override { return size_; }
    SignalShape inputShape() const override { return SignalShape::of({2}); }
    std::size_t steps() const override { return steps_; }
    std::size_t targetSize() const override { return 1; }
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override {
        for (std::size_t i = 0; i < input.size(); ++i)
            input[i] = static_cast<float>(index * 100 + i);
        target[0] = static_cast<float>(seed % 1000);
    }

private:
    std::size_t size_, steps_;
};

std::vector<float> all(const SampleSource &source, const BatchLoader::Settings &settings) {
    BatchLoader loader(source, settings);
    std::vector<float> values;
    while (const auto batch = loader.next()) {
        values.insert(values.end(), batch->inputs.begin(), batch->inputs.end());
        values.insert(values.end(), batch->targets.begin(), batch->targets.end());
    }
    return values;
}

}  // namespace

TEST_CASE("an epoch holds every sample once", "[train]") {
    const Numbers source(23);
    BatchLoader loader(source, {5, 7});
    REQUIRE(loader.batches() == 5);
    std::set<float> seen;
    std::size_t count = 0;
    while (const auto batch = loader.next()) {
        count += batch->count;
        for (std::size_t i = 0; i < batch->count; ++i)
            seen.insert(batch->inputs[2 * i]);
    }
    REQUIRE(count == 23);
    REQUIRE(seen.size() == 23);
}

TEST_CASE("seeds make the order, threads do not", "[train]") {
    const Numbers source(50);
    const auto one = all(source, {4, 1, true, 1});
    REQUIRE(all(source, {4, 1, true, 3}) == one);
    REQUIRE(all(source, {4, 2, true, 1}) != one);
    REQUIRE(all(source, {4, 1, false})[0] == 0);
}

TEST_CASE("steps of a batch lie together", "[train]") {
    const Numbers source(2, 3);
    BatchLoader loader(source, {2, 1, false});
    const auto batch = loader.next();
    REQUIRE(batch->inputs == std::vector<float>{0, 1, 100, 101, 2, 3, 102, 103, 4, 5, 104, 105});
    REQUIRE(loader.next() == nullptr);
}

TEST_CASE("processes share a batch", "[train]") {
    const Numbers source(8);
    BatchLoader whole(source, {4, 3});
    BatchLoader first(source, {4, 3, true, 1, 0, 2}), second(source, {4, 3, true, 1, 1, 2});
    const auto both = whole.next();
    auto joined = first.next()->inputs;
    const auto rest = second.next()->inputs;
    joined.insert(joined.end(), rest.begin(), rest.end());
    REQUIRE(joined == both->inputs);
}

TEST_CASE("a loader that is not read to the end ends", "[train]") {
    const Numbers source(1000);
    BatchLoader loader(source, {1, 1, true, 2});
    REQUIRE(loader.next() != nullptr);
}
