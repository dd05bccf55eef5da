// SPDX-License-Identifier: Apache-2.0
// fovea list: the sources that can be opened now.
#include "app/catalog.h"
#include "app/fovea/command.h"
#include "app/frame_json.h"
#include "app/output_file.h"

#include <algorithm>

namespace fovea {

namespace {

using Sources = std::vector<SourceDescription>;

std::string textOf(const SourceDescription &source) {
    return fmt::format("{:<12}{}  ({})", source.kind, source.name, source.detail);
}

Json jsonOf(const SourceDescription &source) {
    return Json{{"kind", source.kind},     {"name", source.name},
                {"detail", source.detail}, {"serial", source.config.serial},
                {"speed", source.speed},   {"state", source.state}};
}

/// What is in `all` and not in `known`.
Sources without(const Sources &all, const Sources &known) {
    Sources rest;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rest), [&](const auto &one) {
        return std::find(known.begin(), known.end(), one) == known.end();
    });
    return rest;
}

class ListCommand final : public Command {
public:
    explicit ListCommand(CLI::App &program)
        : Command(program, "list", "List cameras and other sources that can be opened now"),
          config_(app_) {
        app_.add_flag("--watch", watch_, "Go on until Ctrl-C: + for what comes, - for what goes");
        addJson(json_, "One JSON array instead of text; with --watch an object a line");
    }

    Result<void> run(const Interrupts &interrupts) override {
        const Result<Config> config = config_.resolve();
        if (!config)
            return tl::make_unexpected(config.error());
        SteadyClock clock;
        const std::unique_ptr<SourceCatalog> catalog = makeSourceCatalog(clock, config->source);
        if (watch_)
            return watch(*catalog, interrupts);
        const Sources sources = catalog->list();
        Json json = Json::array();
        std::string text;
        for (const SourceDescription &source : sources) {
            json.push_back(jsonOf(source));
            text += textOf(source) + "\n";
        }
        return printOut(json_ ? toLine(json) + "\n" : text);
    }

private:
    /// A camera whose state changes goes and comes.
    Result<void> watch(SourceCatalog &catalog, const Interrupts &interrupts) const {
        constexpr std::chrono::milliseconds interval{250};
        Sources known;
        do {
            Sources now = catalog.list();
            for (const SourceDescription &source : without(known, now))
                if (auto told = tell(source, false); !told)
                    return told;
            for (const SourceDescription &source : without(now, known))
                if (auto told = tell(source, true); !told)
                    return told;
            known = std::move(now);
        } while (!interrupts.wait(interval));
        return {};
    }

    Result<void> tell(const SourceDescription &source, bool here) const {
        if (!json_)
            return printOut((here ? "+ " : "- ") + textOf(source) + "\n");
        Json json = jsonOf(source);
        json["event"] = here ? "added" : "removed";
        return printOut(toLine(json) + "\n");
    }

    ConfigOptions config_;
    bool watch_ = false;
    bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> makeListCommand(CLI::App &program) {
    return std::make_unique<ListCommand>(program);
}

}  // namespace fovea
