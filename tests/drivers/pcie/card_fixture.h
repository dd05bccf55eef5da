// SPDX-License-Identifier: Apache-2.0
// The fake card and a source that reads it.
#pragma once

#include "drivers/pcie/pcie_source.h"
#include "tests/fakes/fake_card.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <dlfcn.h>
#include <thread>

namespace fovea::test {

constexpr WireLayout smallLayout{6};

/// A fake card as it was in the beginning, and let go at the end.
struct CardFixture {
    FakeCard &card = theCard();
    SteadyClock clock;
    PcieSettings settings;

    explicit CardFixture(WireLayout layout = smallLayout) {
        settings.card.library = FOVEA_FAKE_CARD;
        waitUntilFree();
        card.reset(layout);
        settings.card.watchdog = patience(1000);
        settings.framePatience = patience(3000);  // silence is noticed before it
        settings.layout = layout;
        settings.planeRateHz = 20000;
        card.bytesPerSecond = 20000.0 * static_cast<double>(layout.frameBytes());
    }
    ~CardFixture() { card.letGo(); }
    CardFixture(const CardFixture &) = delete;
    CardFixture &operator=(const CardFixture &) = delete;

    static std::chrono::milliseconds patience(int milliseconds) {
        return std::chrono::milliseconds(static_cast<int>(milliseconds * slowness()));
    }
    std::unique_ptr<PcieSource> make() { return std::make_unique<PcieSource>(settings, clock); }
    void setFault(std::uint64_t frame, WireFault fault) {
        const std::lock_guard lock(card.mutex);
        card.stream.setFault(frame, fault);
    }

    /// A thread that an earlier test left behind in the library may still be on its way out.
    void waitUntilFree() {
        for (int i = 0; i < 1000; ++i) {
            CardReader probe(settings.card);
            const auto opened = probe.start();
            (void)probe.stop(std::chrono::seconds{5});
            if (opened || opened.error().message.find("in use") == std::string::npos)
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }

    static FakeCard &theCard() {
        void *handle = ::dlopen(FOVEA_FAKE_CARD, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        REQUIRE(handle != nullptr);
        auto *function = reinterpret_cast<FakeCardFunction *>(::dlsym(handle, fakeCardFunction));
        ::dlclose(handle);
        REQUIRE(function != nullptr);
        return *function();
    }
};

}  // namespace fovea::test
