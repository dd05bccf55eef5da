// SPDX-License-Identifier: Apache-2.0
// fovea reconstruct: one plane of a recording as a grey picture.
#include "app/fovea/command.h"
#include "app/fovea/pictures.h"
#include "app/fovea/recording.h"
#include "app/model_use.h"

#include <opencv2/core.hpp>

namespace fovea {

namespace {

class ReconstructCommand final : public Command {
public:
    explicit ReconstructCommand(CLI::App &program)
        : Command(program, "reconstruct", "Make a grey picture (PNG) of one plane"), config_(app_) {
        addInput(path_);
        config_.addRecording();
        config_.addRecon();
        config_.addModel();
        at_ = addNumber(app_, "--at", plane_, 0, Descriptor::maxPlanes,
                        "Plane to show, from 0; without it the middle one");
        app_.add_flag("--edge", edge_,
                      "Also make pictures of planes that lack neighbours at the recording's ends");
        addBits(app_, bits_);
        addJson(json_, "Say what was made as one JSON object on stdout");
        addOutput(output_, "PNG file, - for stdout");
    }

    Result<void> run(const Interrupts &) override {
        Result<Config> config = config_.resolve();
        if (!config)
            return failed(config);
        if (auto prepared = prepareModel(*config); !prepared)
            return prepared;
        if (auto valid = validate(config->recon); !valid)
            return valid;
        if (json_ && output_ == "-")
            return fail(ErrorCode::Usage, "--json and -o - both want stdout");
        Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return failed(file);
        warn(file->info().warnings);
        const std::uint64_t plane = at_->count() > 0 ? plane_ : file->info().planes / 2;
        if (auto checked = checkPlace(config->recon, plane, file->info().planes); !checked)
            return checked;
        Result<PictureMaker> maker =
            PictureMaker::make(*file, config->recon, config->engine.backend);
        if (!maker)
            return failed(maker);
        const std::filesystem::path input = path_;
        const auto write = [&](const auto &picture) -> Result<void> {
            if (!picture)
                return tl::make_unexpected(picture.error());
            return writePng(output_, asMat(*picture), {&input, 1});
        };
        const auto made = bits_ == 16 ? write(maker->deepAt(plane)) : write(maker->at(plane));
        if (!made || !json_)
            return made;
        return tell(json_,
                    {{"output", output_},
                     {"plane", plane},
                     {"method", toString(config->recon.method)},
                     {"width", file->info().shape.width},
                     {"height", file->info().shape.height},
                     {"bits", bits_}},
                    {});
    }

private:
    Result<void> checkPlace(const ReconSettings &recon, std::uint64_t plane,
                            std::uint64_t planes) const {
        if (!edge_)
            return checkPlane(recon, plane, planes);
        if (plane >= planes)
            return fail(ErrorCode::Usage, "--at: found {}, the recording has planes 0 to {}", plane,
                        planes - 1);
        return {};
    }

    ConfigOptions config_;
    std::string path_;
    std::string output_;
    CLI::Option *at_ = nullptr;
    std::uint64_t plane_ = 0;
    std::uint64_t bits_ = 8;
    bool edge_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeReconstructCommand(CLI::App &program) {
    return std::make_unique<ReconstructCommand>(program);
}

}  // namespace fovea
