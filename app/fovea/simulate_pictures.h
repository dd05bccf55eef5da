// SPDX-License-Identifier: Apache-2.0
// A set of pictures in front of the synthetic sensor, one after another.
#pragma once

#include "datasets/labelled_pictures.h"
#include "drivers/synthetic/settings.h"
#include "engine/core/spike_source.h"
#include "engine/pipeline/config.h"

#include <string>
#include <vector>

namespace fovea {

struct PictureShowSettings {
    std::string set;  ///< for openPictures()
    std::uint64_t first = 100;
    std::uint64_t planesEach = 64;
    double white = 1;  ///< spikes a plane of a white pixel
};

/// Every picture meets a sensor of its own seed (seed + index): pixels that differ and begin
/// somewhere within their interval. Same settings, same planes.
///
/// Threads: one at a time.
class PictureShow {
public:
    /// Takes the set's test pictures, enlarged or reduced to `source.shape` where that is given.
    [[nodiscard]] static Result<PictureShow> make(const PictureShowSettings &settings,
                                                  const SourceConfig &source);
    [[nodiscard]] const SyntheticSettings &settings() const { return sensor_; }
    [[nodiscard]] SourceInfo info() const;
    [[nodiscard]] std::uint64_t planes() const { return pictures_.count() * settings_.planesEach; }
    /// Some planes more of the present picture, lent until the next call; null at the end.
    [[nodiscard]] const SpikeBlock *next();
    /// Lines first_plane,planes,class under a head line.
    [[nodiscard]] std::string labels() const;

private:
    PictureShow(PictureShowSettings settings, SyntheticSettings sensor, LabelledPictures pictures);
    void show(std::uint64_t picture);

    PictureShowSettings settings_;
    SyntheticSettings sensor_;
    LabelledPictures pictures_;
    std::unique_ptr<SpikeBlock> block_;
    std::uint64_t next_ = 0;
};

}  // namespace fovea
