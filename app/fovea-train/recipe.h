// SPDX-License-Identifier: Apache-2.0
// A preset: everything that a training depends on, in one YAML file.
#pragma once

#include "engine/core/plane_shape.h"
#include "engine/noise/noise_settings.h"
#include "engine/train/trainer.h"

#include <map>
#include <string>
#include <vector>

namespace fovea {

/// What is shown and how. Keys of the file are those of README.md.
struct DataRecipe {
    std::string name;                ///< "mnist:DIR", "nmnist:DIR", "folder:DIR", ...
    std::string show = "pictures";   ///< or "spikes" (through the sensor model)
    std::uint64_t first = 0;         ///< samples of the set, 0: all
    std::uint64_t epochSamples = 0;  ///< of an endless set
    double heldOut = 0.1;
    double shift = 0, turn = 0, zoom = 0;  ///< augmentation: pixels, degrees, share
    bool mirror = false;
    std::uint64_t steps = 8, channels = 1;  ///< spikes: planes = steps x channels
    double dark = 0.3, white = 1;           ///< spikes a plane of a white pixel, from to
    double sensorNoise = 1;                 ///< up to so much of the sensor's own noise
    std::uint64_t side = 64;                ///< scenes: pixels of a sample
    double speed = 0.5;                     ///< scenes: most pixels a plane
    PlaneShape size{400, 250};              ///< objects: of a scene
    std::uint64_t objects = 8;              ///< at most in a scene
    std::vector<InjectorSettings> disturb;  ///< objects: one of them in half of all samples
    std::vector<double> mean{0}, deviation{1};
};

struct Recipe {
    std::string name;
    DataRecipe data;
    std::vector<std::string> layers;
    std::string start;  ///< a checkpoint whose best weights it begins with
    std::uint32_t levels = 4;
    TrainNetworkSettings network;
    TrainSettings training;
    std::uint64_t threads = 0;                        ///< of libtorch; 0: one a core
    std::uint64_t reportSteps = 0;                    ///< of the engine's scores; 0: net_steps
    std::uint64_t outputWidth = 0, outputHeight = 0;  ///< of the written network; 0: as trained
    std::map<std::string, std::string> stream;        ///< metadata of the NIR file
    std::string text;                                 ///< as read, with what --set changed
};

/// Reads the file and puts `settings` ("key=value") over its fields. Usage and BadFile name file,
/// line, field and what is allowed.
[[nodiscard]] Result<Recipe> readRecipe(const std::string &file,
                                        const std::vector<std::string> &settings);

}  // namespace fovea
