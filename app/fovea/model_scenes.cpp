// SPDX-License-Identifier: Apache-2.0
// fovea model scenes: how well a network finds the generator's objects, and how fast.
#include "app/fovea/model_action.h"

#include "app/frame_json.h"
#include "app/output_file.h"
#include "app/progress.h"
#include "drivers/synthetic/scene.h"
#include "drivers/synthetic/sensor.h"
#include "engine/detect/snn_detector.h"
#include "engine/noise/noise_chain.h"
#include "engine/quality/average_precision.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr float leastScore = 0.05F;

/// What all scenes gave.
struct SceneTrial {
    std::vector<ScoredBox> truth, found;
    std::uint64_t scenes = 0;
    std::uint64_t decisions = 0;
    NetworkReportPtr last;
};

class ModelScenes final : public ModelAction {
public:
    explicit ModelScenes(CLI::App &model)
        : ModelAction(model, "scenes", "Average precision of boxes on generated scenes") {
        app_.add_option("MODEL", use_.settings.file, "Network of boxes, .nir")
            ->type_name("")
            ->required();
        addNumber(app_, "--scenes", scenes_, 1, 1000000, "So many scenes (default 200)");
        addNumber(app_, "--seed", seed_, 0, 1ULL << 62,
                  "Seed of the first scene, the next has the next (default 1000000)");
        addNumber(app_, "--objects", objects_, 1, SyntheticSettings::maxObjects,
                  "Objects in each scene (default 5)");
        addNumber(app_, "--planes", planes_, 1, 1000000,
                  "Planes of each scene (default: those of one decision)");
        app_.add_option("--noise", noise_, "Disturbances, as of fovea noise: flip:0.01,hot:0.001")
            ->type_name("KIND:STRENGTH,...");
        app_.add_option("--mode", mode_, "if (default), srp or cos")->type_name("MODE");
        addNumber(app_, "--steps", steps_, 1, ModelSettings::maxSteps, "T (default: the model's)");
        addNumber(app_, "--calibration", calibration_, 1, ModelSettings::maxSteps,
                  "tau of srp, rho of cos (default 4)");
        app_.add_option("--precision", precision_, "fp32 (default), bf16 or int8")
            ->type_name("NAME");
        app_.add_flag("--json", json_, "One JSON object instead of text");
    }

    Result<void> run(const Interrupts &interrupts, const Verbosity &verbosity) override {
        if (auto checked = check(); !checked)
            return checked;
        auto model = use_.get();
        if (!model)
            return failed(model);
        // A curve of precision over recall wants the boxes of low score, too.
        auto judged = std::make_shared<Model>(**model);
        judged->form.threshold = std::min(judged->form.threshold, leastScore);
        use_.model = judged;
        SyntheticSettings scene;
        scene.shape = (*model)->form.shape;
        scene.objects = static_cast<std::uint32_t>(objects_);
        if (auto possible = scene.check(); !possible)
            return possible;
        auto detector = SnnDetector::make(use_, scene.shape);
        if (!detector)
            return failed(detector);
        if ((*model)->form.output != StreamOutput::Boxes)
            return fail(ErrorCode::Unsupported, "{}: gives no boxes", (*model)->name);
        SceneTrial trial;
        Progress progress("scenes", scenes_, "scenes", verbosity.quiet);
        for (std::uint64_t i = 0; i < scenes_; ++i) {
            scene.seed = seed_ + i;
            if (auto seen = see(scene, **detector, trial); !seen)
                return seen;
            progress.update(i + 1);
            if (interrupts.requested())
                return fail(ErrorCode::Cancelled, "stopped after {} of {} scenes", i + 1, scenes_);
        }
        progress.clear();
        return print(trial);
    }

private:
    Result<void> check() {
        const auto precision = parsePrecision(precision_);
        if (!precision)
            return fail(ErrorCode::Usage, "--precision: {}", precision.error().message);
        const auto mode = readInferenceMode(mode_);
        if (!mode)
            return fail(ErrorCode::Usage, "--mode: {}", mode.error().message);
        auto injectors = parseInjectors(noise_.empty() ? "flip:0" : noise_);
        if (!injectors)
            return fail(ErrorCode::Usage, "--noise: {}", injectors.error().message);
        injectors_ = std::move(*injectors);
        use_.settings.precision = *precision;
        use_.settings.mode = *mode;
        use_.settings.steps = static_cast<std::uint32_t>(steps_);
        use_.settings.calibration = static_cast<std::uint32_t>(calibration_);
        return {};
    }

    /// The scene from its first plane on, as a camera gives it.
    Result<void> see(const SyntheticSettings &settings, Detector &detector,
                     SceneTrial &trial) const {
        const synthetic::Scene scene(settings);
        synthetic::Sensor sensor(scene, settings);
        const std::uint32_t step = detector.step();
        const std::uint32_t least = (detector.warmUpPlanes() + step - 1) / step * step;
        const auto planes = std::max(static_cast<std::uint32_t>(planes_), least);
        SpikeBlock block(settings.shape, planes);
        block.begin(0, settings.planeRateHz);
        std::vector<std::uint64_t *> rows;
        for (std::uint32_t i = 0; i < planes; ++i)
            rows.push_back(block.append());
        sensor.expose(0, rows);
        auto noise = NoiseChain::create({settings.seed, injectors_}, settings.shape);
        if (!noise)
            return failed(noise);
        (*noise)->apply(block);
        detector.reset();
        ++trial.scenes;
        return detector.process(block, [&](const DetectionFrame &frame) {
            const auto seen =
                frame.plane - static_cast<std::uint64_t>(std::lround(double{frame.age}));
            for (const Track &one : scene.objectsAt(seen).tracks)
                trial.truth.push_back({trial.decisions, one.box, one.label, 1});
            for (const Detection &one : frame.detections)
                trial.found.push_back({trial.decisions, one.box, one.label, one.score});
            ++trial.decisions;
            trial.last = frame.network;
        });
    }

    Result<void> print(const SceneTrial &trial) const {
        const PrecisionScore score = evaluatePrecision(trial.truth, trial.found);
        const NetworkReport none;
        const NetworkReport &network = trial.last ? *trial.last : none;
        const double rate = network.totalSeconds > 0
                                ? static_cast<double>(trial.decisions) / network.totalSeconds
                                : 0;
        return printOut(json_ ? json(trial, score, network, rate).dump(2) + "\n"
                              : text(trial, score, network, rate));
    }

    [[nodiscard]] static std::string nameOf(const NetworkReport &network, int label) {
        const auto index = static_cast<std::size_t>(label);
        return label >= 0 && network.classes && index < network.classes->size()
                   ? (*network.classes)[index]
                   : fmt::format("{}", label);
    }

    [[nodiscard]] Json json(const SceneTrial &trial, const PrecisionScore &score,
                            const NetworkReport &network, double rate) const {
        Json classes = Json::array();
        for (const auto &[label, own] : score.classes)
            classes.push_back(Json{{"name", nameOf(network, label)},
                                   {"precision", own.precision},
                                   {"objects", own.objects},
                                   {"found", own.found},
                                   {"wrong", own.wrong}});
        return Json{{"file", use_.settings.file},
                    {"scenes", trial.scenes},
                    {"first_seed", seed_},
                    {"objects", objects_},
                    {"noise", noise_},
                    {"decisions", trial.decisions},
                    {"map_50", score.mean},
                    {"classes", std::move(classes)},
                    {"mode", mode_},
                    {"steps", network.steps},
                    {"decisions_per_second", rate},
                    {"backend", network.backend},
                    {"precision", network.precision}};
    }

    [[nodiscard]] std::string text(const SceneTrial &trial, const PrecisionScore &score,
                                   const NetworkReport &network, double rate) const {
        std::string text = fmt::format(
            "{} scenes from seed {}, {} objects each{}{}: {} decisions\n\n"
            "class         objects    found    wrong  precision\n",
            trial.scenes, seed_, objects_, noise_.empty() ? "" : ", ", noise_, trial.decisions);
        for (const auto &[label, own] : score.classes)
            text += fmt::format("{:<12} {:>8} {:>8} {:>8} {:>10.4f}\n", nameOf(network, label),
                                own.objects, own.found, own.wrong, own.precision);
        return text + fmt::format("\nmAP@0.5  {:.4f}\n{:.0f} decisions a second ({}, {}, {} {} "
                                  "steps)\n",
                                  score.mean, rate, network.backend, network.precision, mode_,
                                  network.steps);
    }

    ModelUse use_;
    std::uint64_t scenes_ = 200;
    std::uint64_t seed_ = 1000000;
    std::uint64_t objects_ = 5;
    std::uint64_t planes_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t calibration_ = 4;
    std::string noise_;
    std::string mode_ = "if";
    std::string precision_ = "fp32";
    std::vector<InjectorSettings> injectors_;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<ModelAction> makeModelScenes(CLI::App &model) {
    return std::make_unique<ModelScenes>(model);
}

}  // namespace fovea
