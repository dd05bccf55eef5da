// SPDX-License-Identifier: Apache-2.0
// Configuration: what is read must be written so that it reads back.
#include "engine/pipeline/config.h"
#include "tests/fuzz/fuzz_target.h"

#include <cstdlib>

namespace fovea::fuzz {

void configuration(Bytes bytes) {
    const auto config = parseConfig(asText(bytes), "fuzz");
    if (config && !parseConfig(toYaml(*config), "written"))
        std::abort();
}

/// "name=value", as --set takes it.
void configurationField(Bytes bytes) {
    const std::string_view text = asText(bytes);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
        return;
    Config config;
    if (setField(config, text.substr(0, equals), text.substr(equals + 1), "--set") &&
        !parseConfig(toYaml(config), "written"))
        std::abort();
}

}  // namespace fovea::fuzz
