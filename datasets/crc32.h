// SPDX-License-Identifier: Apache-2.0
// zlib's CRC-32 at the speed of memory.
#pragma once

#include <cstdint>
#include <span>

namespace fovea {

/// The same number as zlib's crc32(): with carry-less multiplication where the processor has it
/// (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009).
[[nodiscard]] std::uint32_t crc32Of(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);

}  // namespace fovea
