// SPDX-License-Identifier: Apache-2.0
// A box for a seed.
#pragma once

#include <QSpinBox>
#include <algorithm>
#include <cstdint>

namespace fovea {

/// Seeds have 64 bits, a spin box has 31: a longer seed is shown cut and stays what it is until
/// somebody changes it.
///
/// Threads: GUI.
class SeedBox final : public QSpinBox {
public:
    explicit SeedBox(QWidget *parent = nullptr) : QSpinBox(parent) { setRange(0, 999999999); }

    void setSeed(std::uint64_t seed) {
        seed_ = seed;
        setValue(shown());
    }
    [[nodiscard]] std::uint64_t seed() const {
        return value() == shown() ? seed_ : static_cast<std::uint64_t>(value());
    }

private:
    [[nodiscard]] int shown() const {
        return static_cast<int>(std::min(seed_, static_cast<std::uint64_t>(maximum())));
    }

    std::uint64_t seed_ = 0;
};

}  // namespace fovea
