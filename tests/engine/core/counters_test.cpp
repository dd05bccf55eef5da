// SPDX-License-Identifier: Apache-2.0
// The plane ledger: sums, balance, names, many threads.
#include "engine/core/counters.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace fovea;

namespace {

const std::vector<DropReason> &allReasons() {
    static const std::vector<DropReason> all = {
        DropReason::Link,     DropReason::Buffer, DropReason::Ring,    DropReason::Skipped,
        DropReason::Injected, DropReason::Engine, DropReason::Stopped, DropReason::Sink};
    return all;
}

}  // namespace

TEST_CASE("every reason for a loss has its own lower-case name", "[core]") {
    std::set<std::string> names;
    for (const DropReason reason : allReasons()) {
        const std::string name(toString(reason));
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos);
        names.insert(name);
    }
    CHECK(names.size() == dropReasonCount);
    CHECK(toString(DropReason::Link) == "link");
    CHECK(toString(DropReason::Sink) == "sink");
}

TEST_CASE("a new ledger is empty and balanced", "[core]") {
    const PlaneCounts counts = PlaneLedger{}.read();
    CHECK(counts.received == 0);
    CHECK(counts.delivered == 0);
    CHECK(counts.droppedTotal() == 0);
    CHECK(counts.balanced());
    CHECK_FALSE(counts.balanced(1));
}

TEST_CASE("every plane is counted under its own reason", "[core]") {
    PlaneLedger ledger;
    std::uint64_t planes = 1;
    std::uint64_t lost = 0;
    for (const DropReason reason : allReasons()) {
        ledger.drop(reason, planes);
        CHECK(ledger.read().of(reason) == planes);
        lost += planes;
        planes *= 7;
    }
    CHECK(ledger.read().droppedTotal() == lost);
    ledger.receive(lost + 100);
    CHECK_FALSE(ledger.read().balanced());
    CHECK(ledger.read().balanced(100));
    ledger.deliver(60);
    CHECK(ledger.read().balanced(40));
    ledger.deliver(40);
    CHECK(ledger.read().balanced());
    ledger.deliver(1);
    CHECK_FALSE(ledger.read().balanced());
}

TEST_CASE("counts go beyond 32 bits", "[core]") {
    PlaneLedger ledger;
    const std::uint64_t many = (std::uint64_t{1} << 32) - 100;
    ledger.receive(many);
    ledger.receive(many);
    ledger.deliver(2 * many);
    CHECK(ledger.read().received == 2 * many);
    CHECK(ledger.read().balanced());
}

TEST_CASE("threads that count at once lose nothing", "[core]") {
    PlaneLedger ledger;
    constexpr std::uint64_t rounds = 20000;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 4; ++i)
        threads.emplace_back([&ledger, i] {
            for (std::uint64_t round = 0; round < rounds; ++round) {
                ledger.receive(3);
                ledger.deliver(2);
                ledger.drop(allReasons()[i], 1);
            }
        });
    std::uint64_t last = 0;
    bool grows = true;
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t now = ledger.read().received;
        grows = grows && now >= last;
        last = now;
    }
    for (auto &thread : threads)
        thread.join();
    CHECK(grows);
    const PlaneCounts counts = ledger.read();
    CHECK(counts.received == 4 * rounds * 3);
    CHECK(counts.droppedTotal() == 4 * rounds);
    CHECK(counts.balanced());
}
