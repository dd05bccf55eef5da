// SPDX-License-Identifier: Apache-2.0
// What a session gives a recorder.
#pragma once

#include "datasets/recorder.h"
#include "tests/datasets/recordings.h"

namespace fovea::test {

inline SourceInfo sourceOf(PlaneShape shape) {
    SourceInfo info;
    info.shape = shape;
    info.planeRateHz = 20000;
    info.name = "Camera";
    info.serial = "7";
    return info;
}

// Blocks of ten planes each, in order.
inline void feed(RecorderSink &sink, const SpikeBlock &planes, std::uint32_t from = 0) {
    for (std::uint32_t i = from; i < planes.planeCount(); i += 10) {
        SpikeBlock block(planes.shape(), 10);
        block.begin(planes.firstPlane() + i, 20000);
        for (std::uint32_t j = i; j < std::min(i + 10, planes.planeCount()); ++j)
            std::memcpy(block.append(), planes.plane(j), planes.shape().wordStride() * 8);
        REQUIRE(sink.write(block));
    }
}

}  // namespace fovea::test
