// SPDX-License-Identifier: Apache-2.0
// Processes that meet at a store and are joined by gloo.
#include "engine/train/data_parallel.h"

#include <ATen/ATen.h>

// libtorch has gloo built in, but not its headers.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/algorithm.h>)
#define FOVEA_HAVE_GLOO 1
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace fovea {

#ifdef FOVEA_HAVE_GLOO

namespace {

/// The first process alone judges after each epoch, which may take long.
constexpr std::chrono::hours slowest{2};

/// Tensors of one type travel as one.
class GlooGroup final : public DataParallel {
public:
    GlooGroup(const MeetingPlace &place, c10::intrusive_ptr<c10d::Store> store)
        : DataParallel(place.part, place.parts) {
        using Gloo = c10d::ProcessGroupGloo;
        auto options = Gloo::Options::create(slowest);
        const bool here = place.host == "localhost" || place.host.starts_with("127.");
        options->devices.push_back(here ? Gloo::createDeviceForHostname(place.host)
                                        : Gloo::createDefaultDevice());
        group_ = c10::make_intrusive<Gloo>(std::move(store), static_cast<int>(place.part),
                                           static_cast<int>(place.parts), options);
    }
    void addUp(const std::vector<at::Tensor> &tensors) override {
        together(tensors,
                 [this](std::vector<at::Tensor> &joined) { group_->allreduce(joined)->wait(); });
    }
    void share(const std::vector<at::Tensor> &tensors) override {
        together(tensors,
                 [this](std::vector<at::Tensor> &joined) { group_->broadcast(joined)->wait(); });
    }

private:
    template <class Exchange>
    static void together(const std::vector<at::Tensor> &tensors, Exchange exchange) {
        if (tensors.empty())
            return;
        const at::NoGradGuard still;
        std::vector<at::Tensor> flat;
        for (const at::Tensor &tensor : tensors)
            flat.push_back(tensor.detach().flatten());
        std::vector<at::Tensor> joined{at::cat(flat)};
        exchange(joined);
        std::int64_t at = 0;
        for (const at::Tensor &tensor : tensors) {
            tensor.detach().copy_(joined[0].narrow(0, at, tensor.numel()).view_as(tensor));
            at += tensor.numel();
        }
    }

    c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

}  // namespace

Result<std::unique_ptr<DataParallel>> DataParallel::meet(const MeetingPlace &place) {
    try {
        c10d::TCPStoreOptions options;
        options.port = place.port;
        options.isServer = place.part == 0;
        options.numWorkers = place.parts;
        options.timeout = place.patience;
        return std::make_unique<GlooGroup>(
            place, c10::make_intrusive<c10d::TCPStore>(place.host, options));
    } catch (const std::exception &error) {
        const std::string_view all = error.what();
        return fail(ErrorCode::Io, "part {} of {} did not meet the others at {}:{}: {}",
                    place.part + 1, place.parts, place.host, place.port,
                    all.substr(0, all.find('\n')));
    }
}

#else

Result<std::unique_ptr<DataParallel>> DataParallel::meet(const MeetingPlace &) {
    return fail(ErrorCode::Unsupported,
                "training by several processes needs gloo (Debian: libgloo-dev) at build time");
}

#endif

}  // namespace fovea
