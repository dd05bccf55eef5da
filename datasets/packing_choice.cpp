// SPDX-License-Identifier: Apache-2.0
// A trial and what follows from it.
#include "datasets/packing_choice.h"

#include "datasets/zstd_blocks.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace fovea {

namespace {

constexpr std::array<std::string_view, 3> names{"none", "auto", "zstd"};
constexpr std::size_t trialBytes = std::size_t{2} << 20;
constexpr double mostShare = 0.9;
constexpr double mostOfCore = 0.5;

// Of this thread, so that others who work do not count.
double cpuSeconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

std::string_view toString(PackingWish wish) {
    return names.at(static_cast<std::size_t>(wish));
}

Result<PackingWish> parsePackingWish(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (text == names[i])
            return static_cast<PackingWish>(i);
    return fail(ErrorCode::Usage, "compress '{}': expected none, auto or zstd", text);
}

PackingTrial tryPacking(const SpikeBlock &block, bool flip) {
    const RawLayout layout{block.shape(), 0, flip};
    const auto planes = static_cast<std::uint32_t>(
        std::clamp<std::size_t>(trialBytes / block.shape().bytes(), 1, block.planeCount()));
    std::vector<std::uint8_t> raw(static_cast<std::size_t>(layout.bytesOf(planes)) + 8);
    for (std::uint32_t i = 0; i < planes; ++i)
        packPlane(block.plane(i), flip, block.shape(), raw.data(), i * block.shape().pixels());
    raw.resize(static_cast<std::size_t>(layout.bytesOf(planes)));
    BlockPacker packer;
    BlockRecord record;
    record.planes = planes;
    PackingTrial trial;
    if (!packer.pack(raw, record, 0))  // the first time it also takes its memory
        return trial;
    const double begin = cpuSeconds();
    const auto packed = packer.pack(raw, record, 0);
    const double seconds = std::max(1e-9, cpuSeconds() - begin);
    trial.share =
        static_cast<double>(packed ? packed->size() : raw.size()) / static_cast<double>(raw.size());
    trial.bytesPerSecond = static_cast<double>(raw.size()) / seconds;
    return trial;
}

PackingChoice choosePacking(const PackingTrial &trial, double bytesPerSecond) {
    const double core = bytesPerSecond / std::max(1.0, trial.bytesPerSecond);
    const std::string figures =
        fmt::format("{:.0f} % of the room, {:.0f} % of a core", trial.share * 100, core * 100);
    if (trial.share > mostShare)
        return {Packing::None, fmt::format("plain: zstd would take {}", figures)};
    if (core > mostOfCore)
        return {Packing::None, fmt::format("plain: zstd would take {}, more than the {:.0f} % "
                                           "that are left for it",
                                           figures, mostOfCore * 100)};
    return {Packing::Zstd, fmt::format("zstd: {}", figures)};
}

}  // namespace fovea
