// SPDX-License-Identifier: Apache-2.0
// Choosing, and the one message when a device is lost.
#include "engine/cuda/backend.h"

#include "engine/cuda/cuda_device.h"

#include <spdlog/spdlog.h>

namespace fovea {

std::string_view toString(BackendKind kind) {
    switch (kind) {
    case BackendKind::Cpu:
        return "cpu";
    case BackendKind::Cuda:
        return "cuda";
    case BackendKind::Auto:
        break;
    }
    return "auto";
}

Result<BackendKind> parseBackend(std::string_view text) {
    for (const BackendKind kind : {BackendKind::Auto, BackendKind::Cpu, BackendKind::Cuda})
        if (text == toString(kind))
            return kind;
    return fail(ErrorCode::Usage, "backend '{}': expected auto, cpu or cuda", text);
}

Result<std::unique_ptr<Device>> openCuda() {
    const char *why = nullptr;
    std::unique_ptr<Device> device(openCudaDevice(&why));
    if (device == nullptr)
        return fail(ErrorCode::NoDevice, "{}", why);
    return device;
}

std::unique_ptr<Device> Backend::device() {
    if (kind_ == BackendKind::Cpu)
        return nullptr;
    const std::lock_guard lock(mutex_);
    if (off_)
        return nullptr;
    Result<std::unique_ptr<Device>> opened = open_();
    if (!opened) {
        off_ = true;
        status_ = {"cpu", "", opened.error().message};
        return nullptr;
    }
    status_ = {"cuda", (*opened)->name(), ""};
    return std::move(*opened);
}

void Backend::giveUp(const Error &why) {
    const std::lock_guard lock(mutex_);
    if (!off_) {
        status_ = {"cpu", "", why.message};
        spdlog::warn("the CPU computes from now on: {}", why.message);
    }
    off_ = true;
}

Result<void> Backend::check() {
    if (kind_ != BackendKind::Cuda)
        return {};
    if (device() != nullptr)
        return {};
    return fail(ErrorCode::NoDevice, "backend cuda: {}", status().reason);
}

Backend::Status Backend::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

}  // namespace fovea
