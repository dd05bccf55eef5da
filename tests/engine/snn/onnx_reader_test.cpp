// SPDX-License-Identifier: Apache-2.0
// Whole ONNX files: graphs that are odd, hostile or damaged.
#include "engine/snn/onnx_file.h"

#include "engine/core/random.h"

#include "tests/engine/snn/onnx_writer.h"
#include "tests/support/allocations.h"

using namespace fovea;
using namespace fovea::test;

namespace {

using Ints = std::vector<std::int64_t>;

/// Something of everything: convolution, normalisation, QCFS, pool, flatten, linear.
OnnxDraft smallNet() {
    OnnxDraft draft;
    draft.input({-1, 1, 4, 4})
        .floats("w1", {2, 1, 3, 3}, std::vector<float>(18, 0.25F))
        .floats("g", {2}, {1, 2})
        .floats("v", {2}, {1, 1})
        .floats("up", {}, {1.5F})
        .floats("levels", {}, {4})
        .floats("half", {}, {0.5F})
        .floats("zero", {}, {0})
        .floats("one", {}, {1})
        .floats("w2", {3, 8}, std::vector<float>(24, 0.5F))
        .node("Conv", {"x", "w1"}, "c", {attribute("pads", Ints{1, 1, 1, 1})})
        .node("BatchNormalization", {"c", "g", "g", "g", "v"}, "n")
        .node("Div", {"n", "up"}, "a1")
        .node("Clip", {"a1", "zero", "one"}, "a2")
        .node("Mul", {"a2", "levels"}, "a3")
        .node("Add", {"a3", "half"}, "a4")
        .node("Floor", {"a4"}, "a5")
        .node("Div", {"a5", "levels"}, "a6")
        .node("Mul", {"a6", "up"}, "a")
        .node("AveragePool", {"a"}, "p",
              {attribute("kernel_shape", Ints{2, 2}), attribute("strides", Ints{2, 2})})
        .node("Flatten", {"p"}, "f")
        .node("Gemm", {"f", "w2"}, "y", {attribute("transB", std::int64_t{1})})
        .output();
    return draft;
}

}  // namespace

TEST_CASE("a small network is read with its names", "[snn]") {
    const auto model = smallNet().read();
    INFO((model ? "" : model.error().message));
    REQUIRE(model);
    CHECK(model->producer == "tests 1");
    CHECK(model->opset == 13);
    std::vector<std::string> names;
    for (const Node &node : model->network.nodes())
        names.push_back(node.name);
    CHECK(names == std::vector<std::string>{"x", "n_c", "n_n", "n_a1", "n_p", "n_f", "n_y", "y"});
    CHECK(std::get<Activation>(model->network.node(3).layer).levels == 4);
}

TEST_CASE("an unknown operator is named with those that are known", "[snn]") {
    OnnxDraft draft;
    draft.input({-1, 2}).node("Einsum", {"x"}, "y").output();
    const std::string message = draft.refusal();
    CHECK(holds(message, "node 'n_y' (Einsum)"));
    CHECK(holds(message, "operator Einsum is not supported; supported are Add, AveragePool, "));
    // What no output needs is not looked at.
    OnnxDraft unused;
    unused.input({-1, 2}).node("Einsum", {"x"}, "z").node("Relu", {"x"}, "y").output();
    CHECK(unused.read());
}

TEST_CASE("graphs that cannot be run are refused", "[snn]") {
    const auto draft = [](const Ints &input) {
        OnnxDraft one;
        one.input(input);
        return one;
    };
    CHECK(holds(
        draft({-1, 2}).node("Relu", {"b"}, "a").node("Relu", {"a"}, "b").output("b").refusal(),
        "dangling name or a circle"));
    CHECK(holds(draft({-1, 2}).node("Relu", {"no"}, "y").output().refusal(), "'no'"));
    CHECK(holds(draft({-1, 2}).output().refusal(), "output 'y'"));
    CHECK(holds(draft({-1, 2}).node("Relu", {"x"}, "y").refusal(), "no output"));
    CHECK(holds(OnnxDraft().node("Relu", {"x"}, "y").output().refusal(), "no input"));
    CHECK(holds(draft({-1, 2}).input({-1, 2}, "z").output().refusal(), "two inputs"));
    CHECK(holds(draft({-1, 3, -1, 4}).output().refusal(), "fixed size"));
    CHECK(holds(draft({-1}).output().refusal(), "batch"));
    CHECK(holds(draft({1LL << 40, 2}).output().refusal(), "a batch of"));
    CHECK(holds(draft({-1, 100000, 100000}).output().refusal(), "input 'x'"));
    CHECK(holds(draft({-1, 2}).node("Relu", {}, "y").output().refusal(), "input 1 is missing"));
}

TEST_CASE("numbers grow neither by sharing nor by shape", "[snn]") {
    // 4 MiB of weights, wanted by a hundred layers: 400 MiB.
    OnnxDraft draft;
    constexpr std::int64_t side = 1024;
    draft.input({-1, side}).floats("w", {side, side}, std::vector<float>(side * side));
    std::string last = "x";
    for (int i = 0; i < 100; ++i) {
        const std::string next = "h" + std::to_string(i);
        draft.node("MatMul", {last, "w"}, next);
        last = next;
    }
    const Allocations allocations;
    CHECK(holds(draft.output(last).refusal(), "more numbers than the file holds"));
    OnnxDraft big;
    big.input({-1, 1, 4096, 4096})
        .floats("w", {256, 1, 1, 1}, std::vector<float>(256))
        .node("Conv", {"x", "w"}, "y")
        .output();
    CHECK(holds(big.refusal(), "node 'n_y' (Conv)"));
    // The draft's own copies are in it.
    CHECK(allocations.peak() < std::size_t{160} << 20);
}

TEST_CASE("two hundred damaged ONNX files do no harm", "[snn]") {
    const TemporaryFolder folder;
    const auto path = folder / "damaged.onnx";
    const std::string whole = smallNet().text();
    std::size_t readable = 0;
    std::size_t highest = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        std::vector<unsigned char> bytes(whole.begin(), whole.end());
        for (std::uint64_t change = 0; change <= random.below(8); ++change) {
            const std::size_t at = random.below(bytes.size());
            bytes[at] = random.below(3) == 0 ? 0xFF : static_cast<unsigned char>(random.below(256));
        }
        if (random.below(4) == 0)
            bytes.resize(random.below(bytes.size()));
        writeBytes(path, bytes);
        INFO("seed " << seed);
        const Allocations allocations;
        const auto model = readOnnx(path);
        const std::size_t peak = allocations.peak();
        CHECK(peak <= bytes.size() + (std::size_t{64} << 20));
        highest = std::max(highest, peak - std::min(peak, bytes.size()));
        readable += model ? 1 : 0;
        if (!model)
            CHECK(model.error().message.find("damaged.onnx") != std::string::npos);
    }
    std::printf("ONNX: 200 damaged files, %zu still readable, at most %zu KiB beyond the file\n",
                readable, highest / 1024);
    CHECK(readable < 200);
}
