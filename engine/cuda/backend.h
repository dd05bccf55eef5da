// SPDX-License-Identifier: Apache-2.0
// What computes: asked for, found, and given up.
#pragma once

#include "engine/core/error.h"
#include "engine/cuda/device.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace fovea {

enum class BackendKind : std::uint8_t {
    Auto,  ///< a graphics processor where there is one
    Cpu,
    Cuda,  ///< a graphics processor, or an error
};
[[nodiscard]] std::string_view toString(BackendKind kind);
/// "auto", "cpu" or "cuda".
[[nodiscard]] Result<BackendKind> parseBackend(std::string_view text);

/// ErrorCode::NoDevice says what is missing.
[[nodiscard]] Result<std::unique_ptr<Device>> openCuda();

/// Gives stages their devices and remembers why the CPU computes instead. Must outlive the stages
/// that were given it.
///
/// A stage whose device fails calls giveUp() and goes on with the CPU, and so do all stages that
/// are made after that: a device that failed once is not trusted again. Threads: any.
class Backend {
public:
    using Open = std::function<Result<std::unique_ptr<Device>>()>;
    explicit Backend(BackendKind kind, Open open = openCuda)
        : kind_(kind), open_(std::move(open)) {}

    [[nodiscard]] BackendKind kind() const { return kind_; }
    /// Null: the CPU is to be used.
    [[nodiscard]] std::unique_ptr<Device> device();
    /// A device failed: from now on the CPU computes.
    void giveUp(const Error &why);
    /// Whether what was asked for is there; ErrorCode::NoDevice says why not.
    [[nodiscard]] Result<void> check();

    struct Status {
        std::string name = "cpu";  ///< "cpu" or "cuda"
        std::string device;        ///< "NVIDIA H200"; empty on the CPU
        std::string reason;        ///< why not the graphics processor; empty when nobody asked
    };
    [[nodiscard]] Status status() const;

private:
    const BackendKind kind_;
    const Open open_;
    mutable std::mutex mutex_;  ///< of what follows
    Status status_;
    bool off_ = false;
};

}  // namespace fovea
