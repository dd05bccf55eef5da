// SPDX-License-Identifier: Apache-2.0
// fovea model: what one can do with networks in files.
#include "app/fovea/command.h"
#include "app/fovea/model_action.h"

namespace fovea {

namespace {

class ModelCommand final : public Command {
public:
    explicit ModelCommand(CLI::App &program)
        : Command(program, "model", "Networks: what they hold, conversion, accuracy") {
        app_.require_subcommand(1);
        for (const auto make : {makeModelInfo, makeModelConvert, makeModelEval, makeModelScenes})
            actions_.push_back(make(app_));
    }

    Result<void> run(const Interrupts &interrupts) override {
        for (const auto &action : actions_)
            if (action->chosen())
                return action->run(interrupts, verbosity_);
        return fail(ErrorCode::Usage, "model: info, convert or eval is missing");
    }

private:
    std::vector<std::unique_ptr<ModelAction>> actions_;
};

}  // namespace

std::unique_ptr<Command> makeModelCommand(CLI::App &program) {
    return std::make_unique<ModelCommand>(program);
}

}  // namespace fovea
