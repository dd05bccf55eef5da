// SPDX-License-Identifier: Apache-2.0
// Spikes to a grey picture: the one interface that window, command line and Session use.
#pragma once

#include "engine/core/error.h"
#include "engine/core/network_report.h"
#include "engine/core/plane_bits.h"
#include "engine/core/plane_shape.h"
#include "engine/core/tile_pool.h"
#include "engine/snn/model.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace fovea {

enum class ReconMethod : std::uint8_t {
    Raw,        ///< the plane itself: spike = 255
    Tfp,        ///< texture from playback: mean rate in a window around the plane
    Tfi,        ///< texture from inter-spike interval
    Tfstp,      ///< texture from short-term plasticity
    Stability,  ///< mean interval over a stable run
    Adaptive,   ///< between rate and interval, by local motion and noise
    Snn,        ///< what a spiking network makes of the planes
};
[[nodiscard]] std::string_view toString(ReconMethod method);
/// By its name in the table (recon_methods.h); the error lists the names.
[[nodiscard]] Result<ReconMethod> parseReconMethod(std::string_view text);

/// Which planes the methods Adaptive and Stability look at.
enum class ReconMode : std::uint8_t {
    Centred,  ///< before and after the shown one
    Causal,   ///< none after the shown one: a live picture that waits for nothing
};
[[nodiscard]] std::string_view toString(ReconMode mode);
/// "centred" or "causal".
[[nodiscard]] Result<ReconMode> parseReconMode(std::string_view text);

/// What is shown black and white.
enum class ReconRange : std::uint8_t {
    Fixed,  ///< no spike and a spike at every plane
    Auto,   ///< what the picture holds but for a thousandth of its pixels (autoRange())
};
[[nodiscard]] std::string_view toString(ReconRange range);
/// "fixed" or "auto".
[[nodiscard]] Result<ReconRange> parseReconRange(std::string_view text);

/// Which interval TFI takes for plane t (both are SpikeCV's: spikes2frame and spikes2images).
enum class TfiConvention : std::uint8_t {
    Single,  ///< last spike <= t to first spike > t, at most `reach` planes away; else 2 * reach
    Stack,   ///< last spike < t to first spike >= t, without limit; none: black
};
[[nodiscard]] std::string_view toString(TfiConvention convention);
/// "single" or "stack".
[[nodiscard]] Result<TfiConvention> parseTfiConvention(std::string_view text);

/// From where TFSTP counts a pixel's first interval.
enum class TfstpForm : std::uint8_t {
    Online,   ///< from the beginning of the recording
    Offline,  ///< from its first spike
};
[[nodiscard]] std::string_view toString(TfstpForm form);
/// "online" or "offline".
[[nodiscard]] Result<TfstpForm> parseTfstpForm(std::string_view text);

struct ReconSettings {
    static constexpr std::uint32_t maxWindow = 4095;
    static constexpr std::uint32_t maxReach = 1000;
    static constexpr std::uint32_t maxHistory = 4095;

    ReconMethod method = ReconMethod::Tfp;
    std::uint32_t window = 33;  ///< TFP: planes in the window, odd, 1 to maxWindow
    TfiConvention convention = TfiConvention::Single;
    std::uint32_t reach = 20;  ///< TFI: planes searched on each side, 1 to maxReach
    TfstpForm form = TfstpForm::Online;
    std::uint32_t history = 255;          ///< TFSTP: planes before the shown one, 1 to maxHistory
    ReconMode mode = ReconMode::Centred;  ///< Adaptive, Stability
    ReconRange range = ReconRange::Fixed;
    double gain = 1;   ///< brightness of the picture, 0.01 to 1000; 1 = as computed
    double gamma = 1;  ///< grey = (gain * level)^(1 / gamma), 0.1 to 10; 1 = linear
    ModelUse model{};  ///< Snn: the network (of a Config: its section `model`)

    friend bool operator==(const ReconSettings &, const ReconSettings &) = default;
};
/// Names the field, what was found and what is allowed (ErrorCode::Usage).
[[nodiscard]] Result<void> validate(const ReconSettings &settings);
/// The same, and ErrorCode::InvalidArgument for an impossible shape.
[[nodiscard]] Result<void> validate(const ReconSettings &settings, PlaneShape shape);

/// How many planes before and after the shown one a method wants.
struct PlaneReach {
    std::uint32_t before = 0;
    std::uint32_t after = 0;

    friend bool operator==(const PlaneReach &, const PlaneReach &) = default;
};
[[nodiscard]] PlaneReach reachOf(const ReconSettings &settings);

/// Consecutive planes of which `planes[key]`, plane number `keyPlane`, is shown.
/// Null pointers are lost planes; planes that the method wants and that are not in the span
/// (before the recording, after it, not yet there) count as missing just the same.
struct PlaneWindow {
    PlanePointers planes;
    std::size_t key = 0;
    std::uint64_t keyPlane = 0;
};

/// Pictures of planes window.key, window.key + hop, ...: `count` of them, all in window.planes.
struct PictureRun {
    PlaneWindow window;
    std::size_t hop = 1;
    std::size_t count = 1;

    /// The window with picture `i` as its key.
    [[nodiscard]] PlaneWindow at(std::size_t i) const {
        return {window.planes, window.key + i * hop, window.keyPlane + i * hop};
    }
};

class GreyPictures;
/// ErrorCode::InvalidArgument when the key is outside of the window or the picture has another
/// size.
[[nodiscard]] Result<void> checkArguments(const PlaneWindow &window, std::size_t pixels,
                                          PlaneShape shape);

/// Makes pictures of one method and shape.
///
/// What happens where planes are missing: Raw of a lost plane is black; TFP is the mean over the
/// planes that are there (black when there is none); a TFI interval that a missing plane may have
/// cut is unknown, as if no spike had been found (never bridged).
/// Threads: one at a time (scratch memory inside); different instances may run at once.
class Reconstructor {
public:
    explicit Reconstructor(PlaneShape shape) : shape_(shape) {}
    Reconstructor(const Reconstructor &) = delete;
    Reconstructor &operator=(const Reconstructor &) = delete;
    virtual ~Reconstructor() = default;

    /// Of the method.
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual PlaneReach reach() const = 0;
    [[nodiscard]] PlaneShape shape() const { return shape_; }
    /// What the network of the last picture did; null for methods without one.
    [[nodiscard]] virtual NetworkReportPtr network() const { return nullptr; }
    /// Pictures, `hop` planes apart, that are best made at once.
    [[nodiscard]] virtual std::size_t runLength(std::size_t /*hop*/) const { return 8; }
    /// Fills `grey` (pixels() bytes, row by row, row 0 on top). Does not allocate.
    /// ErrorCode::InvalidArgument when `key` is outside of `planes` or `grey` has another size.
    [[nodiscard]] Result<void> reconstruct(const PlaneWindow &window, std::span<std::uint8_t> grey);
    /// The same pictures, many at once: much faster where they lie close together. Picture i goes
    /// to pictures[i]. ErrorCode::InvalidArgument when the run does not fit in its planes or in
    /// `pictures`, or hop is 0.
    [[nodiscard]] Result<void> reconstruct(const PictureRun &run, GreyPictures &pictures,
                                           TilePool &pool);

protected:
    /// The arguments fit.
    virtual void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) = 0;
    /// One by one, where a method knows nothing better.
    virtual void fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool);

private:
    const PlaneShape shape_;
};

class Backend;
/// ErrorCode::Usage as validate(); ErrorCode::InvalidArgument for an impossible shape. With a
/// `backend` (which outlives the result) every method but
/// snn is made where it says.
[[nodiscard]] Result<std::unique_ptr<Reconstructor>>
makeReconstructor(const ReconSettings &, PlaneShape shape, Backend *backend = nullptr);

/// Whether plane `at` of a recording of `planes` planes has all the neighbours that the method
/// needs for an exact picture. The limits are those that SpikeCV asks for: TFP [h, T - h) with h =
/// window / 2, TFI single [m / 2, T - m), TFI stack [m, T - m) with m = reach, raw [0, T). Adaptive
/// and stability make do with what is there and allow all planes.
/// The error (ErrorCode::Usage) names the allowed planes.
[[nodiscard]] Result<void> checkPlane(const ReconSettings &settings, std::uint64_t at,
                                      std::uint64_t planes);

}  // namespace fovea
