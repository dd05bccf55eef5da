// SPDX-License-Identifier: Apache-2.0
// Crashes, errors and endless work stay in the child.
#include "engine/snn/child_trial.h"

#include "tests/support/allocations.h"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

using namespace fovea;

namespace {

Result<void> trial(const std::function<Result<void>()> &work) {
    return tryInChild("the work", std::uint64_t{64} << 20, std::chrono::seconds(1), work);
}

}  // namespace

TEST_CASE("what goes well is done, and nothing is changed here", "[snn]") {
    int value = 1;
    CHECK(trial([&]() -> Result<void> {
        value = 2;
        return {};
    }));
    CHECK(value == 1);
}

TEST_CASE("an error comes back as it was", "[snn]") {
    const std::string longText(100000, 'x');
    const auto result =
        trial([&]() -> Result<void> { return fail(ErrorCode::Unsupported, "no {}", longText); });
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::Unsupported);
    CHECK(result.error().message == "no " + longText);
}

TEST_CASE("a crash is an error", "[snn]") {
    for (const int signal : {SIGSEGV, SIGABRT, SIGKILL}) {
        const auto result = trial([signal]() -> Result<void> {
            std::raise(signal);
            return {};
        });
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::BadFile);
        CHECK(result.error().message == "the work");
    }
    CHECK_FALSE(trial([]() -> Result<void> { std::_Exit(0); }));
}

TEST_CASE("a lock that was held at the fork costs a moment, not the answer", "[snn]") {
    // Shared with the children: the first two find the lock shut, as their copies of a mutex that
    // another thread holds would be.
    void *shared = mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto &begun = *new (shared) std::atomic<int>(0);
    std::array<char, 16> name{};
    prctl(PR_GET_NAME, name.data());
    prctl(PR_SET_NAME, "Thread (pooled)");  // as the window's threads are called
    const auto result = trial([&begun]() -> Result<void> {
        if (++begun <= 2)
            for (;;)
                pause();
        return fail(ErrorCode::Unsupported, "child {}", begun.load());
    });
    REQUIRE_FALSE(result);
    CHECK(result.error().message == "child 3");
    prctl(PR_SET_NAME, name.data());
    munmap(shared, sizeof(std::atomic<int>));
}

TEST_CASE("what is allocated is counted, in a child and untouched too", "[snn]") {
    const fovea::test::Allocations allocations;
    CHECK(allocations.peak() < 1 << 20);
    CHECK(tryInChild("the work", std::uint64_t{256} << 20, std::chrono::seconds(1),
                     []() -> Result<void> {
                         const std::unique_ptr<void, void (*)(void *)> much(
                             std::malloc(std::size_t{100} << 20), std::free);
                         return much ? Result<void>() : fail(ErrorCode::Io, "no memory");
                     }));
    CHECK(allocations.peak() >= std::size_t{100} << 20);
    CHECK(allocations.peak() < std::size_t{102} << 20);
    const fovea::test::Allocations again;
    CHECK(again.peak() < 1 << 20);
}

TEST_CASE("work without end is ended", "[snn]") {
    CHECK_FALSE(trial([]() -> Result<void> {
        const volatile bool on = true;
        while (on) {
        }
        return {};
    }));
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FOVEA_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FOVEA_SANITIZED
#endif

#ifndef FOVEA_SANITIZED
TEST_CASE("memory beyond what was given is refused", "[snn]") {
    const auto take = [](std::size_t mebibytes) {
        return trial([mebibytes]() -> Result<void> {
            std::vector<char> much(mebibytes << 20, 1);
            return much[much.size() / 2] == 1 ? Result<void>()
                                              : fail(ErrorCode::Io, "memory forgot");
        });
    };
    CHECK(take(32));
    const auto result = take(256);
    REQUIRE_FALSE(result);
    CHECK(result.error().message.find("memory") != std::string::npos);
}
#endif
