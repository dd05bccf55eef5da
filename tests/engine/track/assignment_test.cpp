// SPDX-License-Identifier: Apache-2.0
// The optimal assignment against trying all.
#include "engine/track/assignment.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <random>

using namespace fovea;

TEST_CASE("no assignment of small matrices is cheaper") {
    std::mt19937 random(5);
    AssignmentSolver solver;
    for (int round = 0; round < 200; ++round) {
        const std::size_t rows = 1 + random() % 4;
        const std::size_t columns = rows + random() % 3;
        std::vector<double> costs(rows * columns);
        for (double &cost : costs)
            cost = static_cast<double>(random() % 20) - 5;
        const auto found = solver.solve(costs, rows, columns);
        double sum = 0;
        std::vector<char> used(columns, 0);
        for (std::size_t r = 0; r < rows; ++r) {
            REQUIRE(found[r] < columns);
            REQUIRE(used[found[r]]++ == 0);
            sum += costs[r * columns + found[r]];
        }
        std::vector<std::size_t> order(columns);
        std::iota(order.begin(), order.end(), std::size_t{0});
        double least = 1e9;
        do {
            double one = 0;
            for (std::size_t r = 0; r < rows; ++r)
                one += costs[r * columns + order[r]];
            least = std::min(least, one);
        } while (std::next_permutation(order.begin(), order.end()));
        REQUIRE(sum == Approx(least));
    }
}

TEST_CASE("nothing to assign") {
    AssignmentSolver solver;
    CHECK(solver.solve({}, 0, 3).empty());
}
