// SPDX-License-Identifier: Apache-2.0
// Opening recordings and walking through their planes.
#include "app/fovea/recording.h"

#include "app/catalog.h"
#include "app/exit_code.h"

#include <algorithm>

namespace fovea {

namespace {

/// About 2 MB of planes, so that cancelling and progress feel immediate.
std::uint32_t planesPerBlock(PlaneShape shape) {
    constexpr std::size_t bytes = std::size_t{2} << 20;
    const std::size_t stride = shape.wordStride() * sizeof(std::uint64_t);
    return static_cast<std::uint32_t>(std::clamp<std::size_t>(bytes / stride, 1, 4096));
}

/// Every pixel for itself: pictures may be turned over instead of planes, of which there are more.
bool knowsNoRows(ReconMethod method) {
    return method == ReconMethod::Raw || method == ReconMethod::Tfp || method == ReconMethod::Tfi;
}

}  // namespace

Result<SpikeFile> openInput(const std::string &path, const SourceConfig &source) {
    const Result<SpikeFileOptions> options = spikeFileOptions(source);
    if (!options)
        return tl::make_unexpected(options.error());
    Result<SpikeFile> file = SpikeFile::open(path, *options);
    if (!file)
        return tl::make_unexpected(asInputError(std::move(file.error())));
    return file;
}

Result<void> forEachBlock(const SpikeFile &file, std::uint64_t first, std::uint64_t last,
                          const Interrupts &interrupts, Progress &progress,
                          const std::function<Result<void>(SpikeBlock &)> &take) {
    SpikeBlock block(file.info().shape, planesPerBlock(file.info().shape));
    for (std::uint64_t plane = first; plane < last;) {
        if (interrupts.requested())
            return fail(ErrorCode::Cancelled, "stopped at plane {}", plane);
        if (auto read = file.read(plane, last, block); !read)
            return tl::make_unexpected(asInputError(std::move(read.error())));
        if (block.empty())
            break;
        plane = block.endPlane();
        if (auto taken = take(block); !taken)
            return taken;
        progress.update(plane - first);
    }
    return {};
}

PictureMaker::PictureMaker(const SpikeFile &file, const ReconSettings &settings,
                           std::unique_ptr<Backend> backend,
                           std::unique_ptr<Reconstructor> reconstructor)
    : file_(&file), settings_(settings), backend_(std::move(backend)),
      reconstructor_(std::move(reconstructor)) {
    const PlaneReach reach = reconstructor_->reach();
    const std::uint64_t wanted = std::uint64_t{reach.before} + 1 + reach.after;
    const std::uint64_t planes = std::min(wanted, std::max<std::uint64_t>(file.info().planes, 1));
    block_ = std::make_unique<SpikeBlock>(file.info().shape, static_cast<std::uint32_t>(planes));
}

Result<PictureMaker> PictureMaker::make(const SpikeFile &file, const ReconSettings &settings,
                                        BackendKind kind) {
    auto backend = std::make_unique<Backend>(kind);
    Result<std::unique_ptr<Reconstructor>> made =
        makeReconstructor(settings, file.info().shape, backend.get());
    if (!made)
        return failed(made);
    return PictureMaker(file, settings, std::move(backend), std::move(*made));
}

Result<PlaneWindow> PictureMaker::read(std::uint64_t plane) {
    const PlaneReach reach = reconstructor_->reach();
    const std::uint64_t first = plane - std::min<std::uint64_t>(plane, reach.before);
    const std::uint64_t last = std::min(file_->info().planes, plane + reach.after + 1);
    if (auto read = file_->read(first, last, *block_); !read)
        return tl::make_unexpected(asInputError(std::move(read.error())));

    pointers_.assign(last - first, nullptr);
    for (std::uint32_t i = 0; i < block_->planeCount(); ++i)
        pointers_[block_->planeNumber(i) - first] = block_->plane(i);

    return PlaneWindow{pointers_, plane - first, plane};
}

Result<Picture> PictureMaker::at(std::uint64_t plane) {
    const Result<PlaneWindow> window = read(plane);
    if (!window)
        return tl::make_unexpected(window.error());
    Picture picture{file_->info().shape, plane, {}};
    picture.grey.resize(picture.shape.pixels());
    if (auto made = reconstructor_->reconstruct(*window, picture.grey); !made)
        return failed(made);
    return picture;
}

Result<DeepPicture> PictureMaker::deepAt(std::uint64_t plane) {
    if (!deep_) {
        Result<DeepReconstructor> made = DeepReconstructor::make(settings_, file_->info().shape);
        if (!made)
            return failed(made);
        deep_ = std::move(*made);
    }
    const Result<PlaneWindow> window = read(plane);
    if (!window)
        return tl::make_unexpected(window.error());
    DeepPicture picture{file_->info().shape, plane, {}};
    picture.grey.resize(picture.shape.pixels());
    if (auto made = deep_->reconstruct(*window, picture.grey); !made)
        return failed(made);
    return picture;
}

Result<void> PictureMaker::each(const PicturePlan &plan,
                                const std::function<Result<void>(const Picture &)> &take) {
    const PlaneReach reach = reconstructor_->reach();
    if (plan.hop <= std::uint64_t{reach.before} + 1 + reach.after) {
        const PlaneShape shape = file_->info().shape;
        const bool turned = file_->info().flip && knowsNoRows(settings_.method);
        Picture picture{shape, 0, std::vector<std::uint8_t>(shape.pixels())};
        return stream(plan, turned ? RowOrder::Stored : RowOrder::Display,
                      [&](std::uint64_t plane, std::span<const std::uint8_t> grey) {
                          picture.plane = plane;
                          if (turned)
                              copyTurned(grey, shape, picture.grey);
                          else
                              std::copy(grey.begin(), grey.end(), picture.grey.begin());
                          return take(picture);
                      });
    }
    for (std::uint64_t plane = plan.first; plane < plan.end; plane += plan.hop) {
        const Result<Picture> picture = at(plane);
        if (!picture)
            return tl::make_unexpected(picture.error());
        if (auto taken = take(*picture); !taken)
            return taken;
    }
    return {};
}

Result<void> PictureMaker::eachDeep(const PicturePlan &plan,
                                    const std::function<Result<void>(const DeepPicture &)> &take) {
    for (std::uint64_t plane = plan.first; plane < plan.end; plane += plan.hop) {
        const Result<DeepPicture> picture = deepAt(plane);
        if (!picture)
            return tl::make_unexpected(picture.error());
        if (auto taken = take(*picture); !taken)
            return taken;
    }
    return {};
}

Result<void> PictureMaker::stream(const PicturePlan &plan, RowOrder order,
                                  const PictureStream::Take &take) {
    Result<std::unique_ptr<Reconstructor>> made =
        makeReconstructor(settings_, file_->info().shape, backend_.get());
    if (!made)
        return failed(made);
    PictureStream pictures(std::move(*made), plan);
    TilePool threads;
    // Short blocks stay in the cache between reading and counting; pictures at every plane want
    // long runs.
    const std::uint32_t step =
        std::min(planesPerBlock(file_->info().shape), plan.hop < 8 ? 64U : 16U);
    const PlaneReach reach = reconstructor_->reach();
    const auto pool =
        BlockPool::create(file_->info().shape, step, (reach.before + reach.after) / step + 4);
    const std::uint64_t end = std::min(pictures.end(), file_->info().planes);
    for (std::uint64_t plane = pictures.begin(); plane < end;) {
        const std::shared_ptr<SpikeBlock> block = pool->tryAcquire();
        if (!block)
            return fail(ErrorCode::WrongState, "no block is free at plane {}", plane);
        if (auto read = file_->read(plane, end, *block, 0, order); !read)
            return tl::make_unexpected(asInputError(std::move(read.error())));
        if (block->empty())
            break;
        plane = block->endPlane();
        if (auto pushed = pictures.push(block, threads, take); !pushed)
            return pushed;
    }
    return pictures.finish(threads, take);
}

}  // namespace fovea
