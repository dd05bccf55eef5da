// SPDX-License-Identifier: Apache-2.0
// What each name measures.
#include "app/bench/bench_case.h"

#include "app/bench/bench_input.h"
#include "datasets/spike_file.h"
#include "engine/core/picture.h"
#include "engine/detect/batch_filter.h"
#include "engine/detect/box_fitter.h"
#include "engine/detect/detector.h"
#include "engine/recon/picture_stream.h"
#include "engine/track/tracker.h"

#include <array>

namespace fovea {

namespace {

/// Planes that are worked through again and again: more than the second-level cache holds.
std::uint32_t planesOf(PlaneShape shape) {
    return shape.pixels() > 500000 ? 256 : 1024;
}

struct Rate {
    const char *suffix;
    double spikes;
};
constexpr std::array<Rate, 4> rates{{{"", 0.29}, {"_r05", 0.05}, {"_r25", 0.25}, {"_r50", 0.5}}};
constexpr PlaneShape small{400, 250};
constexpr PlaneShape large{1000, 1000};

double planeBytes(PlaneShape shape) {
    return static_cast<double>(shape.bytes());
}
double pictureBytes(PlaneShape shape) {
    return static_cast<double>(shape.pixels());
}

/// What a pass keeps alive.
struct PictureWork {
    BenchPlanes planes;
    std::unique_ptr<Reconstructor> reconstructor;
    GreyPictures pictures;
    std::size_t next = 0;
};

/// Pictures every `hop` planes, all of whose neighbours are there.
Result<BenchPass> preparePictures(const BenchCase &one, TilePool &pool,
                                  const ReconSettings &settings, std::size_t hop) {
    auto made = makeReconstructor(settings, one.shape);
    if (!made)
        return failed(made);
    const std::size_t length = (*made)->runLength(hop);
    const PlaneReach reach = (*made)->reach();
    const std::size_t span = std::size_t{reach.before} + reach.after + (length - 1) * hop + 1;
    const auto planes = std::max<std::size_t>(planesOf(one.shape), span);
    auto work = std::make_shared<PictureWork>(PictureWork{
        BenchPlanes(one.shape, static_cast<std::uint32_t>(planes), one.spikeRate, one.planeRateHz),
        std::move(*made), GreyPictures(one.shape, length)});
    return BenchPass([work, length, hop, reach, &pool]() -> Result<std::uint64_t> {
        const std::size_t last = work->next + reach.before + (length - 1) * hop + reach.after;
        if (last >= work->planes.planes().size())
            work->next = 0;
        const std::size_t key = work->next + reach.before;
        const PictureRun run{{work->planes.planes(), key, key}, hop, length};
        if (auto done = work->reconstructor->reconstruct(run, work->pictures, pool); !done)
            return failed(done);
        work->next += length * hop;
        return length * hop;
    });
}

/// From the file through blocks to pictures, as `fovea export` does it.
Result<BenchPass> prepareReading(const BenchCase &one, TilePool &pool,
                                 const ReconSettings &settings, std::size_t hop) {
    const BenchPlanes planes(one.shape, 4 * planesOf(one.shape), one.spikeRate, one.planeRateHz);
    auto made = BenchFile::write(planes);
    if (!made)
        return failed(made);
    const std::shared_ptr<BenchFile> stored = std::move(*made);
    SpikeFileOptions options;
    options.shape = one.shape;
    options.rateHz = one.planeRateHz;
    options.flip = true;
    options.format = FileFormat::Raw;
    options.useDescriptor = false;
    auto opened = SpikeFile::open(stored->path(), options);
    if (!opened)
        return failed(opened);
    const auto file = std::make_shared<SpikeFile>(std::move(*opened));
    const std::uint64_t end = file->info().planes;
    constexpr std::uint32_t step = 16;
    const auto blocks = BlockPool::create(one.shape, step, settings.window / step + 4);
    return BenchPass([stored, file, blocks, settings, hop, end, &pool]() -> Result<std::uint64_t> {
        auto reconstructor = makeReconstructor(settings, file->info().shape);
        if (!reconstructor)
            return failed(reconstructor);
        const std::uint64_t half = settings.window / 2;
        PictureStream stream(std::move(*reconstructor), {half, end - half, hop});
        std::vector<std::uint8_t> turned(file->info().shape.pixels());
        const auto take = [&](std::uint64_t, std::span<const std::uint8_t> grey) {
            copyTurned(grey, file->info().shape, turned);
            return Result<void>{};
        };
        for (std::uint64_t plane = 0; plane < end;) {
            const std::shared_ptr<SpikeBlock> block = blocks->tryAcquire();
            if (!block)
                return fail(ErrorCode::WrongState, "no block is free");
            if (auto read = file->read(plane, end, *block, 0, RowOrder::Stored); !read)
                return failed(read);
            plane = block->endPlane();
            if (auto pushed = stream.push(block, pool, take); !pushed)
                return failed(pushed);
        }
        return end;
    });
}

/// STP filter and LIF layer, a batch at a time; the planes that the neural field takes come out.
Result<BenchPass> prepareFilter(const BenchCase &one, TilePool &pool) {
    struct Work {
        BenchPlanes planes;
        BatchFilter filter;
        std::vector<std::uint64_t> fired;
        std::vector<std::uint64_t *> out;
        std::size_t next = 0;
    };
    constexpr std::size_t batch = BatchFilter::maxPlanes;
    const std::size_t stride = one.shape.wordStride();
    auto work = std::make_shared<Work>(
        Work{BenchPlanes(one.shape, planesOf(one.shape), one.spikeRate, one.planeRateHz),
             BatchFilter(StpSettings{}, LifSettings{}, one.shape, &pool),
             std::vector<std::uint64_t>(BoxFitter::memoryPlanes * stride),
             {}});
    for (std::size_t i = 0; i < BoxFitter::memoryPlanes; ++i)
        work->out.push_back(work->fired.data() + i * stride);
    return BenchPass([work]() -> Result<std::uint64_t> {
        work->filter.filter(work->planes.planes().subspan(work->next, batch));
        work->filter.fire();
        work->filter.fired(batch - work->out.size(), work->out);
        work->next = (work->next + batch) % work->planes.planes().size();
        return std::uint64_t{batch};
    });
}

/// STP filter, LIF layer, neural field, boxes and tracks through the detector's interface, a result
/// every millisecond, and a TFP picture beside each.
Result<BenchPass> prepareChain(const BenchCase &one, TilePool &pool) {
    struct Work {
        BenchPlanes planes;
        std::unique_ptr<Detector> detector;
        Tracker tracker;
        std::unique_ptr<Reconstructor> tfp;
        GreyPictures picture;
        std::uint64_t next = 0;
    };
    DetectorSettings settings;
    settings.method = DetectionMethod::Attention;
    settings.attention.calibrationPlanes = 0;
    auto detector = makeDetector(settings, one.shape, one.planeRateHz, &pool);
    if (!detector)
        return failed(detector);
    auto tfp = makeReconstructor({}, one.shape);
    if (!tfp)
        return failed(tfp);
    const auto step = static_cast<std::uint32_t>(one.planeRateHz / 1000);
    auto work = std::make_shared<Work>(Work{
        BenchPlanes(one.shape, 12 * step, one.spikeRate, one.planeRateHz), std::move(*detector),
        Tracker({}, one.shape, one.planeRateHz), std::move(*tfp), GreyPictures(one.shape, 1)});
    const auto block = std::make_shared<SpikeBlock>(one.shape, step);
    return BenchPass([work, block, step, rate = one.planeRateHz, &pool]() -> Result<std::uint64_t> {
        const std::size_t first = work->next % work->planes.planes().size();
        block->begin(work->next, rate);
        for (std::size_t i = first; i < first + step; ++i)
            std::copy_n(work->planes.planes()[i], block->shape().wordStride(), block->append());
        work->next += step;
        auto found = work->detector->process(*block, [&](const DetectionFrame &frame) {
            work->tracker.update(frame.plane, frame.detections, frame.age);
        });
        if (!found)
            return failed(found);
        (void)work->tracker.predict(work->next - 1);
        const PlanePointers planes = work->planes.planes().subspan(first, step);
        const PictureRun run{{planes, step / 2, work->next - step / 2}, 1, 1};
        if (auto shown = work->tfp->reconstruct(run, work->picture, pool); !shown)
            return failed(shown);
        return step;
    });
}

ReconSettings tfp(std::uint32_t window) {
    ReconSettings settings;
    settings.window = window;
    return settings;
}
ReconSettings tfi(TfiConvention convention) {
    ReconSettings settings;
    settings.method = ReconMethod::Tfi;
    settings.convention = convention;
    return settings;
}

ReconSettings adaptive(ReconMode mode) {
    ReconSettings settings;
    settings.method = ReconMethod::Adaptive;
    settings.mode = mode;
    return settings;
}

auto pictures(const ReconSettings &settings, std::size_t hop) {
    return [=](const BenchCase &one, TilePool &pool) {
        return preparePictures(one, pool, settings, hop);
    };
}

/// Bytes of the STP and LIF state of a plane: 5 floats a pixel, read and written once a batch.
double filterBytes(PlaneShape shape) {
    return 2 * planeBytes(shape) +
           2 * 5 * sizeof(float) * pictureBytes(shape) / BatchFilter::maxPlanes;
}

void addCases(std::vector<BenchCase> &cases, const std::string &suffix, PlaneShape shape,
              double rateHz, double spikes) {
    const double plane = planeBytes(shape);
    const double picture = pictureBytes(shape);
    const auto add = [&](const char *name, double bytes, const char *about, auto prepare) {
        cases.push_back({name + suffix, shape, rateHz, spikes, bytes, about, prepare});
    };
    add("tfp_every", plane + picture, "TFP, window 33, a picture at every plane",
        pictures(tfp(33), 1));
    add("tfi_every", plane + picture, "TFI single, reach 20, a picture at every plane",
        pictures(tfi(TfiConvention::Single), 1));
    add("tfi_stack_every", plane + picture, "TFI stack, a picture at every plane",
        pictures(tfi(TfiConvention::Stack), 1));
    add("stp_lif", filterBytes(shape), "STP filter and LIF layer", prepareFilter);
}

}  // namespace

std::vector<BenchCase> benchCases(const std::string &filter) {
    std::vector<BenchCase> cases;
    const double plane = planeBytes(small);
    const double picture = pictureBytes(small);
    const auto add = [&](const char *name, double bytes, const char *about, auto prepare) {
        cases.push_back({name, small, 40000, rates[0].spikes, bytes, about, prepare});
    };
    add("read_tfp_hop400", 3 * plane + picture / 400,
        "reading a recording whose last row comes first, and TFP, window 401, every 400 planes",
        [](const BenchCase &one, TilePool &pool) {
            return prepareReading(one, pool, tfp(401), 400);
        });
    add("tfp_hop400", plane + picture / 400, "TFP, window 401, every 400 planes",
        pictures(tfp(401), 400));
    addCases(cases, "", small, 40000, rates[0].spikes);
    add("chain_1khz", filterBytes(small) + picture / 40,
        "STP, LIF, neural field, boxes, tracks; results and TFP pictures at 1 kHz", prepareChain);
    add("adaptive_1khz", plane + picture / 40, "adaptive pictures at 1 kHz, centred",
        pictures(adaptive(ReconMode::Centred), 40));
    add("adaptive_causal_1khz", plane + picture / 40, "adaptive pictures at 1 kHz, causal",
        pictures(adaptive(ReconMode::Causal), 40));
    cases.push_back({"tfp_hop200_1m", large, 20000, rates[0].spikes,
                     planeBytes(large) + pictureBytes(large) / 200,
                     "TFP, window 201, every 200 planes", pictures(tfp(201), 200)});
    addCases(cases, "_1m", large, 20000, rates[0].spikes);
    for (std::size_t i = 1; i < rates.size(); ++i)
        addCases(cases, rates[i].suffix, small, 40000, rates[i].spikes);
    std::erase_if(cases,
                  [&](const BenchCase &one) { return one.name.find(filter) == std::string::npos; });
    return cases;
}

}  // namespace fovea
