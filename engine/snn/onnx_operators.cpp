// SPDX-License-Identifier: Apache-2.0
// ONNX operators that are arithmetic on values or change a shape, and the list of all operators.
#include "engine/snn/onnx_import.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace fovea {

using Numbers = ElementwiseChain::Numbers;

const std::map<std::string, OnnxImport::Handler> &OnnxImport::handlers() {
    using Import = OnnxImport;
    static const std::map<std::string, Handler> all = {
        {"Add", &Import::addition},
        {"AveragePool", &Import::pool},
        {"BatchNormalization", &Import::batchNormalisation},
        {"Cast", &Import::onlyConstants},
        {"Clip", &Import::clip},
        {"Concat", &Import::concat},
        {"Constant", &Import::alias},
        {"ConstantOfShape", &Import::onlyConstants},
        {"Conv", &Import::conv},
        {"ConvTranspose", &Import::convTranspose},
        {"Div", &Import::product},
        {"Dropout", &Import::dropout},
        {"Flatten", &Import::reshape},
        {"Floor", &Import::round},
        {"Gather", &Import::onlyConstants},
        {"Gemm", &Import::gemm},
        {"GlobalAveragePool", &Import::globalPool},
        {"GlobalMaxPool", &Import::globalPool},
        {"Identity", &Import::alias},
        {"LeakyRelu", &Import::leakyRelu},
        {"MatMul", &Import::gemm},
        {"MaxPool", &Import::pool},
        {"Mul", &Import::product},
        {"Pad", &Import::pad},
        {"ReduceMean", &Import::globalPool},
        {"Relu", &Import::clip},
        {"Reshape", &Import::reshape},
        {"Resize", &Import::resize},
        {"Round", &Import::round},
        {"Shape", &Import::shapeOf},
        {"Slice", &Import::onlyConstants},
        {"Softmax", &Import::softmax},
        {"Squeeze", &Import::reshape},
        {"Sub", &Import::addition},
        {"Transpose", &Import::onlyConstants},
        {"Unsqueeze", &Import::reshape},
        {"Upsample", &Import::resize}};
    return all;
}

Result<OnnxImport::Pending> OnnxImport::chain(const OnnxNode &node, std::size_t index) {
    const auto found = value(node, index);
    if (!found)
        return tl::make_unexpected(found.error());
    auto *pending = std::get_if<Pending>(*found);
    if (pending != nullptr && uses_[node.inputs[index]] == 1)
        return std::move(*pending);
    // Others want the value as well: layers up to here, and a new chain.
    auto from = signal(node, index);
    if (!from)
        return failed(from);
    return Pending{std::move(*from), {}, nameFor(node)};
}

Result<Numbers> OnnxImport::spread(const OnnxConstant &constant, const SignalShape &shape) {
    const std::uint64_t count = constant.count();
    // Sides right-aligned, those of the batch and of the signal.
    std::vector<std::int64_t> sides(shape.values().begin(), shape.values().end());
    std::vector<std::int64_t> own = constant.sides;
    while (own.size() > sides.size() && own.front() == 1)
        own.erase(own.begin());
    while (own.size() < sides.size())
        own.insert(own.begin(), 1);
    bool fits = own.size() == sides.size() && count > 0;
    for (std::size_t i = 0; fits && i < own.size(); ++i)
        fits = own[i] == 1 || own[i] == sides[i];
    if (!fits)
        return fail(ErrorCode::Unsupported, "a constant of {} numbers does not fit a signal {}",
                    count, toString(shape));
    const bool channels = static_cast<std::uint64_t>(own[0]) == count;
    auto values = count <= OnnxConstants::maxSmall ? constants_.numbers(constant)
                                                   : Result<Numbers>(Numbers{});
    if (!values)
        return failed(values);
    if (values->empty()) {
        auto floats = constants_.floats(constant);
        if (!floats)
            return failed(floats);
        values->assign(floats->begin(), floats->end());
    }
    const std::size_t wanted = count == 1 || channels ? values->size() : shape.elements();
    // As double here, as float in the layer.
    if (auto within = constants_.spend(3 * wanted); !within)
        return failed(within);
    if (wanted == values->size())
        return values;
    Numbers all(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
        std::size_t rest = i;
        std::size_t at = 0;
        std::size_t step = 1;
        for (std::size_t side = own.size(); side-- > 0;) {
            const auto here = static_cast<std::size_t>(sides[side]);
            if (own[side] != 1) {
                at += rest % here * step;
                step *= here;
            }
            rest /= here;
        }
        all[i] = (*values)[at];
    }
    return all;
}

Result<void> OnnxImport::addition(const OnnxNode &node) {
    const bool minus = node.type == "Sub";
    const auto a = value(node, 0);
    const auto b = value(node, 1);
    if (!a || !b)
        return tl::make_unexpected(a ? b.error() : a.error());
    const bool constantA = std::holds_alternative<OnnxConstant>(**a);
    if (constantA || std::holds_alternative<OnnxConstant>(**b)) {
        const std::size_t signalAt = constantA ? 1 : 0;
        auto pending = chain(node, signalAt);
        if (!pending)
            return failed(pending);
        const auto known = constant(node, 1 - signalAt);
        auto offset = spread(*known, pending->signal.shape);
        if (!offset)
            return failed(offset);
        if (minus && !constantA)
            for (double &one : *offset)
                one = -one;
        pending->chain.scale({minus && constantA ? -1.0 : 1.0}, std::move(*offset));
        give(node, std::move(*pending));
        return {};
    }
    const auto first = signal(node, 0);
    auto second = signal(node, 1);
    if (!first || !second)
        return tl::make_unexpected(first ? second.error() : first.error());
    if (first->node == second->node)
        return emit(node, Scale{minus ? 0.0F : 2.0F, 0.0F}, std::span(&*first, 1));
    if (minus)
        second = add(unique(second->node + ".minus"), Scale{-1.0F, 0.0F}, std::span(&*second, 1));
    if (!second)
        return failed(second);
    const std::array both = {*first, *second};
    return emit(node, Add{}, both);
}

Result<void> OnnxImport::product(const OnnxNode &node) {
    const bool divides = node.type == "Div";
    const auto a = value(node, 0);
    const auto b = value(node, 1);
    if (!a || !b)
        return tl::make_unexpected(a ? b.error() : a.error());
    const bool constantA = std::holds_alternative<OnnxConstant>(**a);
    if (!constantA && !std::holds_alternative<OnnxConstant>(**b))
        return fail(ErrorCode::Unsupported, "of two signals: only constants are supported");
    if (divides && constantA)
        return fail(ErrorCode::Unsupported, "by a signal: only constants are supported");
    auto pending = chain(node, constantA ? 1 : 0);
    if (!pending)
        return failed(pending);
    const auto known = constant(node, constantA ? 0 : 1);
    auto factor = spread(*known, pending->signal.shape);
    if (!factor)
        return failed(factor);
    if (divides)
        for (double &one : *factor)
            one = 1 / one;
    pending->chain.scale(std::move(*factor), {0});
    give(node, std::move(*pending));
    return {};
}

Result<void> OnnxImport::clip(const OnnxNode &node) {
    constexpr double endless = std::numeric_limits<double>::infinity();
    double low = node.type == "Relu" ? 0 : -endless;
    double high = endless;
    for (const auto &[name, index, limit] :
         {std::tuple{"min", std::size_t{1}, &low}, std::tuple{"max", std::size_t{2}, &high}}) {
        if (node.type == "Relu")
            break;
        if (const OnnxAttribute *attribute = attributeOf(node, name))
            *limit = attribute->single;
        if (!given(node, index))
            continue;
        const auto told = numbers(node, index);
        if (!told)
            return tl::make_unexpected(told.error());
        if (told->size() != 1)
            return fail(ErrorCode::BadFile, "{}: {} numbers, expected one", name, told->size());
        *limit = told->front();
    }
    if (!(low < high))
        return fail(ErrorCode::BadFile, "limits {} and {}", low, high);
    // Exporters write the largest float for "no limit".
    constexpr double most = std::numeric_limits<float>::max();
    auto pending = chain(node, 0);
    if (!pending)
        return failed(pending);
    pending->chain.clip(low <= -most ? -endless : low, high >= most ? endless : high);
    give(node, std::move(*pending));
    return {};
}

Result<void> OnnxImport::round(const OnnxNode &node) {
    auto pending = chain(node, 0);
    if (!pending)
        return failed(pending);
    if (node.type == "Round") {
        pending->chain.scale({1}, {0.5});
        warnings.push_back(fmt::format(
            "node '{}' (Round): halves are rounded up here, to even values there", node.name));
    }
    pending->chain.floor();
    give(node, std::move(*pending));
    return {};
}

Result<void> OnnxImport::leakyRelu(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    const OnnxAttribute *told = attributeOf(node, "alpha");
    const float alpha = told == nullptr ? 0.01F : told->single;
    // relu(x) - alpha * relu(-x)
    const std::string name = nameFor(node);
    auto positive = add(unique(name + ".positive"), Activation{}, std::span(&*from, 1));
    auto turned = add(unique(name + ".turned"), Scale{-1.0F, 0.0F}, std::span(&*from, 1));
    if (!positive || !turned)
        return tl::make_unexpected(positive ? turned.error() : positive.error());
    auto negative = add(unique(name + ".negative"), Activation{}, std::span(&*turned, 1));
    if (!negative)
        return failed(negative);
    auto leak = add(unique(name + ".leak"), Scale{-alpha, 0.0F}, std::span(&*negative, 1));
    if (!leak)
        return failed(leak);
    const std::array both = {*positive, *leak};
    return emit(node, Add{}, both);
}

Result<void> OnnxImport::concat(const OnnxNode &node) {
    std::vector<Signal> all;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        auto one = signal(node, i);
        if (!one)
            return failed(one);
        for (const Signal &other : all)
            if (other.node == one->node)
                return fail(ErrorCode::Unsupported, "'{}' twice", one->node);
        all.push_back(std::move(*one));
    }
    const std::int64_t axis = integerOf(node, "axis", 1);
    if (all.empty() || (axis != 1 && axis != -static_cast<std::int64_t>(all[0].shape.rank)))
        return fail(ErrorCode::Unsupported, "along axis {}: only channels (1) are supported", axis);
    return emit(node, Concat{}, all);
}

Result<void> OnnxImport::alias(const OnnxNode &node) {
    if (node.type == "Identity") {
        const auto from = value(node, 0);
        if (!from)
            return tl::make_unexpected(from.error());
        // Its consumers may be many: what is pending becomes layers.
        if (std::holds_alternative<Pending>(**from))
            if (auto settled = settle(**from, true); !settled)
                return failed(settled);
        if (const auto *known = std::get_if<OnnxConstant>(*from))
            if ((steps_ += known->values.size()) > 16 * OnnxConstants::maxSmall)
                return fail(ErrorCode::Unsupported, "too many numbers are copied");
        Value same = **from;
        give(node, std::move(same));
        return {};
    }
    if (const OnnxAttribute *value = attributeOf(node, "value");
        value != nullptr && value->tensor) {
        auto opened = constants_.open(*value->tensor);
        if (!opened)
            return failed(opened);
        give(node, std::move(*opened));
        return {};
    }
    OnnxConstant constant;
    for (const char *name : {"value_float", "value_int", "value_floats", "value_ints"}) {
        const OnnxAttribute *told = attributeOf(node, name);
        if (told == nullptr)
            continue;
        const std::string kind = name;
        constant.integral = kind.substr(6, 3) == "int";
        constant.values = kind == "value_float" ? Numbers{told->single}
                          : kind == "value_int" ? Numbers{static_cast<double>(told->integer)}
                          : kind == "value_ints"
                              ? Numbers(told->integers.begin(), told->integers.end())
                              : Numbers(told->singles.begin(), told->singles.end());
        if (kind.back() == 's')
            constant.sides = {static_cast<std::int64_t>(constant.values.size())};
        give(node, std::move(constant));
        return {};
    }
    return fail(ErrorCode::Unsupported, "it holds no numbers");
}

Result<void> OnnxImport::onlyConstants(const OnnxNode &node) {
    if (node.type == "Cast") {
        auto from = signal(node, 0, true);
        if (!from)
            return failed(from);
        const std::int64_t to = integerOf(node, "to", 0);
        if (to != OnnxTensor::Float && to != OnnxTensor::Double)
            return fail(ErrorCode::Unsupported, "of a signal to type {}", to);
        give(node, std::move(*from));
        return {};
    }
    return fail(ErrorCode::Unsupported, "of a signal: supported on constants only");
}

Result<void> OnnxImport::dropout(const OnnxNode &node) {
    if (given(node, 2)) {
        const auto training = numbers(node, 2);
        if (!training || training->size() != 1 || training->front() != 0)
            return fail(ErrorCode::Unsupported, "training_mode: export for inference");
    }
    if (node.outputs.size() > 1 && uses_.contains(node.outputs[1]))
        return fail(ErrorCode::Unsupported, "its mask is used");
    auto pending = chain(node, 0);
    if (!pending)
        return failed(pending);
    give(node, std::move(*pending));
    return {};
}

Result<void> OnnxImport::softmax(const OnnxNode &node) {
    const bool last = std::any_of(graph_.outputs.begin(), graph_.outputs.end(),
                                  [&](const OnnxValue &o) { return o.name == node.outputs[0]; });
    if (!last || uses_[node.outputs[0]] != 1)
        return fail(ErrorCode::Unsupported, "supported as the last node only");
    warnings.push_back(fmt::format(
        "node '{}' (Softmax) is left out: the largest output stays the largest", node.name));
    auto from = signal(node, 0);
    if (!from)
        return failed(from);
    give(node, std::move(*from));
    return {};
}

}  // namespace fovea
