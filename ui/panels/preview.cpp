// SPDX-License-Identifier: Apache-2.0
// A look into a recording before it is opened.
#include "ui/panels/preview.h"

#include "engine/recon/reconstructor.h"

#include <algorithm>
#include <vector>

namespace fovea {

Result<Preview> makePreview(const std::filesystem::path &path, const SpikeFileOptions &options) {
    Result<SpikeFile> file = SpikeFile::open(path, options);
    if (!file)
        return failed(file);
    Preview preview;
    preview.info = file->info();
    const PlaneShape shape = preview.info.shape;
    ReconSettings settings;
    const std::uint64_t count = std::min<std::uint64_t>(preview.info.planes, settings.window);
    const std::uint64_t first = (preview.info.planes - count) / 2;

    SpikeBlock block(shape, static_cast<std::uint32_t>(std::max<std::uint64_t>(count, 1)));
    if (Result<void> read = file->read(first, first + count, block); !read)
        return failed(read);
    std::vector<const std::uint64_t *> planes;
    std::size_t spikes = 0;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i) {
        planes.push_back(block.plane(i));
        spikes += countSpikes(block.plane(i), shape);
    }
    if (planes.empty())
        return fail(ErrorCode::BadFile, "{}: no plane to show", path.string());
    preview.meanRate = static_cast<double>(spikes) / static_cast<double>(planes.size()) /
                       static_cast<double>(shape.pixels());

    Result<std::unique_ptr<Reconstructor>> reconstructor = makeReconstructor(settings, shape);
    if (!reconstructor)
        return failed(reconstructor);
    preview.picture = {shape, first + count / 2, std::vector<std::uint8_t>(shape.pixels())};
    const PlaneWindow window{planes, planes.size() / 2, first + planes.size() / 2};
    if (Result<void> made = (*reconstructor)->reconstruct(window, preview.picture.grey); !made)
        return failed(made);
    return preview;
}

}  // namespace fovea
