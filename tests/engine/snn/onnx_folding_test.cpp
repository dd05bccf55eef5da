// SPDX-License-Identifier: Apache-2.0
// Shape arithmetic as exporters leave it.
#include "engine/snn/onnx_constants.h"

#include "tests/engine/snn/onnx_writer.h"

#include <cmath>

using namespace fovea;
using namespace fovea::test;

namespace {

OnnxConstant listOf(std::vector<double> values, bool integral = true) {
    OnnxConstant constant;
    constant.sides = {static_cast<std::int64_t>(values.size())};
    constant.values = std::move(values);
    constant.integral = integral;
    return constant;
}

struct Folding {
    TemporaryFolder folder;
    ByteFile file = [this] {
        OnnxDraft().write(folder / "f.onnx");
        return ByteFile::open(folder / "f.onnx").value();
    }();
    OnnxConstants constants{file};

    Result<OnnxConstant> fold(const std::string &type, const std::vector<OnnxConstant> &inputs,
                              std::map<std::string, std::int64_t> numbers = {}) {
        OnnxNode node;
        node.type = type;
        for (const auto &[name, value] : numbers)
            node.attributes[name].integer = value;
        return foldConstant(constants, node, inputs);
    }
};

using Doubles = std::vector<double>;

}  // namespace

TEST_CASE("constants are computed", "[snn]") {
    Folding f;
    CHECK(f.fold("Add", {listOf({1, 2}), listOf({3})})->values == Doubles{4, 5});
    CHECK(f.fold("Sub", {listOf({1, 2}), listOf({3, 5})})->values == Doubles{-2, -3});
    CHECK(f.fold("Mul", {listOf({2}), listOf({3, 5})})->values == Doubles{6, 10});
    CHECK(f.fold("Div", {listOf({-7}), listOf({2})})->values == Doubles{-3});
    CHECK(f.fold("Div", {listOf({7}, false), listOf({2}, false)})->values == Doubles{3.5});
    CHECK(f.fold("Gather", {listOf({5, 6, 7}), listOf({-1})})->values == Doubles{7});
    CHECK(f.fold("Concat", {listOf({5}), listOf({6, 7})})->values == Doubles{5, 6, 7});
    CHECK(f.fold("Slice", {listOf({1, 2, 3, 4}), listOf({1}), listOf({-1})})->values ==
          Doubles{2, 3});
    CHECK(f.fold("Slice", {listOf({1, 2}), listOf({0}), listOf({9.2e18})})->values ==
          Doubles{1, 2});
    CHECK(f.fold("Cast", {listOf({1.5}, false)}, {{"to", 7}})->values == Doubles{1});
    CHECK(f.fold("Floor", {listOf({-1.5}, false)})->values == Doubles{-2});
    CHECK(f.fold("ConstantOfShape", {listOf({2, 2})})->values == Doubles{0, 0, 0, 0});
    CHECK(f.fold("Reshape", {listOf({1, 2, 3, 4}), listOf({2, -1})})->sides ==
          std::vector<std::int64_t>{2, 2});
    CHECK(f.fold("Unsqueeze", {listOf({1, 2}), listOf({0, -1})})->sides ==
          std::vector<std::int64_t>{1, 2, 1});
    OnnxConstant matrix = listOf({1, 2, 3, 4, 5, 6});
    matrix.sides = {2, 3};
    const auto turned = f.fold("Transpose", {matrix});
    CHECK(turned->sides == std::vector<std::int64_t>{3, 2});
    CHECK(turned->values == Doubles{1, 4, 2, 5, 3, 6});
    matrix.sides = {1, 6, 1};
    CHECK(f.fold("Squeeze", {matrix})->sides == std::vector<std::int64_t>{6});
    CHECK(f.fold("Squeeze", {matrix, listOf({0})})->sides == std::vector<std::int64_t>{6, 1});
}

TEST_CASE("what cannot be computed says so", "[snn]") {
    Folding f;
    CHECK_FALSE(f.fold("Gather", {listOf({5}), listOf({1})}));
    CHECK_FALSE(f.fold("Gather", {listOf({5})}));
    CHECK_FALSE(f.fold("Add", {listOf({1, 2, 3}), listOf({1, 2})}));
    CHECK_FALSE(f.fold("Add", {}));
    CHECK_FALSE(f.fold("ConstantOfShape", {listOf({1e6, 1e6})}));
    CHECK_FALSE(f.fold("ConstantOfShape", {listOf({-1})}));
    CHECK_FALSE(f.fold("Unsqueeze", {listOf({1}), listOf({5})}));
    CHECK_FALSE(f.fold("Unsqueeze", {listOf({1, 2}), listOf({2, 2})}));
    CHECK_FALSE(f.fold("Squeeze", {listOf({1}), listOf({NAN}, false)}));
    CHECK(
        f.fold("Slice", {listOf({1}), listOf({NAN}, false), listOf({NAN}, false)})->values.empty());
    CHECK_FALSE(f.fold("Reshape", {listOf({1, 2, 3}), listOf({2, -1})}));
    CHECK_FALSE(f.fold("Transpose", {listOf({1, 2, 3})}));
    CHECK(folds("Add"));
    CHECK_FALSE(folds("Conv"));
    CHECK(reshaped(std::array<std::int64_t, 3>{2, 3, 4}, std::array{0.0, -1.0}).value() ==
          std::vector<std::int64_t>{2, 12});
    CHECK_FALSE(reshaped(std::array<std::int64_t, 1>{4}, std::array{-1.0, -1.0}));
}
