// SPDX-License-Identifier: Apache-2.0
// Operators that change shapes, and chains of them as exporters write them.
#include "engine/snn/onnx_import.h"

#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

namespace {

using Ints = std::vector<std::int64_t>;
using Values = std::vector<float>;

OnnxDraft net(const Ints &input) {
    OnnxDraft draft;
    draft.input(input).output();
    return draft;
}

std::string shapeAfter(const OnnxDraft &draft) {
    const auto model = draft.read();
    INFO((model ? "" : model.error().message));
    REQUIRE(model);
    return toString(model->network.outputShape());
}

}  // namespace

TEST_CASE("reshapes that join sides are flattens", "[snn]") {
    const auto to = [](const Ints &input, const Ints &sides) {
        return net(input).integers("s", sides).node("Reshape", {"x", "s"}, "y");
    };
    CHECK(shapeAfter(to({-1, 2, 3, 4}, {1, -1})) == "(24)");
    CHECK(shapeAfter(to({8, 2, 3, 4}, {8, 24})) == "(24)");
    CHECK(shapeAfter(to({-1, 2, 3, 4}, {0, 2, 12})) == "(2, 12)");
    CHECK(shapeAfter(to({-1, 2, 3, 4}, {-1, 2, 3, 4})) == "(2, 3, 4)");
    CHECK(holds(to({-1, 2, 3, 4}, {1, 4, 6}).refusal(), "only joining"));
    CHECK(holds(to({-1, 2, 3, 4}, {24}).refusal(), "batch"));
    CHECK(holds(to({-1, 2, 3, 4}, {1, 5}).refusal(), "sides that hold"));
    CHECK(shapeAfter(net({-1, 2, 3, 4}).node("Flatten", {"x"}, "y")) == "(24)");
    CHECK(holds(
        net({-1, 2, 3}).node("Flatten", {"x"}, "y", {attribute("axis", std::int64_t{2})}).refusal(),
        "axis 2"));
}

TEST_CASE("x.view(x.size(0), -1) is a flatten", "[snn]") {
    auto draft = net({-1, 2, 3});
    draft.integers("zero", {0})
        .integers("rest", {-1})
        .node("Shape", {"x"}, "s")
        .node("Gather", {"s", "zero"}, "n")
        .node("Concat", {"n", "rest"}, "sides", {attribute("axis", std::int64_t{0})})
        .node("Reshape", {"x", "sides"}, "y");
    CHECK(shapeAfter(draft) == "(6)");
}

TEST_CASE("means over a channel, with and without its sides", "[snn]") {
    const Values x = {1, 2, 3, 4, 10, 20, 30, 40};
    const Wire axes = attribute("axes", Ints{2, 3});
    CHECK(net({-1, 2, 2, 2}).node("GlobalAveragePool", {"x"}, "y").run(x) == Values{2.5F, 25});
    CHECK(net({-1, 2, 2, 2}).node("GlobalMaxPool", {"x"}, "y").run(x) == Values{4, 40});
    const auto mean = [&](std::int64_t keep) {
        return net({-1, 2, 2, 2})
            .node("ReduceMean", {"x"}, "y", {axes, attribute("keepdims", keep)});
    };
    CHECK(mean(0).run(x) == Values{2.5F, 25});
    CHECK(shapeAfter(mean(0)) == "(2)");
    CHECK(shapeAfter(mean(1)) == "(2, 1, 1)");
    CHECK(holds(
        net({-1, 2, 2, 2}).node("ReduceMean", {"x"}, "y", {attribute("axes", Ints{1})}).refusal(),
        "whole channel"));
}

TEST_CASE("sides of one come and go", "[snn]") {
    CHECK(shapeAfter(net({-1, 2, 1, 1}).integers("a", {2, 3}).node("Squeeze", {"x", "a"}, "y")) ==
          "(2)");
    CHECK(holds(net({-1, 2, 3}).integers("a", {1}).node("Unsqueeze", {"x", "a"}, "y").refusal(),
                "only joining"));
}

TEST_CASE("nearest values in whole factors", "[snn]") {
    const auto resize = [](const std::string &place, const std::string &nearest, float factor) {
        return net({-1, 1, 1, 2})
            .floats("f", {4}, {1, 1, 1, factor})
            .node("Resize", {"x", "", "f"}, "y",
                  {attribute("coordinate_transformation_mode", place),
                   attribute("nearest_mode", nearest)});
    };
    CHECK(resize("asymmetric", "floor", 2).run({1, 2}) == Values{1, 1, 2, 2});
    CHECK(resize("half_pixel", "round_prefer_floor", 3).run({1, 2}) == Values{1, 1, 1, 2, 2, 2});
    CHECK(holds(resize("align_corners", "floor", 2).refusal(), "nearest"));
    CHECK(holds(resize("asymmetric", "floor", 1.5F).refusal(), "whole factors"));
    CHECK(net({-1, 1, 1, 2})
              .integers("s", {1, 1, 2, 4})
              .node("Resize", {"x", "", "", "s"}, "y",
                    {attribute("coordinate_transformation_mode", std::string("asymmetric")),
                     attribute("nearest_mode", std::string("floor"))})
              .run({1, 2}) == Values{1, 1, 2, 2, 1, 1, 2, 2});
}
