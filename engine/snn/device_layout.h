// SPDX-License-Identifier: Apache-2.0
// How the values of a network lie on a device: packed or as numbers, shared, taken up at once.
#pragma once

#include "engine/snn/network.h"

namespace fovea {

/// What a device keeps of one node. Values lie channels last.
struct NodeLayout {
    std::uint32_t root = 0;    ///< the node whose memory holds the value (Flatten shows another's)
    std::uint32_t into = 0;    ///< the neurons that take the value up where it is made, or itself
    bool packed = false;       ///< a byte holds eight steps of spikes of one size
    std::vector<float> sizes;  ///< of a packed spike: one, or one a channel
    std::uint32_t channels = 0;
    std::uint32_t places = 0;  ///< of a channel
    std::uint32_t pitch = 0;   ///< bytes or numbers from place to place
    bool kept = false;         ///< the next step reads it

    [[nodiscard]] std::size_t elements() const { return std::size_t{channels} * places; }
};

/// One entry a node. The input counts as numbers; whoever gives planes packs it. Packed channels
/// are filled up to a multiple of `block`.
[[nodiscard]] std::vector<NodeLayout> layOut(const Network &network, std::uint32_t block = 1);

}  // namespace fovea
