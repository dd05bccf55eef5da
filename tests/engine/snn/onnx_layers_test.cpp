// SPDX-License-Identifier: Apache-2.0
// Layers with weights and windows against sums that are written out here.
#include "engine/snn/onnx_import.h"

#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

namespace {

using Ints = std::vector<std::int64_t>;
using Values = std::vector<float>;

const Values picture = {1, 2, 3, 4, 5, 6, 7, 8, 9};

OnnxDraft pictureNet(const std::string &type, const std::vector<std::string> &inputs,
                     const std::vector<Wire> &attributes) {
    OnnxDraft draft;
    draft.input({-1, 1, 3, 3}).node(type, inputs, "y", attributes).output();
    return draft;
}

}  // namespace

TEST_CASE("convolutions take pads, strides, groups, bias", "[snn]") {
    auto conv = pictureNet("Conv", {"x", "w", "b"},
                           {attribute("pads", Ints{1, 0, 0, 1}), attribute("strides", Ints{2, 1})});
    conv.floats("w", {1, 1, 2, 2}, {1, 10, 100, 1000}).floats("b", {1}, {0.5F});
    // Rows -1 and 1, columns 0 to 2 with a zero at the right.
    CHECK(conv.run(picture) == Values{2100.5F, 3200.5F, 300.5F, 8754.5F, 9865.5F, 906.5F});
    auto same = pictureNet("Conv", {"x", "w"}, {attribute("auto_pad", std::string("SAME_UPPER"))});
    same.floats("w", {1, 1, 2, 2}, {1, 0, 0, 0});
    CHECK(same.run(picture) == picture);
    auto lower = pictureNet("Conv", {"x", "w"}, {attribute("auto_pad", std::string("SAME_LOWER"))});
    lower.floats("w", {1, 1, 2, 2}, {1, 0, 0, 0});
    CHECK(lower.run(picture) == Values{0, 0, 0, 0, 1, 2, 0, 4, 5});
    OnnxDraft groups;
    groups.input({1, 2, 1, 1})
        .node("Conv", {"x", "w"}, "y", {attribute("group", std::int64_t{2})})
        .floats("w", {2, 1, 1, 1}, {3, 5})
        .output();
    CHECK(groups.run({1, 2}) == Values{3, 10});
    OnnxDraft line;
    line.input({1, 1, 4})
        .node("Conv", {"x", "w"}, "y", {attribute("dilations", Ints{2})})
        .floats("w", {1, 1, 2}, {1, 10})
        .output();
    CHECK(line.run({1, 2, 3, 4}) == Values{31, 42});
    auto back = pictureNet("ConvTranspose", {"x", "w"}, {attribute("strides", Ints{2, 2})});
    back.floats("w", {1, 1, 1, 1}, {2});
    CHECK(back.run(picture) ==
          Values{2, 0, 4, 0, 6, 0, 0, 0, 0, 0, 8, 0, 10, 0, 12, 0, 0, 0, 0, 0, 14, 0, 16, 0, 18});
}

TEST_CASE("matrices are taken either way round", "[snn]") {
    OnnxDraft gemm;
    gemm.input({-1, 2})
        .node("Gemm", {"x", "w", "b"}, "y",
              {attribute("alpha", 2.0F), attribute("beta", 3.0F),
               attribute("transB", std::int64_t{1})})
        .floats("w", {3, 2}, {1, 2, 3, 4, 5, 6})
        .floats("b", {3}, {1, 0, 0})
        .output();
    CHECK(gemm.run({1, 10}) == Values{45, 86, 130});
    OnnxDraft product;
    product.input({-1, 2})
        .node("MatMul", {"x", "w"}, "p")
        .node("Add", {"p", "b"}, "y")
        .floats("w", {2, 3}, {1, 3, 5, 2, 4, 6})
        .floats("b", {3}, {1, 0, 0})
        .output();
    CHECK(product.run({1, 10}) == Values{22, 43, 65});
}

TEST_CASE("a batch normalisation is a scale", "[snn]") {
    OnnxDraft norm;
    norm.input({-1, 2, 1, 1})
        .node("BatchNormalization", {"x", "g", "b", "m", "v"}, "y", {attribute("epsilon", 0.0F)})
        .floats("g", {2}, {2, 3})
        .floats("b", {2}, {1, 0})
        .floats("m", {2}, {5, 1})
        .floats("v", {2}, {4, 9})
        .output();
    CHECK(norm.run({7, 4}) == Values{3, 3});
}

TEST_CASE("pools count padding and hang over as told", "[snn]") {
    const Wire kernel = attribute("kernel_shape", Ints{2, 2});
    const Wire stride = attribute("strides", Ints{2, 2});
    CHECK(pictureNet("MaxPool", {"x"}, {kernel, stride}).run(picture) == Values{5});
    const Wire ceil = attribute("ceil_mode", std::int64_t{1});
    CHECK(pictureNet("MaxPool", {"x"}, {kernel, stride, ceil}).run(picture) == Values{5, 6, 8, 9});
    CHECK(pictureNet("AveragePool", {"x"}, {kernel, stride, ceil}).run(picture) ==
          Values{3, 4.5F, 7.5F, 9});
    const Wire pads = attribute("pads", Ints{1, 1, 0, 0});
    CHECK(pictureNet("AveragePool", {"x"}, {kernel, stride, pads}).run(picture) ==
          Values{1, 2.5F, 5.5F, 7});
    const Wire counts = attribute("count_include_pad", std::int64_t{1});
    CHECK(pictureNet("AveragePool", {"x"}, {kernel, stride, pads, counts}).run(picture) ==
          Values{0.25F, 1.25F, 2.75F, 7});
    CHECK(holds(pictureNet("AveragePool", {"x"}, {kernel, stride, ceil, counts}).refusal(),
                "ceil_mode"));
}

TEST_CASE("padding goes into the layer behind it or becomes one", "[snn]") {
    const auto padded = [](const std::string &type, const std::vector<Wire> &attributes) {
        OnnxDraft draft;
        draft.input({-1, 1, 3, 3})
            .integers("pads", {0, 0, 1, 1, 0, 0, 0, 0})
            .node("Pad", {"x", "pads"}, "p")
            .node(type, {"p"}, "y", attributes)
            .output();
        return draft;
    };
    const Wire kernel = attribute("kernel_shape", Ints{2, 2});
    const Wire stride = attribute("strides", Ints{2, 2});
    const auto average = padded("AveragePool", {kernel, stride});
    CHECK(average.run(picture) == Values{0.25F, 1.25F, 2.75F, 7});
    CHECK(average.read()->network.nodes().size() == 3);
    CHECK(padded("Relu", {}).run(picture) ==
          Values{0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9});
    OnnxDraft channels;
    channels.input({-1, 1, 3, 3})
        .integers("pads", {0, 1, 0, 0, 0, 0, 0, 0})
        .node("Pad", {"x", "pads"}, "y")
        .output();
    CHECK(holds(channels.refusal(), "channels cannot be padded"));
}

TEST_CASE("weights that do not fit are refused with node and field", "[snn]") {
    auto conv = pictureNet("Conv", {"x", "w"}, {});
    conv.floats("w", {1, 2, 2, 2}, Values(8, 1));
    CHECK(holds(conv.refusal(), "node 'n_y' (Conv): weight: for 2 input channels"));
    auto wrong = pictureNet("Conv", {"x", "w"}, {attribute("group", std::int64_t{-1})});
    wrong.floats("w", {1, 1, 2, 2}, Values(4, 1));
    CHECK(holds(wrong.refusal(), "group: -1"));
    auto pads = pictureNet("Conv", {"x", "w"}, {attribute("pads", Ints{-1, 0, 0, 0})});
    pads.floats("w", {1, 1, 2, 2}, Values(4, 1));
    CHECK(holds(pads.refusal(), "pads: -1"));
    auto nan = pictureNet("Conv", {"x", "w"}, {});
    nan.floats("w", {1, 1, 1, 1}, {NAN});
    CHECK(holds(nan.refusal(), "not a finite number"));
    CHECK(holds(pictureNet("MaxPool", {"x"}, {}).refusal(), "kernel"));
}
