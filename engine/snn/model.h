// SPDX-License-Identifier: Apache-2.0
// A loaded network with everything that a stream needs to know of it.
#pragma once

#include "engine/snn/nir_file.h"
#include "engine/snn/stream_form.h"

#include <memory>

namespace fovea {

/// Immutable, shared by all that run it. Threads: any number may read.
struct Model {
    std::string name;  ///< of the file
    NirModel nir;
    StreamForm form;
    std::filesystem::file_time_type written{};                ///< the file, when it was read
    std::shared_ptr<const std::vector<std::string>> classes;  ///< names; empty for pictures

    [[nodiscard]] const Network &network() const { return nir.network; }
};
using ModelPtr = std::shared_ptr<const Model>;

/// Reads a NIR file; slow (it reads in a child process first). BadFile names file and reason.
[[nodiscard]] Result<ModelPtr> loadModel(const std::filesystem::path &path);

/// A model and how it is to be run. `model` is what `settings.file` holds, once somebody has loaded
/// it; who needs it and finds none loads it.
struct ModelUse {
    ModelSettings settings;
    ModelPtr model;

    /// Usage when no file is named; else loads what is not there.
    [[nodiscard]] Result<ModelPtr> get() const;
    friend bool operator==(const ModelUse &, const ModelUse &) = default;
};

}  // namespace fovea
