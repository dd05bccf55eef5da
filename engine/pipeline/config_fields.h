// SPDX-License-Identifier: Apache-2.0
// The one table of all settings: name, meaning, limits, how to read and write each.
#pragma once

#include "engine/pipeline/config.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace fovea {

/// One setting. `read` stores a YAML value or says what is allowed instead.
struct ConfigField {
    std::string_view section;
    std::string_view key;
    std::string_view help;
    /// Empty when stored, else what is allowed: "a number from 1 to 40000".
    std::function<std::string(const YAML::Node &)> read;
    /// The present value as YAML.
    std::function<std::string()> write;
};

/// All settings of `config`, in the order of the file. Lives as long as `config`.
[[nodiscard]] std::vector<ConfigField> fieldsOf(Config &config);

}  // namespace fovea
