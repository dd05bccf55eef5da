// SPDX-License-Identifier: Apache-2.0
// A library that stands in for the capture card's: same functions, a scripted card behind them.
#include "drivers/pcie/jr6101.h"
#include "tests/fakes/fake_card.h"

#include <chrono>
#include <cstdlib>

using namespace fovea;
using namespace fovea::test;

namespace {

// Programs that know nothing of the fake say the height by the environment.
FakeCard &card() {
    static FakeCard *const only = [] {
        WireLayout layout;
        if (const char *height = std::getenv("FAKE_CARD_HEIGHT"))
            layout.height = static_cast<std::uint32_t>(std::atoi(height));
        auto *made = new FakeCard(layout);
        if (const char *pace = std::getenv("FAKE_CARD_BYTES_PER_SECOND"))
            made->bytesPerSecond = std::atof(pace);
        return made;
    }();
    return *only;
}

std::atomic<int> inside{0};

class Inside {
public:
    explicit Inside(const char *call) {
        if (++inside > 1)
            card().twoInside = true;
        std::unique_lock lock(card().mutex);
        card().hangs = card().hangs || card().hanging == call;
        card().released.notify_all();
        card().released.wait(lock, [&] { return card().hanging != call; });
    }
    ~Inside() { --inside; }
};

std::vector<std::uint8_t> memory;
std::chrono::steady_clock::time_point begun;
double sent = 0;

}  // namespace

#define FAKE_EXPORT extern "C" __attribute__((visibility("default")))

FAKE_EXPORT FakeCard *fakeCard() {
    return &card();
}

FAKE_EXPORT std::int32_t DevOpen(jr6101::DeviceInfo *info, std::int32_t flag) {
    const Inside here("DevOpen");
    const std::lock_guard lock(card().mutex);
    if (card().gone)
        return -19;
    if (card().openAnswer != 0 || flag != 0)
        return card().openAnswer;
    *info = {card().revision, 1010, 1000};
    ++card().opens;
    begun = std::chrono::steady_clock::now();
    sent = 0;
    return 0;
}

FAKE_EXPORT std::int32_t DevClose() {
    const Inside here("DevClose");
    ++card().closes;
    return 0;
}

FAKE_EXPORT std::int32_t DevOpenCh(std::int32_t channel, std::int32_t mode) {
    const Inside here("DevOpenCh");
    const std::lock_guard lock(card().mutex);
    return channel == 0 && mode == 0 ? card().channelAnswer : -22;
}

FAKE_EXPORT std::int32_t DevCloseCh(std::int32_t) {
    const Inside here("DevCloseCh");
    return 0;
}

#ifndef FAKE_WITHOUT_READ
FAKE_EXPORT std::int32_t DevMBRead(std::int32_t channel, jr6101::MemoryBlock *block) {
    const Inside here("DevMBRead");
    const std::lock_guard lock(card().mutex);
    if (card().gone || channel != 0)
        return -19;
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begun;
    const bool early = card().bytesPerSecond > 0 && sent > time.count() * card().bytesPerSecond;
    if (card().silent || card().blocksLeft == 0 || early || card().lent > 0)
        return -11;
    --card().blocksLeft;
    memory.resize(card().blockBytes);
    card().stream.read(memory);
    sent += static_cast<double>(memory.size());
    ++card().lent;
    ++card().blocks;
    const auto size = static_cast<std::int64_t>(memory.size());
    *block = {card().sizeSaid != 0 ? card().sizeSaid : size, 3, 0,
              reinterpret_cast<std::int32_t *>(memory.data()), 0};
    return 0;
}
#endif

FAKE_EXPORT std::int32_t DevReadMBFree(std::int32_t, jr6101::MemoryBlock *) {
    const Inside here("DevReadMBFree");
    --card().lent;
    return 0;
}
