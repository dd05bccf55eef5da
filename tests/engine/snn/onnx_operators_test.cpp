// SPDX-License-Identifier: Apache-2.0
// Arithmetic between signals and constants.
#include "engine/snn/onnx_import.h"

#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

namespace {

using Values = std::vector<float>;

/// Input (2, 2), one constant "c".
OnnxDraft with(const std::vector<std::int64_t> &sides, const Values &values) {
    OnnxDraft draft;
    draft.input({-1, 2, 2}).floats("c", sides, values).output();
    return draft;
}

const Values four = {1, 2, -3, 4};

}  // namespace

TEST_CASE("constants are spread over a signal", "[snn]") {
    CHECK(with({}, {10}).node("Add", {"x", "c"}, "y").run(four) == Values{11, 12, 7, 14});
    CHECK(with({2, 1}, {10, 20}).node("Add", {"c", "x"}, "y").run(four) == Values{11, 12, 17, 24});
    CHECK(with({1, 2, 1}, {2, 4}).node("Mul", {"x", "c"}, "y").run(four) == Values{2, 4, -12, 16});
    CHECK(with({2}, {2, 4}).node("Mul", {"c", "x"}, "y").run(four) == Values{2, 8, -6, 16});
    CHECK(with({2, 2}, {1, 2, 3, 4}).node("Sub", {"x", "c"}, "y").run(four) == Values{0, 0, -6, 0});
    CHECK(with({1}, {1}).node("Sub", {"c", "x"}, "y").run(four) == Values{0, -1, 4, -3});
    CHECK(with({1}, {2}).node("Div", {"x", "c"}, "y").run(four) == Values{0.5F, 1, -1.5F, 2});
    CHECK(holds(with({3}, {1, 2, 3}).node("Add", {"x", "c"}, "y").refusal(), "does not fit"));
    CHECK(holds(with({1}, {0}).node("Div", {"x", "c"}, "y").refusal(), "finite"));
    CHECK(holds(with({1}, {2}).node("Div", {"c", "x"}, "y").refusal(), "by a signal"));
}

TEST_CASE("signals are added and joined", "[snn]") {
    const auto relu = [] { return with({1}, {10}).node("Relu", {"x"}, "r"); };
    CHECK(relu().node("Add", {"r", "x"}, "y").run(four) == Values{2, 4, -3, 8});
    CHECK(relu().node("Sub", {"x", "r"}, "y").run(four) == Values{0, 0, -3, 0});
    CHECK(relu().node("Add", {"r", "r"}, "y").run(four) == Values{2, 4, 0, 8});
    CHECK(relu().node("Concat", {"r", "x"}, "y", {attribute("axis", std::int64_t{1})}).run(four) ==
          Values{1, 2, 0, 4, 1, 2, -3, 4});
    CHECK(holds(relu().node("Mul", {"r", "x"}, "y").refusal(), "two signals"));
    CHECK(holds(
        relu().node("Concat", {"r", "x"}, "y", {attribute("axis", std::int64_t{2})}).refusal(),
        "axis 2"));
}

TEST_CASE("activations of an ANN", "[snn]") {
    CHECK(with({1}, {1}).node("LeakyRelu", {"x"}, "y", {attribute("alpha", 0.5F)}).run(four) ==
          Values{1, 2, -1.5F, 4});
    auto clip = with({}, {0}).floats("six", {}, {3}).node("Clip", {"x", "c", "six"}, "y");
    CHECK(clip.run(four) == Values{1, 2, 0, 3});
    const auto model = clip.read();
    const auto &activation = std::get<Activation>(model->network.node(1).layer);
    CHECK(activation.ceiling == 3);
    auto six = with({}, {0})
                   .floats("six", {}, {6})
                   .node("Relu", {"x"}, "r")
                   .node("Clip", {"r", "", "six"}, "y");
    CHECK(six.run({1, 2, -3, 7}) == Values{1, 2, 0, 6});
    const auto relu6 = six.read();
    CHECK(relu6->network.nodes().size() == model->network.nodes().size());
    CHECK(std::get<Activation>(relu6->network.node(1).layer).ceiling == 6);
    auto old = with({1}, {1}).node("Clip", {"x"}, "y",
                                   {attribute("min", 0.0F), attribute("max", 3.4028235e38F)});
    CHECK(old.run(four) == Values{1, 2, 0, 4});
    CHECK(holds(with({2}, {1, 2}).node("Clip", {"x", "c"}, "y").refusal(), "expected one"));
}

TEST_CASE("a value that several nodes want is computed once", "[snn]") {
    const auto model = with({1}, {2})
                           .node("Relu", {"x"}, "r")
                           .node("Mul", {"r", "c"}, "m")
                           .node("Add", {"r", "m"}, "y")
                           .read();
    REQUIRE(model);
    std::size_t activations = 0;
    for (const Node &node : model->network.nodes())
        activations += std::holds_alternative<Activation>(node.layer) ? 1 : 0;
    CHECK(activations == 1);
}

TEST_CASE("rounding is a QCFS activation or refused", "[snn]") {
    auto draft = with({1}, {0.25F})
                     .floats("one", {}, {1})
                     .floats("zero", {}, {0})
                     .node("Div", {"x", "c"}, "a")
                     .node("Round", {"a"}, "b")
                     .node("Mul", {"b", "c"}, "d")
                     .node("Clip", {"d", "zero", "one"}, "y");
    CHECK(draft.run({0.3F, 0.4F, -1, 7}) == Values{0.25F, 0.5F, 0, 1});
    CHECK(draft.read()->warnings.size() == 1);
    CHECK(holds(with({1}, {1}).node("Floor", {"x"}, "y").refusal(), "QCFS"));
}

TEST_CASE("nodes that change nothing", "[snn]") {
    CHECK(with({1}, {1}).node("Dropout", {"x"}, "d").node("Identity", {"d"}, "y").run(four) ==
          four);
    const auto last = with({1}, {1}).node("Softmax", {"x"}, "y").read();
    REQUIRE(last);
    CHECK(last->warnings.size() == 1);
    CHECK(holds(with({1}, {1}).node("Softmax", {"x"}, "s").node("Relu", {"s"}, "y").refusal(),
                "last node"));
    CHECK(with({1}, {1}).node("Identity", {"c"}, "k").node("Add", {"x", "k"}, "y").run(four) ==
          Values{2, 3, -2, 5});
}
