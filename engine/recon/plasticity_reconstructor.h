// SPDX-License-Identifier: Apache-2.0
// TFSTP: brightness is the spike rate that a synapse's short-term plasticity gives away.
#pragma once

#include "engine/core/short_term_plasticity.h"
#include "engine/recon/reconstructor.h"

#include <vector>

namespace fovea {

/// TFSTP (texture from short-term plasticity; SpikeCV, spkProc/reconstruction/tfstp.py): every
/// pixel drives a synapse (takeSpike(), with u0 0.15, D 1, F 10 planes, f 0.15), and the rate is
/// read back from its state after the last spike:
///   level = rho_u + rho_R,  rho_u = -1 / (F ln((u - u0) / (F - u0 + u (1 - f)))),
///   rho_R = -1 / (D ln((1 - R) / (1 - R (1 - u)))),  black where there was no update.
/// As there, the picture is stretched from its lowest to its highest level, truncated to 8 bits and
/// its histogram equalised (with one level only it is black). Gain and gamma come after that.
///
/// The state is followed from the first plane of the window (settings.history before the shown one,
/// or the recording's first). A synapse forgets: after 100 planes less than 1e-4 of u is left.
/// Where the window begins after plane 0, and after a lost plane, the interval of a pixel's next
/// spike is unknown, and that spike only starts the clock. The form "online" counts the first
/// interval of a recording from its beginning; in "offline" the first spike only starts the clock
/// there, too.
///
/// Costs some nanoseconds a spike of the window. Threads: see Reconstructor.
class PlasticityReconstructor final : public Reconstructor {
public:
    /// The settings are valid.
    PlasticityReconstructor(const ReconSettings &settings, PlaneShape shape);
    [[nodiscard]] std::string_view name() const override { return toString(ReconMethod::Tfstp); }
    [[nodiscard]] PlaneReach reach() const override { return {settings_.history, 0}; }

    /// Of its synapses, times in planes.
    static constexpr PlasticityRule rule{0.15F, 1, 10, 0.15F};
    /// exp(-n / D), exp(-n / F) by interval n; 0 from the last entry on.
    [[nodiscard]] std::span<const float> keptR() const { return keptR_; }
    [[nodiscard]] std::span<const float> keptU() const { return keptU_; }
    /// The time that counts as every pixel's first spike; 0: none does.
    [[nodiscard]] std::uint32_t beginning(const PlaneWindow &window) const;
    /// The picture of synapses that were followed elsewhere.
    void show(std::span<const float> R, std::span<const float> u, std::span<std::uint8_t> grey);

    /// One value a pixel after the last picture: R and u at its last update.
    [[nodiscard]] std::span<const float> resources() const { return R_; }
    [[nodiscard]] std::span<const float> utilisation() const { return u_; }

protected:
    void fill(const PlaneWindow &window, std::span<std::uint8_t> grey) override;

private:
    void follow(const PlaneWindow &window);
    void takePlane(const std::uint64_t *plane, std::uint32_t now);
    void show(std::span<std::uint8_t> grey);
    [[nodiscard]] float level(std::size_t pixel) const;

    ReconSettings settings_;
    std::vector<float> keptR_, keptU_;
    std::vector<float> R_, u_, level_;
    std::vector<std::uint32_t> last_;  ///< of each pixel's last spike, 0: unknown
    std::vector<std::uint8_t> grey_;   ///< by value before gain and gamma
};

}  // namespace fovea
