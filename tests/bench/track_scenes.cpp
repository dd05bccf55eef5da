// SPDX-License-Identifier: Apache-2.0
// How well objects are followed: seeded synthetic scenes through detector and tracker, as a table.
#include "drivers/synthetic/synthetic_source.h"
#include "engine/core/clock.h"
#include "engine/detect/detector.h"
#include "engine/quality/mot_evaluation.h"
#include "engine/track/tracker.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace {

using namespace fovea;

struct Run {
    MotScore score;
    double cpuSeconds = 0;  ///< detector and tracker
    double touching = 0;    ///< share of the truth's boxes that touch another
};

double cpuNow() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

Result<Run> follow(const SyntheticSettings &settings, std::uint32_t every) {
    SteadyClock clock;
    SyntheticSource source(settings, clock);
    auto info = source.open();
    if (!info)
        return failed(info);
    auto detector = makeDetector({}, settings.shape, settings.planeRateHz);
    if (!detector)
        return failed(detector);
    Tracker tracker({}, settings.shape, settings.planeRateHz);
    SpikeBlock block(settings.shape, 400);
    std::vector<MotBox> truth;
    std::vector<MotBox> tracks;
    std::uint64_t next = 0;
    Run run;
    std::size_t touching = 0;
    const auto note = [&](std::uint64_t plane) {
        const TrackSet real = source.truth()->objectsAt(plane);
        const auto found = tracker.predict(plane);
        for (const Track &t : real.tracks) {
            truth.push_back({plane, t.id, t.box, 1});
            touching += std::any_of(real.tracks.begin(), real.tracks.end(), [&](const Track &o) {
                return o.id != t.id && iou(o.box, t.box) > 0;
            });
        }
        for (const Track &f : found) {
            tracks.push_back({plane, f.id, f.box, 1});
        }
    };
    for (;;) {
        auto read = source.read(block, std::chrono::milliseconds(1000));
        if (!read)
            return failed(read);
        if (*read == ReadOutcome::End)
            break;
        const double begin = cpuNow();
        auto done = (*detector)->process(block, [&](const DetectionFrame &frame) {
            for (; next < frame.plane; next += every)
                note(next);
            tracker.update(frame.plane, frame.detections, frame.age,
                           {frame.cells, frame.cellsWide, frame.cellsHigh, frame.cellStride,
                            frame.cellSize, frame.rates});
        });
        if (!done)
            return failed(done);
        for (; next < block.endPlane(); next += every)
            note(next);
        run.cpuSeconds += cpuNow() - begin;
    }
    auto score = evaluateMot(truth, tracks);
    if (!score)
        return failed(score);
    run.score = *score;
    run.touching =
        static_cast<double>(touching) / static_cast<double>(std::max<std::size_t>(1, truth.size()));
    return run;
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Follows synthetic objects and compares with the truth");
    SyntheticSettings settings;
    settings.paced = false;
    std::uint64_t first = 1;
    std::uint32_t count = 20, least = 3, most = 8, every = 40;
    double seconds = 1;
    app.add_option("--first-seed", first);
    app.add_option("--seeds", count);
    app.add_option("--least", least, "fewest objects");
    app.add_option("--most", most, "most objects");
    app.add_option("--rate", settings.planeRateHz, "planes per second");
    app.add_option("--seconds", seconds);
    app.add_option("--every", every, "planes between two judged");
    CLI11_PARSE(app, argc, argv);
    settings.limitSeconds(seconds);
    fmt::print("{:>6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8} {:>9} {:>9}\n", "seed", "objects", "MOTA",
               "IDF1", "recall", "precis.", "switches", "touching", "planes/s");
    MotScore sum;
    double worst = 1;
    for (std::uint32_t i = 0; i < count; ++i) {
        settings.seed = first + i;
        settings.objects = least + i % (most - least + 1);
        auto run = follow(settings, every);
        if (!run) {
            fmt::print(stderr, "{}\n", run.error().message);
            return 1;
        }
        const MotScore &s = run->score;
        fmt::print("{:>6} {:>7} {:>7.3f} {:>7.3f} {:>7.3f} {:>7.3f} {:>8} {:>9.2f} {:>9.0f}\n",
                   settings.seed, settings.objects, s.mota, s.idf1, s.recall, s.precision,
                   s.switches, run->touching, seconds * settings.planeRateHz / run->cpuSeconds);
        sum.objects += s.objects;
        sum.misses += s.misses;
        sum.falsePositives += s.falsePositives;
        sum.switches += s.switches;
        worst = std::min(worst, s.mota);
    }
    fmt::print("all: MOTA {:.3f}, least {:.3f}, {} switches\n",
               1 - static_cast<double>(sum.misses + sum.falsePositives + sum.switches) /
                       static_cast<double>(std::max<std::uint64_t>(1, sum.objects)),
               worst, sum.switches);
    return 0;
}
