// SPDX-License-Identifier: Apache-2.0
// fovea evaluate: how well tracks, and their classes, agree with the truth.
#include "app/exit_code.h"
#include "app/fovea/command.h"
#include "app/frame_json.h"
#include "app/output_file.h"
#include "datasets/labels.h"
#include "engine/quality/average_precision.h"
#include "engine/quality/mot_evaluation.h"

#include <algorithm>
#include <limits>

namespace fovea {

namespace {

class EvaluateCommand final : public Command {
public:
    explicit EvaluateCommand(CLI::App &program)
        : Command(program, "evaluate",
                  "Compare tracks with the truth: MOTA, IDF1, ... and mAP of classes") {
        app_.add_option("--truth", truth_, "Label file with the true boxes")
            ->type_name("FILE")
            ->required();
        app_.add_option("--tracks", tracks_, "Label file with the boxes to judge")
            ->type_name("FILE")
            ->required();
        addNumber(app_, "--iou", settings_.minIou, 0.01, 1,
                  "A pair that overlaps less is no match (default 0.5)");
        addNumber(app_, "--from", from_, 0, last, "First frame to judge (after the warm-up)");
        addNumber(app_, "--to", to_, 0, last, "Last frame to judge");
        addNumber(app_, "--every", settings_.every, 1, last,
                  "Judge every N-th frame only: for tracks of detect --every N (default 1)");
        addJson(json_, "One JSON object instead of text");
    }

    Result<void> run(const Interrupts &) override {
        if (from_ > to_)
            return fail(ErrorCode::Usage, "--from {} lies behind --to {}", from_, to_);
        const auto truth = read(truth_);
        if (!truth)
            return tl::make_unexpected(truth.error());
        const auto tracks = read(tracks_);
        if (!tracks)
            return tl::make_unexpected(tracks.error());
        const Result<MotScore> score = evaluateMot(motBoxes(*truth), motBoxes(*tracks), settings_);
        // The boxes come from the files, so an impossible box is the file's fault.
        if (!score)
            return fail(ErrorCode::BadFile, "{} against {}: {}", tracks_, truth_,
                        score.error().message);
        if (score->trackStep > settings_.every)
            note(fmt::format("the tracks have every {}th frame only and all are judged; to judge "
                             "those: --every {}",
                             score->trackStep, score->trackStep));
        const auto classes = precision(*truth, *tracks);
        return printOut(json_ ? json(*score, classes).dump(2) + "\n" : text(*score, classes));
    }

private:
    static constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();

    Result<std::vector<MotRow>> read(const std::string &path) const {
        Result<std::vector<MotRow>> rows = readMot(path);
        if (!rows)
            return tl::make_unexpected(asInputError(std::move(rows.error())));
        std::erase_if(*rows,
                      [&](const MotRow &row) { return row.frame < from_ || row.frame > to_; });
        return rows;
    }

    static std::vector<MotBox> motBoxes(const std::vector<MotRow> &rows) {
        std::vector<MotBox> boxes;
        for (const MotRow &row : rows)
            boxes.push_back({row.frame, row.id, row.box, row.score});
        return boxes;
    }

    /// Of boxes with classes, where both files have some.
    [[nodiscard]] std::optional<PrecisionScore> precision(const std::vector<MotRow> &truth,
                                                          const std::vector<MotRow> &tracks) const {
        const auto boxes = [&](const std::vector<MotRow> &rows) {
            std::vector<ScoredBox> some;
            for (const MotRow &row : rows)
                if (row.label >= 0 && row.frame % settings_.every == 0)
                    some.push_back({row.frame, row.box, static_cast<int>(row.label), row.score});
            return some;
        };
        const std::vector<ScoredBox> wanted = boxes(truth);
        const std::vector<ScoredBox> found = boxes(tracks);
        if (wanted.empty() || found.empty())
            return std::nullopt;
        return evaluatePrecision(wanted, found, settings_.minIou);
    }

    [[nodiscard]] Json json(const MotScore &score,
                            const std::optional<PrecisionScore> &classes) const {
        Json json{{"mota", score.mota},
                  {"idf1", score.idf1},
                  {"motp", score.motp},
                  {"recall", score.recall},
                  {"precision", score.precision},
                  {"switches", score.switches},
                  {"fragmentations", score.fragmentations},
                  {"misses", score.misses},
                  {"false_positives", score.falsePositives},
                  {"matches", score.matches},
                  {"objects", score.objects},
                  {"predictions", score.predictions},
                  {"frames", score.frames},
                  {"every", settings_.every},
                  {"id_recall", score.idRecall},
                  {"id_precision", score.idPrecision}};
        if (classes) {
            json["map"] = classes->mean;
            for (const auto &[label, own] : classes->classes)
                json["classes"].push_back({{"class", label},
                                           {"precision", own.precision},
                                           {"objects", own.objects},
                                           {"found", own.found},
                                           {"wrong", own.wrong}});
        }
        return json;
    }

    [[nodiscard]] std::string text(const MotScore &score,
                                   const std::optional<PrecisionScore> &classes) const {
        std::string text =
            fmt::format("MOTA       {:.4f}\nIDF1       {:.4f}\nMOTP       {:.4f} (mean of 1 - "
                        "IoU)\nrecall     {:.4f}\nprecision  {:.4f}\nswitches   {}\n"
                        "misses     {} of {} boxes in {} frames{}\nfalse      {} of {} boxes\n",
                        score.mota, score.idf1, score.motp, score.recall, score.precision,
                        score.switches, score.misses, score.objects, score.frames,
                        settings_.every > 1 ? fmt::format(" (every {})", settings_.every) : "",
                        score.falsePositives, score.predictions);
        if (classes)
            text += fmt::format("mAP        {:.4f} (of {} classes, IoU from {:.2f})\n",
                                classes->mean, classes->classes.size(), settings_.minIou);
        return text;
    }

    std::string truth_;
    std::string tracks_;
    MotSettings settings_;
    std::uint64_t from_ = 0;
    std::uint64_t to_ = last;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeEvaluateCommand(CLI::App &program) {
    return std::make_unique<EvaluateCommand>(program);
}

}  // namespace fovea
