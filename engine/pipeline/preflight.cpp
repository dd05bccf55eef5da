// SPDX-License-Identifier: Apache-2.0
// Three lights and a sentence.
#include "engine/pipeline/preflight.h"

#include "engine/core/clock.h"
#include "engine/core/random.h"
#include "engine/core/text.h"
#include "engine/pipeline/stages.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

constexpr double comfortable = 0.8;  // of what there is
constexpr double soonFullSeconds = 60;

BudgetLight lightOf(double needed, const std::optional<double> &present) {
    if (!present)
        return BudgetLight::Amber;
    if (needed > *present)
        return BudgetLight::Red;
    return needed > comfortable * *present ? BudgetLight::Amber : BudgetLight::Green;
}

std::string megabytes(double bytes) {
    return fmt::format("{:.{}f} MB/s", bytes / 1e6, bytes < 1e7 ? 1 : 0);
}

Budget rateBudget(std::string name, double needed, std::optional<double> present,
                  const std::string &who) {
    Budget budget{std::move(name), lightOf(needed, present), needed, present, {}};
    budget.text = fmt::format("needs {}, {} {}", megabytes(needed), who,
                              present ? "takes " + megabytes(*present) : "was not measured");
    return budget;
}

Budget roomBudget(const PreflightInput &input, double bytesPerSecond) {
    const std::optional<double> room =
        input.freeBytes ? std::optional(static_cast<double>(*input.freeBytes)) : std::nullopt;
    const double seconds = input.seconds > 0 ? input.seconds : soonFullSeconds;
    Budget budget{
        "room", lightOf(seconds * bytesPerSecond, room), seconds * bytesPerSecond, room, {}};
    // Somebody who stops by hand sees how full it is.
    if (input.seconds <= 0 && budget.light == BudgetLight::Red)
        budget.light = BudgetLight::Amber;
    if (!room) {
        budget.text = "free room is not known";
        return budget;
    }
    if (input.seconds > 0)
        budget.text = fmt::format("needs {}, ", byteText(budget.needed));
    budget.text += fmt::format("{} are free", byteText(*room));
    if (const std::string full = fullInText(*input.freeBytes, bytesPerSecond); !full.empty())
        budget.text += fmt::format(", full in {}", full);
    return budget;
}

/// Of a source that waits: it only takes longer than it plays, which the text must not contradict.
void letWait(Budget &budget, double &slowness) {
    budget.light = BudgetLight::Green;
    if (!budget.present || *budget.present <= 0 || budget.needed <= *budget.present)
        return;
    slowness = std::max(slowness, budget.needed / *budget.present);
    budget.text += ": the source waits";
}

std::shared_ptr<SpikeBlock> noisePlanes(PlaneShape shape, std::uint32_t count) {
    auto block = std::make_shared<SpikeBlock>(shape, count);
    block->begin(0, 40000);
    for (std::uint32_t plane = 0; plane < count; ++plane) {
        std::uint64_t *words = block->append();
        std::fill_n(words, shape.wordStride(), std::uint64_t{0});
        // Three in sixteen pixels, as a scene in good light.
        for (std::size_t i = 0; i < shape.pixels() / 64; ++i)
            words[i] = randomAt(plane, 1, i) & randomAt(plane, 2, i) &
                       (randomAt(plane, 3, i) | randomAt(plane, 4, i));
    }
    return block;
}

}  // namespace

std::string_view toString(BudgetLight light) {
    static constexpr std::array<std::string_view, 3> names{"green", "amber", "red"};
    return names.at(static_cast<std::size_t>(light));
}

BudgetLight Preflight::light() const {
    BudgetLight worst = BudgetLight::Green;
    for (const Budget &budget : budgets)
        worst = std::max(worst, budget.light);
    return worst;
}

std::string Preflight::verdict() const {
    const auto named = [this](BudgetLight light) {
        std::string names;
        for (const Budget &budget : budgets)
            if (budget.light == light)
                names += (names.empty() ? "" : ", ") + budget.name;
        return names;
    };
    switch (light()) {
    case BudgetLight::Green:
        return slowness > 1 ? fmt::format("this can be recorded without loss, but takes {:.1f} "
                                          "times as long as it plays",
                                          slowness)
                            : "this can be recorded without loss";
    case BudgetLight::Amber:
        return fmt::format("this may just work: look at {}", named(BudgetLight::Amber));
    case BudgetLight::Red:
        break;
    }
    return fmt::format("this cannot be recorded without loss: {}", named(BudgetLight::Red));
}

Preflight checkBudgets(const PreflightInput &input) {
    const double planeBytes = static_cast<double>(input.shape.pixels()) / 8;
    const double onDisk = planeBytes * input.planeRateHz * input.packedShare;
    Preflight result;
    if (input.hasLink)
        result.budgets.push_back(rateBudget(
            "link", (planeBytes + input.linkExtraBytes) * input.planeRateHz,
            input.linkBytesPerSecond, input.link.empty() ? std::string("the link") : input.link));
    result.budgets.push_back(rateBudget("disk", onDisk, input.diskBytesPerSecond, "the disk"));
    Budget engine{"engine",
                  lightOf(input.planeRateHz, input.enginePlanesPerSecond),
                  input.planeRateHz,
                  input.enginePlanesPerSecond,
                  {}};
    engine.text = fmt::format("needs {:.0f} planes/s, {}", input.planeRateHz,
                              input.enginePlanesPerSecond
                                  ? fmt::format("does {:.0f}", *input.enginePlanesPerSecond)
                                  : std::string("was not measured"));
    result.budgets.push_back(std::move(engine));
    if (!input.live)
        for (Budget &budget : result.budgets)
            letWait(budget, result.slowness);
    result.budgets.push_back(roomBudget(input, onDisk));
    return result;
}

std::string fullInText(std::uint64_t freeBytes, double bytesPerSecond) {
    if (bytesPerSecond <= 0)
        return {};
    const double seconds = static_cast<double>(freeBytes) / bytesPerSecond;
    if (seconds < 100)
        return fmt::format("{:.0f} s", std::floor(seconds));
    const double minutes = seconds / 60;
    if (minutes >= 100 * 60)
        return "more than 99 h";
    const auto whole = static_cast<std::uint64_t>(minutes);
    return fmt::format("{}:{:02} h", whole / 60, whole % 60);
}

Result<double> measureEngine(const Config &config, PlaneShape shape, double planeRateHz,
                             double seconds) {
    TilePool threads(config.engine.threads);
    Backend backend(config.engine.backend);
    auto stages = Stages::make(config, shape, planeRateHz, &threads, &backend);
    if (!stages)
        return tl::make_unexpected(stages.error());
    const auto perBlock = static_cast<std::uint32_t>(
        std::clamp(std::round(config.engine.blockMilliseconds * planeRateHz / 1000), 1.0,
                   std::max(1.0, 8e6 / static_cast<double>(shape.bytes()))));
    const auto planes = noisePlanes(shape, perBlock);
    std::uint64_t number = 0;
    const auto once = [&]() -> Result<void> {
        auto next = std::make_shared<SpikeBlock>(shape, perBlock);
        next->begin(number, planeRateHz);
        for (std::uint32_t i = 0; i < perBlock; ++i)
            std::copy_n(planes->plane(i), shape.wordStride(), next->append());
        number += perBlock;
        auto done = (*stages)->process(next, [](FrameResult) {});
        return done ? Result<void>{} : Result<void>(failed(done));
    };
    if (auto warm = once(); !warm)
        return failed(warm);
    const SteadyClock clock;
    const Clock::TimePoint begin = clock.now();
    double spent = 0;
    std::uint64_t blocks = 0;
    for (; spent < seconds; ++blocks) {
        if (auto done = once(); !done)
            return failed(done);
        spent = std::chrono::duration<double>(clock.now() - begin).count();
    }
    return static_cast<double>(blocks * perBlock) / spent;
}

}  // namespace fovea
