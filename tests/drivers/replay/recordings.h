// SPDX-License-Identifier: Apache-2.0
// Small recordings with known planes and gaps, and a reader that checks every bit of them.
#pragma once

#include "drivers/replay/replay_source.h"
#include "engine/core/random.h"
#include "tests/support/files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

namespace fovea::test {

inline constexpr PlaneShape shape{13, 7};

/// Plane number `plane` of the test recording: random bits.
inline std::vector<std::uint64_t> planeBits(std::uint64_t plane) {
    std::vector<std::uint64_t> words(shape.wordStride());
    for (std::size_t p = 0; p < shape.pixels(); ++p)
        if (randomAt(99, plane, p) % 3 == 0)
            setBit(words.data(), p);
    return words;
}

/// A raw recording of the planes [0, planes) except those of `gaps`, with its sidecar.
inline void writeRecording(const std::filesystem::path &path, std::uint64_t planes,
                           const std::vector<RecordingGap> &gaps = {}) {
    Descriptor descriptor;
    descriptor.shape = shape;
    descriptor.rateHz = 40000;
    descriptor.flip = false;
    descriptor.format = FileFormat::Raw;
    descriptor.gaps = gaps;
    std::map<std::uint64_t, std::uint64_t> lost;  // first -> planes
    std::uint64_t lostSoFar = 0;
    for (const RecordingGap &gap : gaps) {
        lost[gap.before + lostSoFar] = gap.planes;
        lostSoFar += gap.planes;
    }
    std::vector<std::vector<std::uint64_t>> stored;
    for (std::uint64_t plane = 0; plane < planes;) {
        if (lost.contains(plane))
            plane += lost[plane];
        else
            stored.push_back(planeBits(plane++));
    }
    descriptor.planes = stored.size();
    std::vector<unsigned char> bytes((stored.size() * shape.pixels() + 7) / 8);
    for (std::size_t i = 0; i < stored.size(); ++i)
        packPlane(stored[i].data(), false, shape, bytes.data(), i * shape.pixels());
    writeBytes(path, bytes);
    std::ofstream(sidecarPath(path)) << sidecarText(descriptor);
}

/// What a reader saw: bits of every plane are checked on the way.
struct Seen {
    std::vector<std::uint64_t> planes;
    std::vector<Gap> gaps;                ///< neighbours of one reason joined
    std::vector<std::uint64_t> gapFirst;  ///< number of the first lost plane
    PlaneLedger ledger;
    std::uint64_t hash = 0;

    void take(const SpikeBlock &block) {
        ledger.receive(block.spanned());
        ledger.deliver(block.planeCount());
        std::uint64_t number = block.firstPlane();
        std::size_t gap = 0;
        for (std::uint32_t i = 0; i <= block.planeCount(); ++i) {
            for (; gap < block.gaps().size() && block.gaps()[gap].beforeIndex == i; ++gap) {
                addGap(number, block.gaps()[gap]);
                number += block.gaps()[gap].planes;
            }
            if (i == block.planeCount())
                break;
            REQUIRE(block.planeNumber(i) == number);
            const auto expected = planeBits(number);
            const bool same = std::equal(expected.begin(), expected.end(), block.plane(i));
            REQUIRE(same);
            for (const std::uint64_t word : expected)
                hash = mixBits(hash ^ word);
            planes.push_back(number++);
        }
        REQUIRE(number == block.endPlane());
    }
    void addGap(std::uint64_t first, const Gap &gap) {
        ledger.drop(gap.reason, gap.planes);
        if (!gaps.empty() && gapFirst.back() + gaps.back().planes == first &&
            gaps.back().reason == gap.reason) {
            gaps.back().planes += gap.planes;
            return;
        }
        gaps.push_back({0, gap.reason, gap.planes});
        gapFirst.push_back(first);
    }
};

inline ReplaySettings settingsFor(const std::filesystem::path &path, double speed) {
    ReplaySettings settings;
    settings.path = path;
    settings.play.speed = speed;
    return settings;
}

}  // namespace fovea::test
