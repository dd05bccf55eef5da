// SPDX-License-Identifier: Apache-2.0
// Rows of what fired, in and out of order, by groups.
#include "engine/snn/event_list.h"

#include "tests/engine/snn/conv_runs.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace fovea;
using namespace fovea::test;

TEST_CASE("spikes and numbers name the same rows in the order of the weights", "[snn]") {
    ConvRun run(1, 2, 0.2);
    run.form.groups = GENERATE(1, 2, 7);
    SeenPlaces seen;
    seen.find(run.form, 0, 0);
    CHECK(seen.size() < run.form.taps());  // a corner
    EventList numbers, ordered;
    for (std::size_t group = 0; group < run.form.groups; ++group) {
        numbers.list(run.form, seen, run.input.data() + run.from.elements(), group);
        ordered.list(run.form, seen, run.spikes, 0, 1, group);
        CHECK(std::ranges::equal(ordered.rows(), numbers.rows()));
        CHECK(std::ranges::is_sorted(ordered.rows()));
        CHECK(ordered.factors().empty());
        CHECK(std::ranges::count(numbers.factors(), 1.0F) ==
              static_cast<std::ptrdiff_t>(numbers.rows().size()));
        CHECK_FALSE(ordered.rows().empty());
    }
}
