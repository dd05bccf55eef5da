// SPDX-License-Identifier: Apache-2.0
// How near a picture is to a reference: PSNR and SSIM as the two peers define them.
#pragma once

#include "engine/core/error.h"
#include "engine/core/plane_shape.h"

#include <cstdint>
#include <span>

namespace fovea {

/// All functions compare pictures of `shape`, row by row without padding; a span of another size is
/// ErrorCode::InvalidArgument. Threads: any.

/// Peak signal-to-noise ratio in dB, 20 log10(255 / sqrt(MSE)); infinite for equal pictures.
[[nodiscard]] Result<double> psnr(std::span<const std::uint8_t> picture,
                                  std::span<const std::uint8_t> reference, PlaneShape shape);

/// Structural similarity, -1 to 1 (Wang, Bovik, Sheikh and Simoncelli, IEEE TIP 2004, eq. 13) as
/// SpikeCV computes it: Gaussian window 11x11 with sigma 1.5, K1 0.01, K2 0.03, range 255, mean
/// over the windows that lie in the picture. Pictures smaller than 11x11 have none
/// (ErrorCode::Unsupported).
[[nodiscard]] Result<double> ssim(std::span<const std::uint8_t> picture,
                                  std::span<const std::uint8_t> reference, PlaneShape shape);

/// As Spike-Zoo (which calls scikit-image) computes them: pictures of 0 to 1, clamped; they are
/// stretched to [-1, 1], range 2, which leaves PSNR as it is and makes C1 and C2 of SSIM refer to
/// the stretched values. SSIM takes a 7x7 mean and sample (co)variances.
[[nodiscard]] Result<double> zooPsnr(std::span<const float> picture,
                                     std::span<const float> reference, PlaneShape shape);
[[nodiscard]] Result<double> zooSsim(std::span<const float> picture,
                                     std::span<const float> reference, PlaneShape shape);

}  // namespace fovea
