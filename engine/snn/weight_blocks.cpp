// SPDX-License-Identifier: Apache-2.0
// Cutting outputs, group by group.
#include "engine/snn/weight_blocks.h"

#include <algorithm>

namespace fovea {

namespace {

std::size_t toLanes(std::size_t count) {
    return (count + WeightBlock::lanes - 1) / WeightBlock::lanes * WeightBlock::lanes;
}

}  // namespace

std::vector<WeightBlock> WeightBlock::cut(const ConvForm &form) {
    std::vector<WeightBlock> blocks;
    std::size_t begin = 0;
    for (std::size_t group = 0; group < form.groups; ++group)
        for (std::size_t o = 0; o < form.groupOutputs(); o += mostOutputs) {
            const std::size_t outputs = std::min(mostOutputs, form.groupOutputs() - o);
            blocks.push_back(
                {group, group * form.groupOutputs() + o, outputs, toLanes(outputs), begin});
            begin = blocks.back().end(form);
        }
    return blocks;
}

std::size_t WeightBlock::pitch(const ConvForm &form) {
    return toLanes(form.out.channels) + lanes;
}

std::size_t WeightBlock::nearPlaces(const ConvForm &form, std::size_t steps) {
    constexpr std::size_t nearSums = 4096;
    return std::clamp<std::size_t>(nearSums / (steps * pitch(form)), 1, form.out.width);
}

}  // namespace fovea
