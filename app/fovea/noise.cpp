// SPDX-License-Identifier: Apache-2.0
// fovea noise: a recording with injected noise as a new recording.
#include "app/fovea/command.h"
#include "app/fovea/recording.h"
#include "app/fovea/spike_output.h"
#include "datasets/disk_probe.h"
#include "engine/noise/noise_chain.h"

#include <algorithm>
#include <vector>

namespace fovea {

namespace {

/// What was in the recording already, and what is added.
std::string joinTags(const std::string &before, const std::string &added) {
    return before.empty() || added.empty() ? before + added : before + "; " + added;
}

class NoiseCommand final : public Command {
public:
    explicit NoiseCommand(CLI::App &program)
        : Command(program, "noise", "Disturb a recording: same seed, same bytes"), config_(app_) {
        addInput(path_);
        config_.addRecording();
        config_.addNoise("--seed");
        addOutput(output_, "Recording to make; its descriptor says what was injected");
        app_.add_flag("--force", force_, "Replace an existing recording");
        addJson(json_, "Say what was made as one JSON object on stdout");
    }

    Result<void> run(const Interrupts &interrupts) override {
        const Result<Config> config = config_.resolve();
        if (!config)
            return tl::make_unexpected(config.error());
        Result<SpikeFile> file = openInput(path_, config->source);
        if (!file)
            return failed(file);
        const SpikeFileInfo &info = file->info();
        warn(info.warnings);
        Backend backend(config->engine.backend);
        const auto chain = NoiseChain::create(config->noise, info.shape, &backend);
        if (!chain)
            return tl::make_unexpected(chain.error());
        NoiseChain &noise = **chain;
        if (!noise.active())
            note("nothing is injected: the planes stay as they are (see --inject)");

        if (auto prepared = prepareRecording(output_, path_, force_); !prepared)
            return prepared;
        if (auto room = checkRoom(output_, info.shape, static_cast<double>(info.storedPlanes));
            !room)
            return room;
        Descriptor descriptor = descriptorOf(info);
        descriptor.noise = joinTags(descriptor.noise, noise.tag());
        Result<SpikeOutput> output = SpikeOutput::create(output_, std::move(descriptor), force_);
        if (!output)
            return failed(output);
        Progress progress("injecting", info.planes, "planes", verbosity_.quiet);
        bool changed = false;
        auto done = forEachBlock(*file, 0, info.planes, interrupts, progress,
                                 [&](SpikeBlock &block) -> Result<void> {
                                     changed = applied(noise, block) || changed;
                                     return output->write(block);
                                 });
        if (!done)
            return done;
        progress.clear();
        if (noise.active() && !changed)
            note("nothing was changed: noise of this strength and seed hits none of these planes");
        const std::uint64_t planes = output->storedPlanes();
        if (auto finished = output->finish(); !finished)
            return finished;
        return tell(json_,
                    {{"output", output_},
                     {"planes", planes},
                     {"width", info.shape.width},
                     {"height", info.shape.height},
                     {"noise", noise.tag()},
                     {"changed", changed}},
                    fmt::format("{}: {} planes of {}", output_, planes, toString(info.shape)));
    }

private:
    /// Whether the noise has changed anything in the block.
    [[nodiscard]] static bool applied(NoiseChain &noise, SpikeBlock &block) {
        if (!noise.active())
            return false;
        const std::size_t words = block.shape().wordStride() * block.planeCount();
        const std::vector<std::uint64_t> before(block.plane(0), block.plane(0) + words);
        return noise.apply(block) > 0 || !std::equal(before.begin(), before.end(), block.plane(0));
    }

    ConfigOptions config_;
    std::string path_;
    std::string output_;
    bool force_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeNoiseCommand(CLI::App &program) {
    return std::make_unique<NoiseCommand>(program);
}

}  // namespace fovea
