// SPDX-License-Identifier: Apache-2.0
// Operators on constants: what exporters leave of shape arithmetic.
#include "engine/snn/onnx_constants.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

using Inputs = std::span<const OnnxConstant>;

/// One operator at work.
struct Fold {
    OnnxConstants &constants;
    const OnnxNode &node;
    Inputs inputs;

    [[nodiscard]] Result<std::vector<double>> input(std::size_t index) const {
        if (index >= inputs.size())
            return fail(ErrorCode::BadFile, "input {} is missing", index + 1);
        return constants.numbers(inputs[index]);
    }
    /// A list of an attribute, or since opset 13 (10 for Slice) of an input.
    [[nodiscard]] Result<std::vector<double>> list(const std::string &name,
                                                   std::size_t index) const {
        if (const OnnxAttribute *attribute = attributeOf(node, name))
            return std::vector<double>(attribute->integers.begin(), attribute->integers.end());
        return input(index);
    }

    Result<OnnxConstant> arithmetic() const;
    Result<OnnxConstant> cast() const;
    Result<OnnxConstant> concat() const;
    Result<OnnxConstant> filled() const;
    Result<OnnxConstant> gather() const;
    Result<OnnxConstant> slice() const;
    Result<OnnxConstant> squeeze() const;
    Result<OnnxConstant> transpose() const;
};

double apply(const std::string &type, double a, double b, bool integral) {
    if (type == "Add")
        return a + b;
    if (type == "Sub")
        return a - b;
    if (type == "Mul")
        return a * b;
    return integral ? std::trunc(a / b) : a / b;
}

Result<OnnxConstant> Fold::arithmetic() const {
    const auto a = input(0);
    const auto b = input(1);
    if (!a || !b)
        return tl::make_unexpected(a ? b.error() : a.error());
    if (a->size() != b->size() && a->size() != 1 && b->size() != 1)
        return fail(ErrorCode::Unsupported, "{} and {} numbers", a->size(), b->size());
    OnnxConstant result = inputs[a->size() >= b->size() ? 0 : 1];
    result.integral = inputs[0].integral && inputs[1].integral;
    result.stored = nullptr;
    result.transposed = false;
    result.values.resize(std::max(a->size(), b->size()));
    for (std::size_t i = 0; i < result.values.size(); ++i)
        result.values[i] = apply(node.type, (*a)[a->size() == 1 ? 0 : i],
                                 (*b)[b->size() == 1 ? 0 : i], result.integral);
    return result;
}

Result<OnnxConstant> Fold::cast() const {
    OnnxConstant result = inputs[0];
    const std::int64_t to = integerOf(node, "to", OnnxTensor::Float);
    const bool whole =
        node.type == "Floor" || (to != OnnxTensor::Float && to != OnnxTensor::Double);
    // Weights stay in the file; their numbers become floats when they are read.
    if (node.type == "Cast" && !whole)
        return result;
    auto values = input(0);
    if (!values)
        return failed(values);
    for (double &value : *values)
        value = node.type == "Floor" ? std::floor(value) : std::trunc(value);
    result.values = std::move(*values);
    result.stored = nullptr;
    result.transposed = false;
    result.integral = node.type == "Cast" || result.integral;
    return result;
}

Result<OnnxConstant> Fold::concat() const {
    OnnxConstant result;
    result.integral = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto part = input(i);
        if (!part)
            return tl::make_unexpected(part.error());
        if (inputs[i].sides.size() != 1)
            return fail(ErrorCode::Unsupported, "only lists are joined");
        result.values.insert(result.values.end(), part->begin(), part->end());
        result.integral &= inputs[i].integral;
        if (result.values.size() > OnnxConstants::maxSmall)
            return fail(ErrorCode::Unsupported, "a list of more than {} numbers",
                        OnnxConstants::maxSmall);
    }
    result.sides = {static_cast<std::int64_t>(result.values.size())};
    return result;
}

Result<OnnxConstant> Fold::filled() const {
    const auto shape = input(0);
    if (!shape)
        return tl::make_unexpected(shape.error());
    OnnxConstant result;
    std::uint64_t count = 1;
    for (const double side : *shape) {
        if (!(side >= 0 && side <= static_cast<double>(OnnxConstants::maxSmall)))
            return fail(ErrorCode::Unsupported, "a side of {}", side);
        result.sides.push_back(static_cast<std::int64_t>(side));
        count *= static_cast<std::uint64_t>(side);
        if (count > OnnxConstants::maxSmall)
            return fail(ErrorCode::Unsupported, "more than {} numbers", OnnxConstants::maxSmall);
    }
    double value = 0;
    if (const OnnxAttribute *attribute = attributeOf(node, "value");
        attribute != nullptr && attribute->tensor) {
        const auto opened = constants.open(*attribute->tensor);
        if (!opened)
            return tl::make_unexpected(opened.error());
        const auto numbers = constants.numbers(*opened);
        if (!numbers || numbers->size() != 1)
            return fail(ErrorCode::BadFile, "value: expected one number");
        value = numbers->front();
        result.integral = opened->integral;
    }
    result.values.assign(count, value);
    return result;
}

Result<OnnxConstant> Fold::gather() const {
    const auto data = input(0);
    const auto indices = input(1);
    if (!data || !indices)
        return tl::make_unexpected(data ? indices.error() : data.error());
    if (inputs[0].sides.size() != 1 || integerOf(node, "axis", 0) != 0)
        return fail(ErrorCode::Unsupported, "only numbers of a list are gathered");
    OnnxConstant result;
    result.sides = inputs[1].sides;
    result.integral = inputs[0].integral;
    const auto size = static_cast<double>(data->size());
    for (const double index : *indices) {
        const double at = index < 0 ? index + size : index;
        if (!(at >= 0 && at < size))
            return fail(ErrorCode::BadFile, "index {} of {} numbers", index, data->size());
        result.values.push_back((*data)[static_cast<std::size_t>(at)]);
    }
    return result;
}

Result<OnnxConstant> Fold::slice() const {
    const auto data = input(0);
    const auto starts = list("starts", 1);
    const auto ends = list("ends", 2);
    if (!data || !starts || !ends)
        return fail(ErrorCode::Unsupported, "starts and ends must be known");
    const bool steps = inputs.size() > 4;
    if (inputs[0].sides.size() != 1 || starts->size() != 1 || ends->size() != 1 ||
        (steps &&
         constants.numbers(inputs[4]).value_or(std::vector<double>{0}) != std::vector<double>{1}))
        return fail(ErrorCode::Unsupported, "only a part of a list, without steps, is taken");
    const auto size = static_cast<double>(data->size());
    const auto place = [size](double at) {
        const double within = std::isnan(at) ? 0 : at < 0 ? at + size : at;
        return static_cast<std::size_t>(std::clamp(within, 0.0, size));
    };
    OnnxConstant result = inputs[0];
    result.stored = nullptr;
    result.transposed = false;
    result.values.clear();
    for (std::size_t i = place(starts->front()); i < place(ends->front()); ++i)
        result.values.push_back((*data)[i]);
    result.sides = {static_cast<std::int64_t>(result.values.size())};
    return result;
}

Result<OnnxConstant> Fold::squeeze() const {
    OnnxConstant result = inputs[0];
    if (result.transposed)
        return fail(ErrorCode::Unsupported, "of a transposed matrix");
    if (node.type == "Reshape") {
        const auto wanted = input(1);
        if (!wanted)
            return tl::make_unexpected(wanted.error());
        auto sides = reshaped(result.sides, *wanted);
        if (!sides)
            return failed(sides);
        result.sides = std::move(*sides);
        return result;
    }
    const bool adds = node.type == "Unsqueeze";
    auto axes = inputs.size() > 1 || attributeOf(node, "axes") != nullptr
                    ? list("axes", 1)
                    : Result<std::vector<double>>(std::vector<double>{});
    if (!axes)
        return failed(axes);
    const auto rank = static_cast<double>(result.sides.size() + (adds ? axes->size() : 0));
    for (double &axis : *axes)
        axis += axis < 0 ? rank : 0;
    for (const double axis : *axes)
        if (!(axis >= 0 && axis < rank) || rank > 16)
            return fail(ErrorCode::BadFile, "axis {} of {} sides", axis, rank);
    std::sort(axes->begin(), axes->end());
    if (std::adjacent_find(axes->begin(), axes->end()) != axes->end())
        return fail(ErrorCode::BadFile, "an axis is named twice");
    if (adds) {
        for (const double axis : *axes)
            result.sides.insert(result.sides.begin() + static_cast<std::ptrdiff_t>(axis), 1);
        return result;
    }
    std::vector<std::int64_t> kept;
    for (std::size_t i = 0; i < result.sides.size(); ++i) {
        const bool named =
            std::find(axes->begin(), axes->end(), static_cast<double>(i)) != axes->end();
        if (result.sides[i] != 1 || !(named || axes->empty()))
            kept.push_back(result.sides[i]);
    }
    result.sides = std::move(kept);
    return result;
}

Result<OnnxConstant> Fold::transpose() const {
    OnnxConstant result = inputs[0];
    const OnnxAttribute *order = attributeOf(node, "perm");
    const std::vector<std::int64_t> turned = {1, 0};
    if (result.sides.size() != 2 || (order != nullptr && order->integers != turned))
        return fail(ErrorCode::Unsupported, "only matrices are transposed");
    std::swap(result.sides[0], result.sides[1]);
    if (result.stored != nullptr) {
        result.transposed = !result.transposed;
        return result;
    }
    const auto rows = static_cast<std::size_t>(result.sides[0]);
    const auto columns = static_cast<std::size_t>(result.sides[1]);
    for (std::size_t i = 0; i < result.values.size(); ++i)
        result.values[i] = inputs[0].values[i % columns * rows + i / columns];
    return result;
}

using Method = Result<OnnxConstant> (Fold::*)() const;

const std::map<std::string, Method> &methods() {
    static const std::map<std::string, Method> all = {
        {"Add", &Fold::arithmetic},      {"Cast", &Fold::cast},
        {"Concat", &Fold::concat},       {"ConstantOfShape", &Fold::filled},
        {"Div", &Fold::arithmetic},      {"Floor", &Fold::cast},
        {"Gather", &Fold::gather},       {"Mul", &Fold::arithmetic},
        {"Reshape", &Fold::squeeze},     {"Slice", &Fold::slice},
        {"Squeeze", &Fold::squeeze},     {"Sub", &Fold::arithmetic},
        {"Transpose", &Fold::transpose}, {"Unsqueeze", &Fold::squeeze}};
    return all;
}

}  // namespace

const OnnxAttribute *attributeOf(const OnnxNode &node, const std::string &name) {
    const auto found = node.attributes.find(name);
    return found == node.attributes.end() ? nullptr : &found->second;
}

std::int64_t integerOf(const OnnxNode &node, const std::string &name, std::int64_t otherwise) {
    const OnnxAttribute *attribute = attributeOf(node, name);
    return attribute == nullptr ? otherwise : attribute->integer;
}

bool folds(const std::string &type) {
    return methods().contains(type);
}

Result<OnnxConstant> foldConstant(OnnxConstants &constants, const OnnxNode &node, Inputs inputs) {
    if (inputs.empty())
        return fail(ErrorCode::BadFile, "nothing comes in");
    return (Fold{constants, node, inputs}.*methods().at(node.type))();
}

Result<std::vector<std::int64_t>> reshaped(std::span<const std::int64_t> from,
                                           std::span<const double> sides) {
    double count = 1;
    for (const std::int64_t side : from)
        count *= static_cast<double>(side);
    std::vector<std::int64_t> result;
    double product = 1;
    std::optional<std::size_t> open;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        double side = sides[i];
        if (side == 0 && i < from.size())
            side = static_cast<double>(from[i]);
        if (side == -1 && !open)
            open = i;
        else if (!(side >= 1 && side <= count))
            return fail(ErrorCode::BadFile, "a side of {} for {} numbers", sides[i], count);
        else
            product *= side;
        result.push_back(static_cast<std::int64_t>(side));
    }
    if (open)
        result[*open] = static_cast<std::int64_t>(count / product);
    if (open ? static_cast<double>(result[*open]) * product != count : product != count)
        return fail(ErrorCode::BadFile, "sides that hold {} numbers, {} are there", product, count);
    return result;
}

}  // namespace fovea
