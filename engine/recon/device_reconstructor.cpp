// SPDX-License-Identifier: Apache-2.0
// What the kernels need: planes in a row, a grey table for each number of planes, search limits.
#include "engine/recon/device_reconstructor.h"

#include "engine/recon/grey_level.h"
#include "engine/recon/grey_pictures.h"

#include <cstring>

namespace fovea {

using picture_bodies::IntervalBody;
using picture_bodies::IntervalSearch;
using picture_bodies::PictureRoom;
using picture_bodies::RateBody;

namespace {

constexpr std::size_t mostPictures = 64;
constexpr std::size_t mostPlanes = 512;                   // that a run spans, but for one window
constexpr std::size_t mostGreys = std::size_t{64} << 20;  // bytes of a run
constexpr std::size_t batchGreys = std::size_t{4} << 20;  // bytes that come down at once
constexpr std::uint32_t slidPictures = 4;                 // of a thread

std::size_t greyWords(PlaneShape shape) {
    return (shape.pixels() + 31) / 32;
}
std::size_t greyBytes(PlaneShape shape) {
    return greyWords(shape) * 32;
}
std::size_t batchOf(PlaneShape shape) {
    return std::clamp<std::size_t>(batchGreys / greyBytes(shape), 1, mostPictures);
}
std::size_t longest(PlaneShape shape, std::size_t hop) {
    return std::max<std::size_t>(
        1, std::min({mostPictures, mostGreys / greyBytes(shape), 1 + mostPlanes / hop}));
}

}  // namespace

DeviceReconstructor::Twin::Twin(std::unique_ptr<Device> device, PlaneShape shape)
    : work(std::move(device)), upload(work, shape),
      download(work, batchOf(shape) * greyBytes(shape)) {}

DeviceReconstructor::DeviceReconstructor(const ReconSettings &settings,
                                         std::unique_ptr<Reconstructor> cpu,
                                         std::unique_ptr<Device> device, Backend &backend)
    : Reconstructor(cpu->shape()), settings_(settings), reach_(cpu->reach()), cpu_(std::move(cpu)),
      backend_(backend), twin_(std::make_unique<Twin>(std::move(device), shape())) {
    Twin &twin = *twin_;
    const std::size_t window = std::size_t{reach_.before} + 1 + reach_.after;
    const std::size_t tables = settings_.method == ReconMethod::Tfi ? 256 : window + 1;
    const std::size_t words = mostPictures * sizeof(IntervalSearch) / sizeof(std::uint32_t);
    twin.pinnedWords = twin.work.pinned<std::uint32_t>(words);
    twin.words = twin.work.onDevice<std::uint32_t>(words);
    twin.pinnedTables = twin.work.pinned<std::uint8_t>(mostPictures * tables);
    twin.tables = twin.work.onDevice<std::uint8_t>(mostPictures * tables);
    if (auto good = twin.work.result(); !good)
        lose(good);
}

std::size_t DeviceReconstructor::runLength(std::size_t hop) const {
    return twin_ != nullptr ? longest(shape(), hop) : cpu_->runLength(hop);
}

void DeviceReconstructor::lose(const Result<void> &why) {
    backend_.giveUp(why.error());
    twin_.reset();
}

void DeviceReconstructor::fill(const PlaneWindow &window, std::span<std::uint8_t> grey) {
    const PictureRun one{window, 1, 1};
    if (twin_ != nullptr) {
        const Result<void> made = make(one, [grey](std::size_t) { return grey; });
        if (made)
            return;
        lose(made);
    }
    // The arguments were checked.
    (void)cpu_->reconstruct(window, grey);
}

void DeviceReconstructor::fillRun(const PictureRun &run, GreyPictures &pictures, TilePool &pool) {
    const std::size_t most = longest(shape(), run.hop);
    for (std::size_t done = 0; twin_ != nullptr && done < run.count; done += most) {
        const PictureRun part{run.at(done), run.hop, std::min(most, run.count - done)};
        const Result<void> made =
            make(part, [&](std::size_t picture) { return pictures[done + picture]; });
        if (!made)
            lose(made);
    }
    if (twin_ == nullptr)
        (void)cpu_->reconstruct(run, pictures, pool);
}

void DeviceReconstructor::reserve(std::size_t planes, std::size_t pictures) {
    Twin &twin = *twin_;
    if (planes > twin.planeRoom) {
        twin.planes.reset();
        twin.planes = twin.work.onDevice<std::uint64_t>(planes * shape().wordStride());
        twin.planeRoom = planes;
    }
    if (pictures > twin.greyRoom) {
        twin.grey.reset();
        twin.grey = twin.work.onDevice<std::uint8_t>(pictures * greyBytes(shape()));
        twin.greyRoom = pictures;
    }
}

void DeviceReconstructor::collect(const PictureRun &run) {
    const std::size_t planes =
        std::size_t{reach_.before} + 1 + reach_.after + (run.count - 1) * run.hop;
    planes_.assign(planes, nullptr);
    for (std::size_t i = 0; i < planes; ++i) {
        const std::size_t at = run.window.key + i;  // plus reach_.before
        if (at >= reach_.before && at - reach_.before < run.window.planes.size())
            planes_[i] = run.window.planes[at - reach_.before];
    }
}

void DeviceReconstructor::fillTables(const PictureRun &run) {
    const std::size_t window = std::size_t{reach_.before} + 1 + reach_.after;
    const std::size_t stride = window + 1;
    std::size_t tables = 0;
    std::size_t last = ~std::size_t{0};  // planes of the newest table
    for (std::size_t i = 0; i < run.count; ++i) {
        const auto from = planes_.begin() + static_cast<std::ptrdiff_t>(i * run.hop);
        const std::size_t lost = static_cast<std::size_t>(
            std::count(from, from + static_cast<std::ptrdiff_t>(window), nullptr));
        const std::size_t there = window - lost;
        if (there != last) {
            std::uint8_t *table = twin_->pinnedTables.get() + tables++ * stride;
            std::fill_n(table, stride, std::uint8_t{0});
            for (std::size_t count = 0; there != 0 && count <= there; ++count)
                table[count] = greyLevel(rateLevel(count, there), settings_);
            last = there;
        }
        twin_->pinnedWords[i] = static_cast<std::uint32_t>((tables - 1) * stride);
    }
    twin_->work.copy(DeviceStream::Upload, twin_->words.get(),
                     std::as_const(twin_->pinnedWords).get(), run.count);
    twin_->work.copy(DeviceStream::Upload, twin_->tables.get(),
                     std::as_const(twin_->pinnedTables).get(), tables * stride);
}

IntervalSearch DeviceReconstructor::searchOf(const PictureRun &run, std::size_t picture) const {
    constexpr std::size_t most = 255;
    const bool single = settings_.convention == TfiConvention::Single;
    const std::size_t split = reach_.before + picture * run.hop + (single ? 1U : 0U);
    const std::size_t back = std::min<std::size_t>(most, reach_.before + (single ? 1U : 0U));
    const std::size_t ahead = std::min<std::size_t>(most, reach_.after + (single ? 0U : 1U));
    const std::uint64_t number = run.window.keyPlane - reach_.before;  // of planes_[0], may wrap
    IntervalSearch search{static_cast<std::uint32_t>(split), 0, 0};
    // Plane number 0 begins no interval of the convention "single".
    while (search.back < back && planes_[split - 1 - search.back] != nullptr &&
           !(single && number + (split - 1 - search.back) == 0))
        ++search.back;
    while (search.ahead < ahead && planes_[split + search.ahead] != nullptr)
        ++search.ahead;
    return search;
}

void DeviceReconstructor::fillSearches(const PictureRun &run) {
    std::uint8_t *table = twin_->pinnedTables.get();
    std::fill_n(table, 256, std::uint8_t{0});
    for (std::size_t interval = 1; interval < 256; ++interval)
        table[interval] = greyLevel(intervalLevel(interval), settings_);
    if (settings_.convention == TfiConvention::Single)
        table[0] = greyLevel(intervalLevel(2 * std::size_t{settings_.reach}), settings_);
    for (std::size_t i = 0; i < run.count; ++i) {
        const IntervalSearch search = searchOf(run, i);
        std::memcpy(twin_->pinnedWords.get() + 3 * i, &search, sizeof(search));
    }
    twin_->work.copy(DeviceStream::Upload, twin_->words.get(),
                     std::as_const(twin_->pinnedWords).get(), 3 * run.count);
    twin_->work.copy(DeviceStream::Upload, twin_->tables.get(),
                     std::as_const(twin_->pinnedTables).get(), 256);
}

PictureRoom DeviceReconstructor::room(const PictureRun &run, std::size_t first,
                                      std::size_t count) const {
    const std::size_t from = settings_.method == ReconMethod::Tfi ? 0 : first * run.hop;
    return {
        reinterpret_cast<const std::uint32_t *>(twin_->planes.get() + from * shape().wordStride()),
        twin_->grey.get() + first * greyBytes(shape()),
        static_cast<std::uint32_t>(2 * shape().wordStride()),
        static_cast<std::uint32_t>(greyWords(shape())), static_cast<std::uint32_t>(count)};
}

template <int levels>
void DeviceReconstructor::launchRate(const PictureRun &run, std::size_t first, std::size_t count) {
    const auto window = static_cast<std::uint32_t>(reach_.before + 1 + reach_.after);
    const auto hop = static_cast<std::uint32_t>(run.hop);
    const std::uint32_t perThread = 2 * run.hop < window ? slidPictures : 1;
    twin_->work.launch(RateBody<levels>{room(run, first, count), twin_->tables.get(),
                                        twin_->words.get() + first, window, hop, perThread},
                       greyWords(shape()) * ((count + perThread - 1) / perThread));
}

void DeviceReconstructor::launch(const PictureRun &run, std::size_t first, std::size_t count) {
    const std::size_t window = std::size_t{reach_.before} + 1 + reach_.after;
    if (settings_.method == ReconMethod::Tfi)
        twin_->work.launch(
            IntervalBody{room(run, first, count), twin_->tables.get(),
                         reinterpret_cast<const IntervalSearch *>(twin_->words.get() + 3 * first)},
            greyWords(shape()) * count);
    else if (window < 64)
        launchRate<6>(run, first, count);
    else if (window < 256)
        launchRate<8>(run, first, count);
    else
        launchRate<12>(run, first, count);
}

Result<void> DeviceReconstructor::make(const PictureRun &run, const Target &target) {
    collect(run);
    reserve(planes_.size(), run.count);
    Twin &twin = *twin_;
    if (twin.work.failed())
        return twin.work.result();
    if (settings_.method == ReconMethod::Tfi)
        fillSearches(run);
    else
        fillTables(run);
    const std::size_t bytes = greyBytes(shape());
    const std::size_t window = std::size_t{reach_.before} + 1 + reach_.after;
    const std::size_t batch = batchOf(shape());
    std::size_t uploaded = 0;
    for (std::size_t first = 0; first < run.count; first += batch) {
        const std::size_t count = std::min(batch, run.count - first);
        const std::size_t wanted = (first + count - 1) * run.hop + window;
        twin.upload.upload(PlanePointers(planes_).subspan(uploaded, wanted - uploaded),
                           twin.planes.get() + uploaded * shape().wordStride());
        uploaded = wanted;
        twin.work.follow(DeviceStream::Compute, DeviceStream::Upload);
        launch(run, first, count);
        twin.download.download(twin.grey.get() + first * bytes, count * bytes,
                               [&, first, count](const std::uint8_t *greys) {
                                   for (std::size_t i = 0; i < count; ++i)
                                       std::memcpy(target(first + i).data(), greys + i * bytes,
                                                   shape().pixels());
                               });
    }
    twin.download.finish();
    return twin.work.result();
}

}  // namespace fovea
