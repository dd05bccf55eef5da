// SPDX-License-Identifier: Apache-2.0
// Linear 16-bit levels of every method, and the pictures that are made from them.
#pragma once

#include "engine/recon/reconstructor.h"
#include "engine/recon/tone_map.h"

#include <memory>
#include <vector>

namespace fovea {

/// A method before exposure: 65535 = a spike at every plane.
///
/// Threads: one at a time (scratch memory inside); different instances may run at once.
class LevelSource {
public:
    explicit LevelSource(PlaneShape shape) : shape_(shape) {}
    LevelSource(const LevelSource &) = delete;
    LevelSource &operator=(const LevelSource &) = delete;
    virtual ~LevelSource() = default;

    [[nodiscard]] PlaneShape shape() const { return shape_; }
    [[nodiscard]] virtual PlaneReach reach() const = 0;
    /// The key is inside the window, `levels` has pixels() values. Does not allocate.
    virtual void fill(const PlaneWindow &window, std::span<std::uint16_t> levels) = 0;
    /// See Reconstructor::network().
    [[nodiscard]] virtual NetworkReportPtr network() const { return nullptr; }

private:
    const PlaneShape shape_;
};

class Backend;
/// Any method; gain, gamma and range are left to a ToneMap. Errors as makeReconstructor(). With a
/// `backend` (which outlives the result) adaptive and stability are made where it says.
[[nodiscard]] Result<std::unique_ptr<LevelSource>>
makeLevelSource(const ReconSettings &settings, PlaneShape shape, Backend *backend = nullptr);

/// 8-bit pictures from levels. Threads: see Reconstructor.
class TonedReconstructor final : public Reconstructor {
public:
    TonedReconstructor(const ReconSettings &settings, std::unique_ptr<LevelSource> source)
        : Reconstructor(source->shape()), method_(settings.method), source_(std::move(source)),
          tone_(settings), levels_(shape().pixels()) {}
    [[nodiscard]] std::string_view name() const override { return toString(method_); }
    [[nodiscard]] PlaneReach reach() const override { return source_->reach(); }
    [[nodiscard]] NetworkReportPtr network() const override { return source_->network(); }

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override {
        source_->fill(window, levels_);
        tone_.map(levels_, grey);
    }

private:
    ReconMethod method_;
    std::unique_ptr<LevelSource> source_;
    ToneMap tone_;
    std::vector<std::uint16_t> levels_;
};

/// 16-bit pictures of any method: the same as Reconstructor's, with 256 times as many greys.
///
/// Threads: one at a time.
class DeepReconstructor {
public:
    /// Errors as makeReconstructor().
    [[nodiscard]] static Result<DeepReconstructor> make(const ReconSettings &settings,
                                                        PlaneShape shape);
    /// Fills `grey` (pixels() values, row by row, row 0 on top); errors as
    /// Reconstructor::reconstruct().
    [[nodiscard]] Result<void> reconstruct(const PlaneWindow &window,
                                           std::span<std::uint16_t> grey);
    [[nodiscard]] PlaneReach reach() const { return source_->reach(); }

private:
    DeepReconstructor(const ReconSettings &settings, std::unique_ptr<LevelSource> source)
        : source_(std::move(source)), tone_(settings), levels_(source_->shape().pixels()) {}

    std::unique_ptr<LevelSource> source_;
    ToneMap tone_;
    std::vector<std::uint16_t> levels_;
};

}  // namespace fovea
