// SPDX-License-Identifier: Apache-2.0
// Options and messages of every subcommand.
#include "app/fovea/command.h"

#include "app/exit_code.h"
#include "app/output_file.h"

namespace fovea {

namespace {

std::string named(const std::string &path) {
    return path.empty() ? "found '', expected a name" : "";
}

}  // namespace

Command::Command(CLI::App &program, const std::string &name, const std::string &help)
    : app_(*program.add_subcommand(name, help)) {
    addVerbosity(app_, verbosity_);
}

void Command::addInput(std::string &path, const std::string &help) {
    app_.add_option("FILE", path, help)->type_name("")->required();
}

void Command::addOutput(std::string &path, const std::string &help) {
    app_.add_option("-o,--output", path, help)->type_name("FILE")->required()->check(named);
}

void Command::addJson(bool &json, const std::string &help) {
    app_.add_flag("--json", json, help);
}

void Command::note(std::string_view text) const {
    if (!verbosity_.quiet)
        printError("fovea", text);
}

Result<void> Command::tell(bool json, const Json &made, std::string_view text) const {
    if (json)
        return printOut(toLine(made) + "\n");
    note(text);
    return {};
}

void Command::warn(const std::vector<std::string> &warnings) const {
    for (const std::string &warning : warnings)
        note("warning: " + warning);
}

}  // namespace fovea
