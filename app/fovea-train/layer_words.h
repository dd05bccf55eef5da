// SPDX-License-Identifier: Apache-2.0
// Networks written down as lines of words, one a layer.
#pragma once

#include "engine/snn/network.h"

#include <span>
#include <string>

namespace fovea {

/// Each line is "[NAME =] KIND [ARGUMENT...] [from SOURCE...]"; without `from` the line before is
/// the source (the input of the first), several sources are added. Kinds:
///
///     conv CHANNELS SIDE [stride S] [pad P]   pad keeps the size unless told
///     linear OUTPUTS      pool SIDE      flatten      add
///     act                 QCFS of `levels`, lambda 1
///     lif TAU [soft]      if [soft]      threshold 1
///
/// All weights are 0: who trains draws them. Usage names the line.
[[nodiscard]] Result<Network> readLayers(std::span<const std::string> lines,
                                         const SignalShape &input, std::uint32_t levels);

/// The same layers behind an input of another size: of convolutions and pools alone. Usage when
/// something in it asks for the first size.
[[nodiscard]] Result<Network> withInputSize(const Network &network, std::uint64_t width,
                                            std::uint64_t height);

}  // namespace fovea
