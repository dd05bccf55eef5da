// SPDX-License-Identifier: Apache-2.0
// Who takes spikes: recorders and exports.
#pragma once

#include "engine/core/spike_source.h"

namespace fovea {

/// Takes blocks in order, on a thread of its own behind a bounded queue that the Session keeps.
///
/// Threads: begin, write and finish are called by one thread; the Session calls finish once.
class SpikeSink {
public:
    virtual ~SpikeSink() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual Result<void> begin(const SourceInfo &info) = 0;
    /// After an error the Session stops feeding this sink, reports the error, and goes on.
    [[nodiscard]] virtual Result<void> write(const SpikeBlock &block) = 0;
    [[nodiscard]] virtual Result<void> finish() = 0;
};

}  // namespace fovea
