// SPDX-License-Identifier: Apache-2.0
// Optimal assignment of rows to columns (shortest augmenting paths, Jonker and Volgenant 1987).
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace fovea {

/// Finds, for a rows x columns cost matrix (row by row, finite values, rows <= columns), the column
/// of each row so that the sum of costs is least. O(rows^2 columns). Keeps its memory between
/// calls.
///
/// Threads: an instance belongs to one thread.
class AssignmentSolver {
public:
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    /// Lent until the next call: one column a row.
    [[nodiscard]] std::span<const std::size_t> solve(std::span<const double> costs,
                                                     std::size_t rows, std::size_t columns) {
        rowPrice_.assign(rows + 1, 0.0);
        columnPrice_.assign(columns + 1, 0.0);
        owner_.assign(columns + 1, 0);
        previous_.assign(columns + 1, 0);
        for (std::size_t row = 1; row <= rows; ++row)
            augment(costs, row, columns);
        result_.assign(rows, none);
        for (std::size_t column = 1; column <= columns; ++column)
            if (owner_[column] != 0)
                result_[owner_[column] - 1] = column - 1;
        return result_;
    }

private:
    /// Finds the shortest augmenting path that starts at `row` (all indices here count from 1).
    void augment(std::span<const double> costs, std::size_t row, std::size_t columns) {
        owner_[0] = row;
        least_.assign(columns + 1, std::numeric_limits<double>::infinity());
        done_.assign(columns + 1, 0);
        std::size_t at = 0;
        do {
            done_[at] = 1;
            const std::size_t from = owner_[at];
            double delta = std::numeric_limits<double>::infinity();
            std::size_t best = 0;
            for (std::size_t column = 1; column <= columns; ++column) {
                if (done_[column] != 0)
                    continue;
                const double reduced = costs[(from - 1) * columns + column - 1] - rowPrice_[from] -
                                       columnPrice_[column];
                if (reduced < least_[column]) {
                    least_[column] = reduced;
                    previous_[column] = at;
                }
                if (least_[column] < delta) {
                    delta = least_[column];
                    best = column;
                }
            }
            for (std::size_t column = 0; column <= columns; ++column) {
                if (done_[column] != 0) {
                    rowPrice_[owner_[column]] += delta;
                    columnPrice_[column] -= delta;
                } else {
                    least_[column] -= delta;
                }
            }
            at = best;
        } while (owner_[at] != 0);
        while (at != 0) {
            owner_[at] = owner_[previous_[at]];
            at = previous_[at];
        }
    }

    std::vector<double> rowPrice_, columnPrice_, least_;
    std::vector<std::size_t> owner_, previous_, result_;
    std::vector<char> done_;
};

}  // namespace fovea
