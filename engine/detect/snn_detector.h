// SPDX-License-Identifier: Apache-2.0
// The method "snn": classes and boxes that a spiking network finds in the planes.
#pragma once

#include "engine/detect/detector.h"
#include "engine/snn/stream_runner.h"

namespace fovea {

/// Runs a network that gives classes or boxes. Every decision is a frame and a report with the
/// scores of the whole picture; a network of classes that sees the picture as one gives no boxes,
/// one that sees tiles gives the tiles in which it is sure of something.
///
/// Lost planes: see StreamRunner. Threads: see Detector.
class SnnDetector final : public Detector {
public:
    /// Errors of NetworkRunner::make(); Unsupported when the model gives pictures.
    [[nodiscard]] static Result<std::unique_ptr<Detector>>
    make(const ModelUse &use, PlaneShape shape, TilePool *pool = nullptr);

    [[nodiscard]] std::string_view name() const override { return "snn"; }
    [[nodiscard]] std::uint32_t step() const override { return stream_.runner().plan().hop; }
    [[nodiscard]] std::uint32_t warmUpPlanes() const override {
        return stream_.runner().plan().window;
    }
    void reset() override;
    [[nodiscard]] Result<void> process(const SpikeBlock &block,
                                       const DetectionHandler &emit) override;

private:
    SnnDetector(std::unique_ptr<NetworkRunner> runner, PlaneShape shape);
    void tell(std::uint64_t begin, std::uint64_t end, const DetectionHandler &emit);

    PlaneShape shape_;
    StreamRunner stream_;
    std::vector<Detection> detections_;
    std::uint64_t next_ = 0;  ///< number of the next plane
    bool started_ = false;
};

}  // namespace fovea
