// SPDX-License-Identifier: Apache-2.0
// The executor on a graphics processor, and what becomes of it when the device is lost.
#pragma once

#include "engine/snn/device_network.h"

#include <variant>

namespace fovea {

/// The same results as the reference, bit for bit in fp32; see DeviceNetwork. When a call of the
/// device fails, the executor that `makeOther` gives runs again what was run since reset() and goes
/// on: nobody sees it but in name() and reason(). What came in since reset() is kept for that,
/// `most` bytes of it; of a longer stream the newest steps are run again, and reason() says so.
///
/// Threads: one at a time.
class DeviceExecutor final : public Executor {
public:
    using MakeOther = std::function<std::unique_ptr<Executor>()>;
    static constexpr std::size_t defaultMost = std::size_t{64} << 20;

    DeviceExecutor(const Network &network, std::size_t batch, std::unique_ptr<Device> device,
                   MakeOther makeOther, Precision precision = Precision::Fp32,
                   std::size_t most = defaultMost);

    /// Of making it: memory that is not there.
    [[nodiscard]] Result<void> result() const;
    /// "cuda", or what goes on when the device was lost.
    [[nodiscard]] std::string_view name() const override;
    [[nodiscard]] Precision precision() const override;
    [[nodiscard]] std::string_view reason() const override { return reason_; }
    [[nodiscard]] std::span<const float> output(std::size_t which = 0) const override;
    [[nodiscard]] NeuronSnapshot snapshot(std::size_t index) const override;
    [[nodiscard]] std::vector<NodeActivity> activity() const override;

private:
    using Planes = std::vector<std::vector<std::uint64_t>>;
    struct Mask {};
    struct Window {
        std::vector<float> inputs;
        WindowSettings settings;
    };
    using Event = std::variant<std::vector<float>, Planes, Mask, Window>;

    void doReset() override;
    void doStep(std::span<const float> input) override;
    void doStepPlanes(PlanePointers planes) override;
    void doMaskByResidual() override;
    std::vector<float> doWindow(std::span<const float> inputs,
                                const WindowSettings &settings) override;
    /// The device does it, true; or it was lost, and the other executor has caught up.
    template <class Call> bool tryDevice(Call &&call) const;
    void lose() const;
    void remember(Event event, std::size_t bytes);

    MakeOther makeOther_;
    Precision precision_;
    std::size_t most_;
    // Whoever asks for a snapshot may be the one who sees that the device is gone.
    mutable std::unique_ptr<DeviceNetwork> device_;
    mutable std::unique_ptr<Executor> other_;
    mutable std::string reason_;
    std::vector<Event> events_;  ///< since reset(), the oldest at `oldest_`
    std::vector<std::size_t> eventBytes_;
    std::size_t oldest_ = 0;
    std::size_t keptBytes_ = 0;
    std::uint64_t steps_ = 0;  ///< since reset()
};

}  // namespace fovea
