// SPDX-License-Identifier: Apache-2.0
// fovea list: the sources that can be opened now.
#include "app/catalog.h"
#include "app/fovea/command.h"
#include "app/frame_json.h"
#include "app/output_file.h"

namespace fovea {

namespace {

class ListCommand final : public Command {
public:
    explicit ListCommand(CLI::App &program)
        : Command(program, "list", "List cameras and other sources that can be opened now") {
        addJson(json_, "One JSON array instead of text");
    }

    Result<void> run(const Interrupts &) override {
        SteadyClock clock;
        const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock);
        const std::vector<SourceDescription> sources = catalog->list();
        if (!json_) {
            std::string text;
            for (const SourceDescription &source : sources)
                text += fmt::format("{:<12}{}  ({})\n", source.kind, source.name, source.detail);
            return printOut(text);
        }
        Json json = Json::array();
        for (const SourceDescription &source : sources)
            json.push_back(Json{{"kind", source.kind},
                                {"name", source.name},
                                {"detail", source.detail},
                                {"serial", source.config.serial}});
        return printOut(toLine(json) + "\n");
    }

private:
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeListCommand(CLI::App &program) {
    return std::make_unique<ListCommand>(program);
}

}  // namespace fovea
