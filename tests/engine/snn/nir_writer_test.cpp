// SPDX-License-Identifier: Apache-2.0
// What is written reads back as it was, and what NIR cannot say is refused.
#include "engine/snn/nir_file.h"

#include "engine/core/random.h"
#include "engine/snn/hdf5_reader.h"

#include "tests/support/files.h"
#include "tests/support/program.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <sstream>

using namespace fovea;
using namespace fovea::test;

namespace {

std::vector<float> randomValues(std::size_t count, Random &random) {
    std::vector<float> values(count);
    for (float &value : values)
        value = static_cast<float>(random.uniform(0.05, 0.95));
    return values;
}

/// Every layer and neuron that can be written.
Network everything(std::uint64_t seed) {
    Random random(seed);
    const auto each = [&](std::size_t count) { return Parameter(randomValues(count, random)); };
    Neuron cuba = Neuron::currentBased(0.3F, 0.9F);
    cuba.decay = each(48);
    cuba.fire = Fire::AboveThreshold;
    Neuron dlif = Neuron::decaying(0.99F, {1, 1.5F, 0.7F});
    dlif.trace = Filter{0.25F, 0.75F};
    Neuron integer = Neuron::integerLeaky(1.7F, 4);
    integer.initial = each(5);
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 9, 8})})
        .then("conv", Conv2d{{SignalShape::of({4, 1, 3, 2}), randomValues(24, random)},
                             randomValues(4, random),
                             {2, 1},
                             {1, 0, 1, 0},
                             {1, 3},
                             2})
        .then("act", Neuron::qcfs(each(100)))
        .then("avg", Pool2d{PoolKind::Average, {2, 1}, {1, 1}, {1, 0, 1, 0}, true})
        .then("sum", Pool2d{PoolKind::Sum, {3, 3}, {3, 3}, {1, 1, 1, 1}, true})
        .then("cut",
              Conv2d{{SignalShape::of({3, 4, 1, 1}), randomValues(12, random)}, {}, {}, {}, {}, 1})
        .then("flat", Flatten{1, -1})
        .then("line", Conv2d{{SignalShape::of({8, 3, 1, 2}), randomValues(48, random)},
                             {},
                             {1, 1},
                             {0, 1, 0, 1},
                             {},
                             1})
        .then("flat2", Flatten{0, -1})
        .then("lin", Linear{{SignalShape::of({48, 40}), randomValues(48 * 40, random)}, {}})
        .then("cuba", cuba)
        .then("aff", Linear{{SignalShape::of({5, 48}), randomValues(240, random)},
                            randomValues(5, random)})
        .then("dlif", dlif)
        .then("integer", integer)
        .then("leaky", Neuron::leaky(1.3F, true, 0.25F))
        .then("back", Linear{{SignalShape::of({5, 5}), randomValues(25, random)}, {}})
        .connect("back", "leaky")
        .add("scale", Scale{each(5), 0})
        .connect("leaky", "scale")
        .then("late", Delay{Parameter({0, 1, 2, 3, 4})})
        .then("thr", Neuron::decaying(0))
        .then("both", Add{})
        .connect("scale", "both")
        .then("li", Neuron::leakyIntegrator(0.8F, each(5)))
        .then("i", Neuron::leakyIntegrator(1, 0.1F))
        .then("out", OutputLayer{});
    return builder.build().value();
}

/// What h5dump says of a dataset, in one line.
std::map<std::string, std::string> dumped(const std::filesystem::path &file) {
    const ProgramResult result = runProgram("/usr/bin/env", {"h5dump", "-p", "-H", file.string()});
    REQUIRE(result.exitCode == 0);
    std::map<std::string, std::string> datasets;
    std::vector<std::string> open;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        line.erase(0, line.find_first_not_of(' '));
        const auto same = [](char x, char y) { return x == ' ' && y == ' '; };
        line.erase(std::unique(line.begin(), line.end(), same), line.end());
        const std::size_t quote = line.find('"');
        if (line.starts_with("GROUP \"/\""))
            open.emplace_back();
        else if (line.starts_with("DATASET ") || line.starts_with("GROUP "))
            open.push_back(open.back() + "/" + line.substr(quote + 1, line.rfind('"') - quote - 1));
        else if (line.ends_with("{"))
            open.push_back(open.empty() ? "" : open.back());
        if (!open.empty())
            datasets[open.back()] += line + " ";
        if (line == "}" && !open.empty())
            open.pop_back();
    }
    CHECK(result.out.find("ATTRIBUTE") == std::string::npos);
    return datasets;
}

}  // namespace

TEST_CASE("the layout is the reference writer's to the byte type", "[snn]") {
    if (const ProgramResult found = runProgram("/usr/bin/env", {"h5dump", "--version"});
        found.exitCode != 0) {
        WARN("h5dump is not installed (hdf5-tools): skipped");
        return;
    }
    const TemporaryFolder folder;
    REQUIRE(writeNir(everything(3), folder / "x.nir", 1e-4, {{"steps", "8"}}));
    const std::set<std::string> integers = {"shape",     "stride",      "padding", "groups",
                                            "dilation",  "input_shape", "end_dim", "kernel_size",
                                            "start_dim", "input_type"};
    const std::set<std::string> scalars = {"groups", "start_dim", "end_dim", "version", "type"};
    const std::set<std::string> texts = {"version", "type", "edges", "steps",
                                         "reset",   "fire", "layer"};
    const std::string text = "STRSIZE H5T_VARIABLE; STRPAD H5T_STR_NULLTERM; CSET H5T_CSET_UTF8; "
                             "CTYPE H5T_C_S1;";
    std::size_t seen = 0;
    for (const auto &[path, told] : dumped(folder / "x.nir")) {
        if (told.find("DATASET") != 0)
            continue;
        ++seen;
        INFO(path << ": " << told);
        const std::string name = path.substr(path.rfind('/') + 1);
        const bool line = path.find("/nodes/line/") != std::string::npos;  // Conv1d
        const auto holds = [&said = told](const std::string &part) {
            return said.find(part) != std::string::npos;
        };
        if (texts.contains(name))
            CHECK(holds(text));
        else if (integers.contains(name))
            CHECK(holds("DATATYPE H5T_STD_I64LE"));
        else
            CHECK((holds("DATATYPE H5T_IEEE_F32LE") || holds("DATATYPE H5T_IEEE_F64LE")));
        if (scalars.contains(name) || (line && integers.contains(name)))
            CHECK(holds("DATASPACE SCALAR"));
        else if (name == "weight" || name == "v_threshold" || name == "stride")
            CHECK((holds("DATASPACE SIMPLE") && holds("DEFLATE { LEVEL 4 }")));
    }
    CHECK(seen > 80);
    const auto all = dumped(folder / "x.nir");
    const auto says = [&](const std::string &path, const std::string &part) {
        INFO(path);
        REQUIRE(all.contains(path));
        INFO(all.at(path));
        CHECK(all.at(path).find(part) != std::string::npos);
    };
    says("/version", "DATASPACE SCALAR");
    says("/node/edges", "( 24, 2 )");
    says("/node/nodes/conv/weight", "( 4, 1, 3, 2 )");
    says("/node/nodes/line/weight", "( 8, 3, 2 )");
    says("/node/nodes/act/v_threshold", "( 4, 5, 5 )");
    says("/node/nodes/in/shape", "( 3 )");
}

TEST_CASE("what is written reads back equal", "[snn]") {
    const TemporaryFolder folder;
    for (const double dt : {1e-4, 1.0 / 40000, 1.0}) {
        const Network network = everything(static_cast<std::uint64_t>(dt * 1e6));
        const auto path = folder / "x.nir";
        const auto written = writeNir(network, path, dt, {{"steps", "8"}});
        INFO((written ? "" : written.error().message));
        REQUIRE(written);
        const auto model = readNir(path);
        INFO((model ? "" : model.error().message));
        REQUIRE(model);
        CHECK(model->dt == dt);
        CHECK(model->metadata.at("steps") == "8");
        CHECK(model->warnings.empty());
        REQUIRE(model->network.nodes().size() == network.nodes().size());
        for (const Node &node : network.nodes()) {
            INFO(node.name << " dt " << dt);
            const auto found = model->network.find(node.name);
            REQUIRE(found);
            CHECK(model->network.node(*found).layer == node.layer);
            CHECK(model->network.node(*found).shape == node.shape);
            REQUIRE(model->network.node(*found).sources.size() == node.sources.size());
            for (std::size_t i = 0; i < node.sources.size(); ++i) {
                const Source &back = model->network.node(*found).sources[i];
                CHECK(model->network.node(back.node).name ==
                      network.node(node.sources[i].node).name);
                CHECK(back.previousStep == node.sources[i].previousStep);
            }
        }
    }
}

TEST_CASE("parameters are written in full shape", "[snn]") {
    const TemporaryFolder folder;
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2, 3, 4})}).then("n", Neuron::leaky(2, true));
    builder.then("out", OutputLayer{});
    const Network network = builder.build().value();
    REQUIRE(writeNir(network, folder / "x.nir"));
    const auto root = Hdf5Group::openFile(folder / "x.nir").value();
    const auto node = root.group("node")->group("nodes")->group("n").value();
    for (const char *name : {"tau", "r", "v_leak", "v_threshold", "v_reset"})
        CHECK(node.doubles(name)->sides == std::vector<std::uint64_t>{2, 3, 4});
    CHECK(node.text("type").value() == "LIF");
    CHECK(node.group("metadata")->text("fire").value() == "at threshold");
    CHECK(root.text("version").has_value());
    CHECK(root.group("node")->text("type").value() == "NIRGraph");
    CHECK(root.group("node")->texts("edges", 2)->size() == 4);
}

TEST_CASE("what NIR has no words for is refused with its node", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "x.nir";
    Neuron driven;
    driven.drive = 1;
    Neuron endless = Neuron::decaying(1);
    endless.decay = Parameter({1, 0.5F});
    for (const Layer &layer : std::vector<Layer>{
             Pool2d{PoolKind::Max, {2, 2}, {2, 2}, {}, true}, Upsample{{2, 2}}, Concat{},
             Activation{}, Scale{1, 2},
             Conv2d{{SignalShape::of({1, 2, 2, 2}), std::vector<float>(8)},
                    {},
                    {},
                    {0, 0, 1, 1},
                    {},
                    1},
             ConvTranspose2d{{SignalShape::of({2, 1, 1, 1}), {1, 1}}, {}, {}, {}, {}, {0, 0}, 1},
             driven, endless}) {
        NetworkBuilder builder;
        builder.add("in", InputLayer{SignalShape::of({2, 4, 4})}).then("odd", layer);
        const auto written = writeNir(builder.build().value(), path);
        REQUIRE_FALSE(written);
        CHECK(written.error().code == ErrorCode::Unsupported);
        CHECK(written.error().message.find("'odd'") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(path));
    }
    NetworkBuilder builder;
    builder.add("in", InputLayer{SignalShape::of({2})});
    const auto written = writeNir(builder.build().value(), folder.path() / "no" / "x.nir");
    CHECK(written.error().code == ErrorCode::Io);
}
