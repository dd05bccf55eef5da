// SPDX-License-Identifier: Apache-2.0
// How fast the CUDA twins are, beside what the device and its link can do at most.
#include "app/bench/bench_input.h"
#include "engine/cuda/backend.h"
#include "engine/cuda/device_work.h"
#include "engine/detect/detector.h"
#include "engine/noise/noise_chain.h"
#include "engine/recon/grey_pictures.h"
#include "engine/recon/picture_bodies.h"
#include "engine/recon/reconstructor.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

using namespace fovea;
using namespace fovea::picture_bodies;

namespace {

constexpr double leastSeconds = 0.5;

/// Calls a second, after one that warms up.
template <class Call> double perSecond(Call &&call) {
    using Clock = std::chrono::steady_clock;
    call();
    const auto begin = Clock::now();
    std::size_t calls = 0;
    double seconds = 0;
    while (seconds < leastSeconds) {
        call();
        ++calls;
        seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    return static_cast<double>(calls) / seconds;
}

void print(const std::string &name, PlaneShape shape, double planes, double bytesPerPlane,
           double limit, const char *of) {
    fmt::print("{:<34} {:>9} {:>12.0f} planes/s {:>8.2f} x 40 kHz", name, toString(shape), planes,
               planes / 40000);
    if (bytesPerPlane > 0)
        fmt::print(" {:>8.1f} GB/s {:>5.1f} % of {}", planes * bytesPerPlane / 1e9,
                   100 * planes * bytesPerPlane / limit, of);
    fmt::print("\n");
    std::fflush(stdout);
}

/// Bytes a second.
struct Limits {
    double copy = 0;  ///< on the device, read and written
    double up = 0;    ///< from pinned memory
    double down = 0;
};

Limits measureLimits() {
    constexpr std::size_t bytes = std::size_t{256} << 20;
    DeviceWork work(openCuda().value());
    const auto a = work.onDevice<std::uint8_t>(bytes);
    const auto b = work.onDevice<std::uint8_t>(bytes);
    const auto host = work.pinned<std::uint8_t>(bytes);
    if (!work.failed())
        std::memset(host.get(), 1, bytes);
    const auto rate = [&](std::uint8_t *to, const std::uint8_t *from, int times) {
        return perSecond([&] {
                   for (int i = 0; i < times; ++i)
                       work.copy(DeviceStream::Compute, to, from, bytes);
                   (void)work.finishAll();
               }) *
               times * static_cast<double>(bytes);
    };
    Limits limits{2 * rate(b.get(), a.get(), 20), rate(a.get(), host.get(), 1),
                  rate(host.get(), a.get(), 1)};
    fmt::print("{}: copies {:.0f} GB/s on the device (read + written), {:.1f} GB/s up, {:.1f} GB/s "
               "down (pinned)\n",
               work.device().name(), limits.copy / 1e9, limits.up / 1e9, limits.down / 1e9);
    if (const auto good = work.result(); !good)
        fmt::print("{}\n", good.error().message);
    return limits;
}

/// Planes and pictures stay on the device.
void resident(const SpikeBlock &block, const Limits &limits) {
    constexpr std::uint32_t pictures = 64;
    const PlaneShape shape = block.shape();
    DeviceWork work(openCuda().value());
    const std::size_t words = shape.wordStride();
    const std::size_t greyWords = (shape.pixels() + 31) / 32;
    const std::size_t planes = block.planeCount();
    const auto host = work.pinned<std::uint64_t>(planes * words);
    const auto device = work.onDevice<std::uint64_t>(planes * words);
    const auto grey = work.onDevice<std::uint8_t>(pictures * greyWords * 32);
    const auto tables = work.onDevice<std::uint8_t>(256);
    const auto numbers = work.onDevice<std::uint32_t>(3 * pictures);
    const auto pinned = work.pinned<std::uint32_t>(3 * pictures);
    if (work.failed())
        return fmt::print("{}\n", work.result().error().message);
    std::memcpy(host.get(), block.plane(0), planes * words * 8);
    work.copy(DeviceStream::Upload, device.get(), std::as_const(host).get(), planes * words);
    for (std::uint32_t i = 0; i < pictures; ++i) {
        const IntervalSearch search{i + 21, 20, 20};
        std::memcpy(pinned.get() + 3 * i, &search, sizeof(search));
    }
    (void)work.finishAll();
    const PictureRoom room{reinterpret_cast<const std::uint32_t *>(device.get()), grey.get(),
                           static_cast<std::uint32_t>(2 * words),
                           static_cast<std::uint32_t>(greyWords), pictures};
    const double planeBytes = static_cast<double>(shape.pixels()) / 8;
    const double greyBytes = static_cast<double>(shape.pixels());
    const auto measure = [&](const std::string &name, double used, double shown, auto &&launch) {
        constexpr int times = 20;
        const double calls = times * perSecond([&] {
                                 for (int i = 0; i < times; ++i)
                                     launch();
                                 (void)work.finishAll();
                             });
        print(name, shape, calls * used, planeBytes + greyBytes * shown / used, limits.copy,
              "the device's copy");
    };
    for (const auto &[hop, perThread] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
             {1, 1}, {1, 2}, {1, 4}, {1, 8}, {1, 16}, {8, 4}, {33, 1}}) {
        const RateBody<6> body{room, tables.get(), numbers.get(), 33, hop, perThread};
        const std::uint32_t used = (pictures - 1) * hop + 33;
        if (used > planes)
            continue;
        measure(fmt::format("tfp 33, hop {}, {} a thread", hop, perThread), used, pictures,
                [&] { work.launch(body, greyWords * ((pictures + perThread - 1) / perThread)); });
    }
    work.copy(DeviceStream::Upload, numbers.get(), std::as_const(pinned).get(), 3 * pictures);
    (void)work.finishAll();
    const IntervalBody body{room, tables.get(),
                            reinterpret_cast<const IntervalSearch *>(numbers.get())};
    measure("tfi 20, every plane", pictures + 40, pictures,
            [&] { work.launch(body, greyWords * pictures); });
    if (const auto good = work.result(); !good)
        fmt::print("{}\n", good.error().message);
}

/// Through the interfaces that the programs use: planes go up, results come down.
void whole(const SpikeBlock &block, const Limits &limits, ReconSettings settings, std::size_t hop) {
    Backend backend(BackendKind::Cuda);
    auto reconstructor = makeReconstructor(settings, block.shape(), &backend).value();
    std::vector<const std::uint64_t *> planes;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        planes.push_back(block.plane(i));
    const PlaneReach reach = reconstructor->reach();
    const std::size_t room = (planes.size() - reach.before - reach.after - 1) / hop + 1;
    GreyPictures pictures(block.shape(), std::min(reconstructor->runLength(hop), room));
    TilePool pool(1);
    const PictureRun run{{planes, reach.before, reach.before}, hop, pictures.count()};
    const double runs = perSecond([&] { (void)reconstructor->reconstruct(run, pictures, pool); });
    const double used = static_cast<double>((run.count - 1) * hop + reach.before + reach.after + 1);
    const double down = static_cast<double>(run.count * block.shape().pixels());
    const double up = used * static_cast<double>(block.shape().pixels()) / 8;
    const bool bound = down > up;
    print(fmt::format("{} hop {}, whole", toString(settings.method), hop), block.shape(),
          runs * used, (bound ? down : up) / used, bound ? limits.down : limits.up,
          bound ? "the link down" : "the link up");
    if (backend.status().name != "cuda")
        fmt::print("  NOT ON THE DEVICE: {}\n", backend.status().reason);
}

void chains(const SpikeBlock &block) {
    DetectorSettings settings;
    settings.method = DetectionMethod::Attention;
    Backend backend(BackendKind::Cuda);
    auto detector = makeDetector(settings, block.shape(), 40000, nullptr, &backend).value();
    SpikeBlock moving(block.shape(), block.planeCount());
    moving.begin(0, 40000);
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        std::memcpy(moving.append(), block.plane(i), block.shape().wordStride() * 8);
    // The same words again, as the next planes.
    const auto next = [&] {
        moving.begin(moving.endPlane(), 40000);
        for (std::uint32_t i = 0; i < block.planeCount(); ++i)
            (void)moving.append();
    };
    const double blocks = perSecond([&] {
        (void)detector->process(moving, [](const DetectionFrame &) {});
        next();
    });
    print("attention chain, whole", block.shape(), blocks * block.planeCount(), 0, 1, "");
    NoiseSettings noise;
    noise.injectors = {{InjectorKind::Flip, 0.01, true}, {InjectorKind::Jitter, 0.2, true}};
    auto chain = NoiseChain::create(noise, block.shape(), &backend).value();
    const double disturbed = perSecond([&] { (void)chain->apply(moving); });
    print("flip 0.01 + jitter 0.2, whole", block.shape(), disturbed * block.planeCount(), 0, 1, "");
    if (backend.status().name != "cuda")
        fmt::print("  NOT ON THE DEVICE: {}\n", backend.status().reason);
}

}  // namespace

int main() {
    if (const auto device = openCuda(); !device) {
        fmt::print("nothing measured: {}\n", device.error().message);
        return 77;
    }
    const Limits limits = measureLimits();
    for (const PlaneShape shape : {PlaneShape{400, 250}, PlaneShape{1000, 1000}}) {
        const BenchPlanes planes(shape, 400, 0.29, 40000);
        resident(planes.block(), limits);
        ReconSettings settings;
        for (const std::size_t hop : {std::size_t{1}, std::size_t{33}, std::size_t{200}})
            whole(planes.block(), limits, settings, hop);
        settings.method = ReconMethod::Tfi;
        whole(planes.block(), limits, settings, 1);
        chains(planes.block());
    }
    return 0;
}
