// SPDX-License-Identifier: Apache-2.0
// What the parts of `fovea model` have in common, and opening a network of either format.
#pragma once

#include "app/interrupts.h"
#include "app/options.h"
#include "engine/snn/network.h"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

namespace fovea {

/// One `fovea model NAME`: its constructor declares the options.
///
/// Threads: one at a time.
class ModelAction {
public:
    ModelAction(CLI::App &model, const std::string &name, const std::string &help)
        : app_(*model.add_subcommand(name, help)) {
        app_.fallthrough();
    }
    ModelAction(const ModelAction &) = delete;
    ModelAction &operator=(const ModelAction &) = delete;
    virtual ~ModelAction() = default;

    [[nodiscard]] bool chosen() const { return app_.parsed(); }
    [[nodiscard]] virtual Result<void> run(const Interrupts &interrupts,
                                           const Verbosity &verbosity) = 0;

protected:
    CLI::App &app_;
};

[[nodiscard]] std::unique_ptr<ModelAction> makeModelInfo(CLI::App &model);
[[nodiscard]] std::unique_ptr<ModelAction> makeModelConvert(CLI::App &model);
[[nodiscard]] std::unique_ptr<ModelAction> makeModelEval(CLI::App &model);
[[nodiscard]] std::unique_ptr<ModelAction> makeModelScenes(CLI::App &model);

/// A network from a file, whatever its format.
struct ModelFile {
    Network network;
    std::string format;   ///< "nir" or "onnx"
    std::string version;  ///< of the NIR file, or the producer of the ONNX file
    double dt = 0;        ///< 0 for ONNX
    std::map<std::string, std::string> metadata;
    std::vector<std::string> warnings;
};

/// ONNX when the name ends in ".onnx", else NIR; `dt` as readNir() has it. Errors are those of a
/// named input.
[[nodiscard]] Result<ModelFile> openModel(const std::string &path,
                                          std::optional<double> dt = std::nullopt);

/// "fovea: warning: ..." on stderr, unless quiet.
void warnOf(const std::vector<std::string> &warnings, const Verbosity &verbosity);

}  // namespace fovea
