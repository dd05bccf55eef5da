// SPDX-License-Identifier: Apache-2.0
// fovea run: a spiking network over a recording or a live source.
#include "app/catalog.h"
#include "app/exit_code.h"
#include "app/fovea/command.h"
#include "app/fovea/network_text.h"
#include "app/fovea/picture_writer.h"
#include "app/fovea/pictures.h"
#include "app/fovea/plane_curve.h"
#include "app/fovea/recording.h"
#include "app/fovea/session_work.h"
#include "app/model_use.h"
#include "app/output_file.h"
#include "engine/core/text.h"

#include <opencv2/core.hpp>

namespace fovea {

namespace {

class RunCommand final : public Command {
public:
    explicit RunCommand(CLI::App &program)
        : Command(program, "run", "Run a spiking network over a recording or a live source"),
          config_(app_) {
        app_.add_option("MODEL", model_, "Network: .nir")->type_name("")->required();
        addInput(path_, "Recording (.dat, .bin, .npz), synthetic, or usb[:SERIAL]");
        config_.addRecording();
        config_.addModel(true);
        config_.addNoise("--noise-seed");
        config_.addScene();
        config_.value("--seconds", "source.seconds", "S", "synthetic: length of the scene");
        app_.add_option("--range", range_, "Planes FIRST:END to look at")->type_name("A:B");
        app_.add_option("--labels", labels_, "Lines first_plane,planes,class: judge the classes")
            ->type_name("FILE");
        app_.add_option("--planes", planes_,
                        "With --labels: accuracy over these numbers of planes, for example 1,2,4,8")
            ->type_name("LIST");
        app_.add_option("--plot", plot_, "With --labels: the curve as PNG")->type_name("FILE");
        app_.add_option("-o,--output", output_,
                        "Networks that give pictures: a folder, .avi or .mp4")
            ->type_name("PATH");
        addJson(json_, "One JSON object a decision, and one for the whole");
    }

    Result<void> run(const Interrupts &interrupts) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        config->model.settings.file = model_;
        config->detect.detector.method = DetectionMethod::Snn;
        config->detect.enabled = true;
        if (auto prepared = prepareModel(*config); !prepared)
            return prepared;
        warn(config->model.model->nir.warnings);
        setSource(config->source, path_);
        const bool film = config->source.kind == "file";
        if (!film && !(range_ + labels_ + output_).empty())
            return fail(ErrorCode::Usage,
                        "--range, --labels, -o: {} is no recording; record it first for that",
                        path_);
        if (labels_.empty() && !(planes_ + plot_).empty())
            return fail(ErrorCode::Usage, "--planes, --plot: they want --labels");
        const bool pictures = config->model.model->form.output == StreamOutput::Picture;
        if (!pictures && !output_.empty())
            return fail(ErrorCode::Usage, "-o: {} gives no pictures", model_);
        if (!film)
            return pictures ? watchPictures(*config, interrupts) : decideLive(*config, interrupts);
        const Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return tl::make_unexpected(file.error());
        warn(file->info().warnings);
        if (!labels_.empty())
            return drawAccuracy(*file, config->model, interrupts);
        return pictures ? makePictures(*file, *config, interrupts)
                        : decideInFile(*file, *config, interrupts);
    }

private:
    [[nodiscard]] Result<PlaneRange> rangeOf(const SpikeFile &file) const {
        Result<PlaneRange> range = range_.empty() ? PlaneRange{} : parseRange(range_);
        if (!range)
            return range;
        if (auto fits = range->fit(file.info().planes); !fits)
            return failed(fits);
        return range;
    }

    /// A decision, once: as text or JSON.
    Result<void> take(const FrameResult &frame) {
        if (!frame.network || !summary_.add(*frame.network))
            return {};
        if (json_)
            return printOut(toLine(toJson(frame, FrameJson::Result)) + "\n");
        std::string text = decisionLine(*frame.network);
        for (const Track &track : frame.tracks)
            text += fmt::format(
                "  object {} {} {:.1f},{:.1f} size {:.1f}x{:.1f}\n", track.id,
                track.label >= 0 ? (*frame.network->classes)[static_cast<std::size_t>(track.label)]
                                 : "",
                track.box.x, track.box.y, track.box.w, track.box.h);
        return printOut(text);
    }
    Result<void> conclude() const {
        if (summary_.decisions() == 0)
            note("no decision: the source has fewer planes than the network takes in");
        else
            return printOut(json_ ? toLine(summary_.json()) + "\n" : summary_.table());
        return {};
    }

    Result<void> decideInFile(const SpikeFile &file, Config config, const Interrupts &interrupts) {
        const Result<PlaneRange> range = rangeOf(file);
        if (!range)
            return tl::make_unexpected(range.error());
        config.source.rangeBegin = range->first;
        config.source.rangeEnd = *range->last;
        config.detect.every = 1;  // no decision is passed over
        auto done = detectInFile(config, file.info().rateHz, interrupts, verbosity_.quiet,
                                 [this](const FrameResult &frame) { return take(frame); });
        if (!done)
            return failed(done);
        return conclude();
    }

    Result<void> decideLive(Config config, const Interrupts &interrupts) {
        const auto warnOf = [this](const SourceInfo &info) { warn(info.warnings); };
        auto done = detectInCamera(std::move(config), interrupts, warnOf,
                                   [this](const FrameResult &frame) { return take(frame); });
        if (!done && done.error().code != ErrorCode::Cancelled)
            return failed(done);
        return conclude();
    }

    /// A live source shows as many pictures as the display rate asks for.
    Result<void> watchPictures(Config config, const Interrupts &interrupts) {
        config.detect.enabled = false;
        config.display.views = {{std::string(toString(ReconMethod::Snn)), false}};
        SteadyClock clock;
        const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
        Session session(*catalog, clock);
        if (auto started = session.start(config); !started)
            return started;
        if (const auto opened = session.waitOpened(); !opened)
            return tl::make_unexpected(opened.error());
        auto done = finishSession(session, interrupts, [&](const SessionStatus &) -> Result<void> {
            const FrameResultPtr frame = session.takeFrame();
            return frame ? take(*frame) : Result<void>{};
        });
        if (!done && done.error().code != ErrorCode::Cancelled)
            return failed(done);
        return conclude();
    }

    Result<void> makePictures(const SpikeFile &file, Config config, const Interrupts &interrupts) {
        const Result<PlaneRange> range = rangeOf(file);
        if (!range)
            return tl::make_unexpected(range.error());
        config.recon.method = ReconMethod::Snn;
        config.recon.model = config.model;
        auto plan = planStream(config.model.model->form, config.model.settings);
        if (!plan)
            return failed(plan);
        Result<PictureMaker> maker = PictureMaker::make(file, config.recon, config.engine.backend);
        if (!maker)
            return failed(maker);
        const std::filesystem::path input = path_;
        std::unique_ptr<PictureWriter> writer;
        if (!output_.empty()) {
            constexpr double framesPerSecond = 30;
            auto made = makePictureWriter(output_, file.info().shape, framesPerSecond, {&input, 1});
            if (!made)
                return failed(made);
            writer = std::move(*made);
        }
        const std::uint64_t first = std::max<std::uint64_t>(range->first, plan->window - 1);
        Progress progress("running", *range->last - std::min(first, *range->last), "planes",
                          verbosity_.quiet);
        for (std::uint64_t plane = first; plane < *range->last; plane += plan->hop) {
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped");
            progress.update(plane - first);
            Result<Picture> picture = maker->at(plane);
            if (!picture)
                return failed(picture);
            FrameResult frame;
            frame.plane = plane;
            frame.planeRateHz = file.info().rateHz;
            frame.seconds = static_cast<double>(plane) / frame.planeRateHz;
            frame.network = maker->network();
            if (auto taken = take(frame); !taken)
                return taken;
            if (writer)
                if (auto added = writer->add(asMat(*picture), plane); !added)
                    return added;
        }
        progress.clear();
        if (writer)
            if (auto finished = writer->finish(); !finished)
                return finished;
        return conclude();
    }

    [[nodiscard]] Result<std::vector<std::uint32_t>> planeNumbers(const ModelUse &use) const {
        if (planes_.empty()) {
            auto plan = planStream(use.model->form, use.settings);
            if (!plan)
                return failed(plan);
            return std::vector<std::uint32_t>{plan->window};
        }
        std::vector<std::uint32_t> numbers;
        for (std::size_t begin = 0; begin <= planes_.size();) {
            const std::size_t comma = std::min(planes_.find(',', begin), planes_.size());
            const auto number = parseNumber<std::uint32_t>(planes_.substr(begin, comma - begin));
            if (!number || *number == 0 || *number > ModelSettings::maxPlanes ||
                (!numbers.empty() && *number <= numbers.back()))
                return fail(ErrorCode::Usage,
                            "--planes: found '{}', allowed growing numbers from 1 to {} with "
                            "commas between",
                            planes_, ModelSettings::maxPlanes);
            numbers.push_back(*number);
            begin = comma + 1;
        }
        return numbers;
    }

    Result<void> drawAccuracy(const SpikeFile &file, const ModelUse &use,
                              const Interrupts &interrupts) const {
        const auto spans = readSpans(labels_);
        if (!spans)
            return tl::make_unexpected(spans.error());
        const auto numbers = planeNumbers(use);
        if (!numbers)
            return tl::make_unexpected(numbers.error());
        std::vector<CurvePoint> points;
        Progress progress("judging", spans->size() * numbers->size(), "spans", verbosity_.quiet);
        for (const std::uint32_t planes : *numbers) {
            const std::uint64_t before = points.size() * spans->size();
            auto point = judge(file, *spans, use, planes, interrupts,
                               [&](std::uint64_t done) { progress.update(before + done); });
            if (!point)
                return failed(point);
            points.push_back(*point);
        }
        progress.clear();
        if (!plot_.empty())
            if (auto drawn = writePng(plot_, drawCurve(points, "accuracy of " + use.model->name));
                !drawn)
                return drawn;
        return printOut(json_ ? pointsJson(points, use) : pointsTable(points));
    }

    static std::string pointsJson(const std::vector<CurvePoint> &points, const ModelUse &use) {
        Json rows = Json::array();
        for (const CurvePoint &p : points)
            rows.push_back(Json{{"planes", p.planes},
                                {"total_steps", p.steps},
                                {"accuracy", p.accuracy()},
                                {"judged", p.judged},
                                {"skipped", p.skipped},
                                {"synops", p.synops},
                                {"energy_uj", p.energyMicrojoules},
                                {"latency_seconds", p.seconds},
                                {"rate", p.rate}});
        return toLine(Json{{"model", use.model->name},
                           {"mode", toString(use.settings.mode)},
                           {"points", std::move(rows)}}) +
               "\n";
    }
    static std::string pointsTable(const std::vector<CurvePoint> &points) {
        std::string text = "planes  steps  accuracy   judged  skipped      synops        uJ  "
                           "ms/decision    rate\n";
        for (const CurvePoint &p : points)
            text += fmt::format("{:>6}  {:>5}  {:>7.2f}%  {:>7}  {:>7}  {:>10.0f}  {:>8.3f}  "
                                "{:>11.3f}  {:>6.4f}\n",
                                p.planes, p.steps, 100 * p.accuracy(), p.judged, p.skipped,
                                p.synops, p.energyMicrojoules, 1e3 * p.seconds, p.rate);
        return text;
    }

    ConfigOptions config_;
    std::string model_;
    std::string path_;
    std::string range_;
    std::string labels_;
    std::string planes_;
    std::string plot_;
    std::string output_;
    bool json_ = false;
    NetworkSummary summary_;
};

}  // namespace

std::unique_ptr<Command> makeRunCommand(CLI::App &program) {
    return std::make_unique<RunCommand>(program);
}

}  // namespace fovea
