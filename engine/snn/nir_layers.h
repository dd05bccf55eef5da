// SPDX-License-Identifier: Apache-2.0
// One node of a NIR file as a layer.
#pragma once

#include "engine/snn/hdf5_reader.h"
#include "engine/snn/layers.h"

namespace fovea {

/// The layer that the group describes, whose "type" is `type`. BadFile when a dataset is missing or
/// impossible, Unsupported for a type that is not known (the message lists those that are).
/// Names of datasets that mean nothing go to `warnings`.
[[nodiscard]] Result<Layer> readNirLayer(const Hdf5Group &group, const std::string &type, double dt,
                                         std::vector<std::string> &warnings);

/// The whole number that a value of a file must be.
[[nodiscard]] Result<std::int64_t> wholeNumber(double value, const std::string &where);

}  // namespace fovea
