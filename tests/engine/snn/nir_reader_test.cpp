// SPDX-License-Identifier: Apache-2.0
// NIR files: the golden ones, odd ones, damaged ones.
#include "engine/snn/nir_file.h"

#include "engine/core/random.h"
#include "engine/snn/hdf5_writer.h"
#include "engine/snn/reference_executor.h"

#include "tests/support/allocations.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace fovea;
using namespace fovea::test;

namespace {

std::optional<std::filesystem::path> goldenNir() {
    const auto folder = goldenFolder();
    if (!folder) {
        WARN("no golden folder: golden/nir is not read");
        return std::nullopt;
    }
    return *folder / "nir";
}

/// A file with the given extra content: Input (2) -> n -> Output, n being of `type`.
class Draft {
public:
    Draft(const std::filesystem::path &path, const std::string &type)
        : file_(Hdf5Writer::create(path).value()) {
        const std::int64_t two = 2;
        const std::uint64_t one = 1;
        file_.integers("/node/nodes/in/shape", std::span(&two, 1), std::span(&one, 1));
        file_.text("/node/nodes/in/type", "Input");
        file_.text("/node/nodes/out/type", "Output");
        file_.text("/node/nodes/n/type", type);
        file_.texts("/node/edges", std::vector<std::string>{"in", "n", "n", "out"}, 2);
    }
    Draft &number(const std::string &name, double value) {
        file_.numbers("/node/nodes/n/" + name, std::span(&value, 1), {});
        return *this;
    }
    Draft &array(const std::string &name, const std::vector<double> &values) {
        const std::uint64_t count = values.size();
        file_.numbers("/node/nodes/n/" + name, std::span<const double>(values),
                      std::span(&count, 1));
        return *this;
    }
    void close() { REQUIRE(file_.close()); }

private:
    Hdf5Writer file_;
};

}  // namespace

TEST_CASE("every golden NIR file is read or refused as it deserves", "[snn]") {
    const auto folder = goldenNir();
    if (!folder)
        return;
    // Empty: it is read.
    const std::map<std::string, std::string> reasons = {{"all.nir", "input channels"},
                                                        {"nested.nir", ""},
                                                        {"empty_edges.nir", ""},
                                                        {"meta.nir", "into an Input"},
                                                        {"flat_none.nir", "exactly one Input"},
                                                        {"none_shape.nir", "type"},
                                                        {"scalar0d.nir", "type"}};
    std::size_t seen = 0;
    for (const auto &entry : std::filesystem::directory_iterator(*folder)) {
        const auto reason = reasons.find(entry.path().filename().string());
        INFO(entry.path());
        const auto model = readNir(entry.path());
        INFO((model ? "read" : model.error().message));
        if (reason == reasons.end())
            continue;  // a file that came later: it must only do no harm
        ++seen;
        REQUIRE(model.has_value() == reason->second.empty());
        if (!model) {
            CHECK(model.error().code == ErrorCode::BadFile);
            CHECK(model.error().message.find(reason->first) != std::string::npos);
            CHECK(model.error().message.find(reason->second) != std::string::npos);
        }
    }
    CHECK(seen == reasons.size());
    std::printf("NIR: %zu golden files\n", seen);
}

TEST_CASE("the golden file with every primitive runs", "[snn]") {
    const auto folder = goldenNir();
    if (!folder)
        return;
    // The file names 2 groups for a weight that fits 1, so as it is it cannot run.
    auto bytes = readBytes(*folder / "all.nir");
    constexpr std::size_t groupsAt = 9125;
    if (bytes.size() <= groupsAt || bytes[groupsAt] != 2) {
        WARN("all.nir is another file than the one that is put right here: skipped");
        return;
    }
    bytes[groupsAt] = 1;
    const TemporaryFolder temporary;
    writeBytes(temporary / "all.nir", bytes);
    const auto model = readNir(temporary / "all.nir");
    INFO((model ? "" : model.error().message));
    REQUIRE(model);
    CHECK(model->version == "1.0.7");
    const Network &network = model->network;
    CHECK(network.nodes().size() == 17);
    CHECK(network.inputShape() == SignalShape::of({2, 8, 8}));
    const auto shapeOf = [&](const char *name) {
        return toString(network.node(*network.find(name)).shape);
    };
    CHECK(shapeOf("conv_same") == "(4, 8, 8)");
    CHECK(shapeOf("flat") == "(16)");
    CHECK(shapeOf("cuba") == "(10)");
    const auto nameOf = [&](const char *name) {
        return layerName(network.node(*network.find(name)).layer);
    };
    CHECK(nameOf("pool") == "sum pool");
    CHECK(nameOf("if") == "IF");
    CHECK(nameOf("lif") == "LIF");
    CHECK(nameOf("cuba") == "CubaLIF");
    CHECK(nameOf("li") == "LI");
    CHECK(nameOf("i") == "I");
    CHECK(nameOf("thr") == "Threshold");
    const auto &neuron = std::get<Neuron>(network.node(*network.find("if")).layer);
    CHECK(neuron.fire == Fire::AboveThreshold);
    CHECK(neuron.reset == Reset::Hard);
    ReferenceExecutor executor(network, 1);
    REQUIRE(executor.step(std::vector<float>(executor.inputSize(), 1)));
    CHECK(executor.output().size() == network.outputShape().elements());
}

TEST_CASE("nodes of a sub-graph are named after it", "[snn]") {
    const auto folder = goldenNir();
    if (!folder)
        return;
    const auto model = readNir(*folder / "nested.nir");
    REQUIRE(model);
    REQUIRE(model->network.find("sub/s"));
    ReferenceExecutor executor(model->network, 1);
    const std::vector<float> x = {1, 2, 3};
    REQUIRE(executor.step(x));
    CHECK(std::ranges::equal(executor.output(), x));
}

TEST_CASE("a leaky neuron steps by forward Euler with one number for all", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "x.nir";
    Draft(path, "LIF")
        .number("tau", 4e-4)
        .number("r", 2)
        .number("v_leak", 0.5)
        .array("v_threshold", {1, 2})
        .close();
    const auto model = readNir(path);
    REQUIRE(model);
    const auto &neuron = std::get<Neuron>(model->network.node(1).layer);
    CHECK(neuron.decay.all(0.75F));
    CHECK(neuron.gain.all(0.5F));
    CHECK(neuron.drive.all(0.125F));
    CHECK(neuron.threshold == Parameter({1, 2}));
    CHECK(neuron.resetTo.all(0));
    CHECK(model->version.empty());
    const auto coarse = readNir(path, 2e-4);
    CHECK(std::get<Neuron>(coarse->network.node(1).layer).decay.all(0.5F));
    CHECK(readNir(path, -1.0).error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("what no node can be is refused with its place", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "x.nir";
    const auto refused = [&](const std::string &part) {
        const auto model = readNir(path);
        REQUIRE_FALSE(model);
        INFO(model.error().message);
        CHECK(model.error().message.find(path.string()) == 0);
        CHECK(model.error().message.find(part) != std::string::npos);
    };
    Draft(path, "Spiker").close();
    refused("known are Affine, AvgPool2d");
    Draft(path, "LIF").number("tau", 1).close();
    refused("nodes/n/v_threshold");
    Draft(path, "LIF").number("tau", 0).number("v_threshold", 1).close();
    refused("'n' (LIF): decay");
    Draft(path, "IF").array("v_threshold", {1, 2, 3}).close();
    refused("'n' (IF): threshold");
    Draft(path, "Scale").array("scale", {1, NAN}).close();
    refused("'n' (Scale): scale");
    Draft(path, "Affine").array("weight", {1, 2}).close();
    refused("nodes/n/weight");
    Draft(path, "Flatten").number("start_dim", 0.5).close();
    refused("whole number");
    Draft(path, "Delay").number("delay", 1e9).close();
    refused("delay");
    writeBytes(path, {1, 2, 3});
    refused("not an HDF5 file");
    std::filesystem::remove(path);
    refused("No such file");
}

TEST_CASE("unknown datasets are named and left", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "x.nir";
    Draft(path, "Scale").number("scale", 2).number("colour", 1).close();
    const auto model = readNir(path);
    REQUIRE(model);
    REQUIRE(model->warnings.size() == 1);
    CHECK(model->warnings[0].find("colour") != std::string::npos);
}

TEST_CASE("two hundred damaged files do no harm, nor take memory", "[snn]") {
    const auto folder = goldenNir();
    if (!folder)
        return;
    const TemporaryFolder temporary;
    std::size_t highest = 0;
    const auto path = temporary / "damaged.nir";
    std::size_t readable = 0;
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(*folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        auto bytes = readBytes(files[seed % files.size()]);
        for (std::uint64_t change = 0; change <= random.below(8); ++change) {
            const std::size_t at = random.below(bytes.size());
            bytes[at] = random.below(3) == 0 ? 0xFF : static_cast<unsigned char>(random.below(256));
        }
        if (random.below(4) == 0)
            bytes.resize(random.below(bytes.size()));
        writeBytes(path, bytes);
        INFO("seed " << seed);
        const Allocations allocations;
        const auto model = readNir(path);
        const std::size_t peak = allocations.peak();
        CHECK(peak <= bytes.size() + (std::size_t{64} << 20));
        highest = std::max(highest, peak - std::min(peak, bytes.size()));
        readable += model ? 1 : 0;
        if (!model)
            CHECK(model.error().message.find("damaged.nir") != std::string::npos);
    }
    std::printf("NIR: 200 damaged files, %zu still readable, at most %zu KiB beyond the file\n",
                readable, highest / 1024);
    CHECK(readable < 200);
}
