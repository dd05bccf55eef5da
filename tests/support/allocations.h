// SPDX-License-Identifier: Apache-2.0
// How much was allocated, by whatever library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::test {

/// Counts malloc and its relatives from here on, in this process and in children that it forks,
/// also bytes that nobody touches. One at a time. Programs that use it have their allocator
/// replaced by one that counts, or, under a sanitizer, watched through the sanitizer's hooks.
class Allocations {
public:
    Allocations();
    /// The most that was held at once since then, beyond what was held at the beginning.
    [[nodiscard]] std::size_t peak() const;
    /// What is held now beyond that; below zero when more was given back than taken.
    [[nodiscard]] std::int64_t now() const;

private:
    std::int64_t before_;
};

}  // namespace fovea::test
