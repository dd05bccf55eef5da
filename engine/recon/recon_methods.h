// SPDX-License-Identifier: Apache-2.0
// The one table of reconstruction methods: names, what they are, which settings they read.
#pragma once

#include "engine/recon/reconstructor.h"

#include <span>
#include <string>
#include <string_view>

namespace fovea {

/// Fields of ReconSettings that some methods read and others do not. Range, gain and gamma belong
/// to all.
enum class ReconParameter : std::uint8_t { Window, Convention, Reach, Form, History, Mode };

/// One line of the table. A new method gets a line here; menus, combo boxes, panels, toString(),
/// parseReconMethod() and their messages follow.
struct ReconMethodInfo {
    ReconMethod method = ReconMethod::Raw;
    std::string_view name;   ///< in configurations and on the command line: "tfp"
    std::string_view title;  ///< for people: "Rate (TFP)"
    std::string_view what;   ///< one sentence without a full stop
    std::span<const ReconParameter> parameters;

    [[nodiscard]] bool reads(ReconParameter parameter) const;
};

/// All methods, in the order of menus. Threads: any.
[[nodiscard]] std::span<const ReconMethodInfo> reconMethods();
/// "raw, tfp, ...": the names of all methods.
[[nodiscard]] const std::string &reconMethodNames();
[[nodiscard]] const ReconMethodInfo &infoOf(ReconMethod method);

}  // namespace fovea
