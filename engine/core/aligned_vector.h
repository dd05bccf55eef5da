// SPDX-License-Identifier: Apache-2.0
// A vector whose memory begins on a cache line, as vector instructions like it.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace fovea {

template <class T> struct CacheLineAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    CacheLineAllocator() = default;
    template <class U> CacheLineAllocator(const CacheLineAllocator<U> &) {}
    [[nodiscard]] T *allocate(std::size_t count) {
        return static_cast<T *>(::operator new(count * sizeof(T), alignment));
    }
    void deallocate(T *memory, std::size_t) { ::operator delete(memory, alignment); }
    friend bool operator==(const CacheLineAllocator &, const CacheLineAllocator &) { return true; }
};

template <class T> using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace fovea
