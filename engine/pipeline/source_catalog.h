// SPDX-License-Identifier: Apache-2.0
// Which sources there are, and how to make one: filled by the application, used by everybody.
#pragma once

#include "engine/core/spike_source.h"
#include "engine/pipeline/config.h"

#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// One line of the source list.
struct SourceDescription {
    std::string kind;     ///< as SourceConfig::kind
    std::string name;     ///< for people
    std::string detail;   ///< "40000 planes/s, 400x250", serial, speed, state
    SourceConfig config;  ///< opens it
    std::string speed{};  ///< of a camera's link: "USB 3, 5 Gb/s"
    std::string state{};  ///< of a camera: "ready", "in use", "no permission"

    friend bool operator==(const SourceDescription &, const SourceDescription &) = default;
};

/// Threads: any.
class SourceCatalog {
public:
    virtual ~SourceCatalog() = default;
    /// Sources that can be opened now without asking anything (files are not listed).
    [[nodiscard]] virtual std::vector<SourceDescription> list() = 0;
    /// A closed source for `config`; opens nothing. Unknown kinds get an error that lists the
    /// known.
    [[nodiscard]] virtual Result<std::unique_ptr<SpikeSource>> make(const SourceConfig &config) = 0;
};

}  // namespace fovea
