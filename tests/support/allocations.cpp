// SPDX-License-Identifier: Apache-2.0
// An allocator that counts.
#include "tests/support/allocations.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <malloc.h>
#include <new>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FOVEA_HOOKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FOVEA_HOOKS
#endif
#endif

namespace {

/// Of this process: a child goes on with its parent's. Below zero when hooks saw only the end of
/// what was allocated before them.
std::atomic<std::int64_t> held{0};
/// Of all processes: it lies in memory that they share. Null until somebody counts.
std::atomic<std::atomic<std::int64_t> *> highest{nullptr};

void added(std::size_t bytes) {
    const auto more = static_cast<std::int64_t>(bytes);
    const std::int64_t now = held.fetch_add(more, std::memory_order_relaxed) + more;
    auto *const peak = highest.load(std::memory_order_acquire);
    if (peak == nullptr)
        return;
    std::int64_t seen = peak->load(std::memory_order_relaxed);
    while (seen < now && !peak->compare_exchange_weak(seen, now)) {
    }
}

void removed(std::size_t bytes) {
    held.fetch_sub(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
}

}  // namespace

#ifdef FOVEA_HOOKS
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, std::size_t),
                                              void (*freed)(const volatile void *));
std::size_t __sanitizer_get_allocated_size(const volatile void *pointer);
}

namespace {

void watch() {
    static const int installed = __sanitizer_install_malloc_and_free_hooks(
        [](const volatile void *, std::size_t bytes) { added(bytes); },
        [](const volatile void *pointer) {
            if (pointer != nullptr)
                removed(__sanitizer_get_allocated_size(pointer));
        });
    (void)installed;
}

}  // namespace
#else
extern "C" {
void *__libc_malloc(std::size_t bytes);
void *__libc_calloc(std::size_t count, std::size_t bytes);
void *__libc_realloc(void *pointer, std::size_t bytes);
void *__libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void *pointer);

static void *counted(void *pointer) {
    if (pointer != nullptr)
        added(malloc_usable_size(pointer));
    return pointer;
}

void *malloc(std::size_t bytes) noexcept {
    return counted(__libc_malloc(bytes));
}
void *calloc(std::size_t count, std::size_t bytes) noexcept {
    return counted(__libc_calloc(count, bytes));
}
void *realloc(void *pointer, std::size_t bytes) noexcept {
    const std::size_t before = pointer != nullptr ? malloc_usable_size(pointer) : 0;
    void *const moved = __libc_realloc(pointer, bytes);
    if (moved != nullptr || bytes == 0)
        removed(before);
    return counted(moved);
}
void *memalign(std::size_t alignment, std::size_t bytes) noexcept {
    return counted(__libc_memalign(alignment, bytes));
}
void *aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
    return counted(__libc_memalign(alignment, bytes));
}
int posix_memalign(void **result, std::size_t alignment, std::size_t bytes) noexcept {
    void *const pointer = counted(__libc_memalign(alignment, bytes));
    if (pointer == nullptr)
        return ENOMEM;
    *result = pointer;
    return 0;
}
void free(void *pointer) noexcept {
    if (pointer == nullptr)
        return;
    removed(malloc_usable_size(pointer));
    __libc_free(pointer);
}
}

namespace {

void watch() {}

}  // namespace
#endif

namespace fovea::test {

Allocations::Allocations() {
    watch();
    if (highest.load() == nullptr) {
        void *const page = mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            throw std::bad_alloc();
        highest.store(new (page) std::atomic<std::int64_t>(0));
    }
    before_ = held.load();
    highest.load()->store(before_);
}

std::int64_t Allocations::now() const {
    return held.load() - before_;
}

std::size_t Allocations::peak() const {
    return static_cast<std::size_t>(std::max<std::int64_t>(highest.load()->load() - before_, 0));
}

}  // namespace fovea::test
