// SPDX-License-Identifier: Apache-2.0
// Sets of pictures and scenes as what training takes: augmented, through the sensor, cut.
#pragma once

#include "app/fovea-train/recipe.h"

#include <memory>

namespace fovea {

/// Source of training, what is held out of it, and the test set where there is one.
struct Samples {
    std::unique_ptr<SampleSource> train, heldOut, test;
    std::string description;           ///< of what was opened
    std::size_t labels = 0;            ///< classes of a set of classes, from 0
    std::vector<std::string> classes;  ///< names, where the set has some
};

/// Usage and BadFile name what cannot be opened.
[[nodiscard]] Result<Samples> openSamples(const DataRecipe &data);

/// Tells scenes how their target is laid out: blocks of side x side pixels become channels.
void setFold(Samples &samples, std::uint32_t side);

/// Tells scenes of objects how many cells the network's grid has.
void setGrid(Samples &samples, std::size_t columns, std::size_t rows);

}  // namespace fovea
