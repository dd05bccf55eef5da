// SPDX-License-Identifier: Apache-2.0
// A look into a recording before it is opened.
#include "ui/panels/preview.h"

#include "engine/recon/reconstructor.h"

#include <vector>

namespace fovea {

Result<Preview> makePreview(RecordingShelf &shelf, const SourceConfig &source) {
    const ReconSettings settings;
    Result<RecordingLook> look = shelf.look(source, settings.window);
    if (!look)
        return failed(look);
    Preview preview;
    preview.look = std::move(*look);
    const PlaneShape shape = preview.look.shape;
    if (!preview.look.middle || preview.look.middle->planeCount() == 0)
        return fail(ErrorCode::BadFile, "{}: no plane to show", source.path);
    const SpikeBlock &block = *preview.look.middle;
    std::vector<const std::uint64_t *> planes;
    std::size_t spikes = 0;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        planes.push_back(block.plane(i));
        spikes += countSpikes(block.plane(i), shape);
    }
    preview.meanRate = static_cast<double>(spikes) / static_cast<double>(planes.size()) /
                       static_cast<double>(shape.pixels());

    Result<std::unique_ptr<Reconstructor>> reconstructor = makeReconstructor(settings, shape);
    if (!reconstructor)
        return failed(reconstructor);
    const std::size_t key = planes.size() / 2;
    const std::uint64_t keyPlane = block.planeNumber(static_cast<std::uint32_t>(key));
    preview.picture = {shape, keyPlane, std::vector<std::uint8_t>(shape.pixels())};
    if (Result<void> made =
            (*reconstructor)->reconstruct({planes, key, keyPlane}, preview.picture.grey);
        !made)
        return failed(made);
    return preview;
}

}  // namespace fovea
