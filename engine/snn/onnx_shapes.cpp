// SPDX-License-Identifier: Apache-2.0
// ONNX operators that change the shape of a signal, or ask for it.
#include "engine/snn/onnx_import.h"

#include <algorithm>
#include <cmath>

namespace fovea {

Result<void> OnnxImport::globalPool(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    if (from->shape.rank != 2 && from->shape.rank != 3)
        return fail(ErrorCode::Unsupported, "of a signal {}", toString(from->shape));
    const bool mean = node.type == "ReduceMean";
    if (mean) {
        auto axes = list(node, "axes", 1);
        if (!axes)
            return failed(axes);
        const auto rank = static_cast<double>(from->shape.rank + 1);
        for (double &axis : *axes) {
            axis += axis < 0 ? rank : 0;
            if (!(axis >= 0 && axis < rank))
                return fail(ErrorCode::BadFile, "axis {} of {} sides", axis, rank);
        }
        std::sort(axes->begin(), axes->end());
        std::vector<double> wanted;
        for (double axis = 2; axis < rank; ++axis)
            wanted.push_back(axis);
        if (*axes != wanted)
            return fail(ErrorCode::Unsupported, "only the mean over a whole channel is supported");
    }
    const Grid grid = gridOf(from->shape);
    const Size2 all{static_cast<std::uint32_t>(grid.height),
                    static_cast<std::uint32_t>(grid.width)};
    const bool largest = node.type == "GlobalMaxPool";
    Pool2d layer{largest ? PoolKind::Max : PoolKind::Average, all, {1, 1}, {}, true};
    auto pooled = add(nameFor(node), layer, std::span(&*from, 1));
    if (!pooled)
        return failed(pooled);
    if (mean && integerOf(node, "keepdims", 1) == 0)
        pooled = add(unique(pooled->node + ".flat"), Flatten{}, std::span(&*pooled, 1));
    if (!pooled)
        return failed(pooled);
    give(node, std::move(*pooled));
    return {};
}

Result<void> OnnxImport::resize(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    const auto text = [&](const char *name, const char *otherwise) {
        const OnnxAttribute *attribute = attributeOf(node, name);
        return attribute == nullptr ? std::string(otherwise) : attribute->text;
    };
    const std::string place = text("coordinate_transformation_mode", "half_pixel");
    const std::string nearest = text("nearest_mode", "round_prefer_floor");
    const bool old = node.type == "Upsample";
    const bool exact = old || (place == "asymmetric" && nearest == "floor") ||
                       (place == "half_pixel" && nearest.substr(0, 5) == "round");
    if (text("mode", "nearest") != "nearest" || !exact)
        return fail(ErrorCode::Unsupported,
                    "only nearest values (asymmetric and floor, or half_pixel and round) are "
                    "supported");
    const bool bySize = !old && given(node, 3);
    const auto told = bySize ? numbers(node, 3) : list(node, "scales", old ? 1 : 2);
    if (!told)
        return tl::make_unexpected(told.error());
    const std::size_t rank = from->shape.rank + 1;
    if (told->size() != rank || (rank != 3 && rank != 4))
        return fail(ErrorCode::Unsupported, "{} factors for {} sides", told->size(), rank);
    std::vector<std::int64_t> factors;
    for (std::size_t i = 0; i < rank; ++i) {
        const double side = i == 0 ? static_cast<double>(batch_) : from->shape.sides[i - 1];
        const double factor = bySize ? (*told)[i] / side : (*told)[i];
        if (!(factor >= 1 && factor <= 1024) || factor != std::floor(factor) ||
            (i < 2 && factor != 1))
            return fail(ErrorCode::Unsupported,
                        "a factor of {} for side {}, supported are whole factors of height and "
                        "width",
                        factor, i);
        if (i >= 2)
            factors.push_back(static_cast<std::int64_t>(factor));
    }
    const Size2 factor{rank == 4 ? static_cast<std::uint32_t>(factors[0]) : 1,
                       static_cast<std::uint32_t>(factors.back())};
    return emit(node, Upsample{factor}, std::span(&*from, 1));
}

Result<void> OnnxImport::shapeOf(const OnnxNode &node) {
    const auto from = value(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    OnnxConstant shape;
    shape.integral = true;
    if (const auto *known = std::get_if<OnnxConstant>(*from)) {
        shape.values.assign(known->sides.begin(), known->sides.end());
    } else {
        const auto *pending = std::get_if<Pending>(*from);
        const auto own = pending != nullptr ? Result<Signal>(pending->signal) : signal(node, 0);
        if (!own)
            return tl::make_unexpected(own.error());
        shape.values.push_back(static_cast<double>(batch_));
        shape.values.insert(shape.values.end(), own->shape.values().begin(),
                            own->shape.values().end());
    }
    shape.sides = {static_cast<std::int64_t>(shape.values.size())};
    give(node, std::move(shape));
    return {};
}

Result<void> OnnxImport::reshape(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    std::vector<std::int64_t> whole = {batch_};
    whole.insert(whole.end(), from->shape.values().begin(), from->shape.values().end());
    std::vector<std::int64_t> sides;
    if (node.type == "Flatten") {
        const std::int64_t axis = integerOf(node, "axis", 1);
        if (axis != 1 && axis != -static_cast<std::int64_t>(from->shape.rank))
            return fail(ErrorCode::Unsupported, "axis {}: only 1 is supported", axis);
        sides = {batch_, static_cast<std::int64_t>(from->shape.elements())};
    } else if (node.type == "Reshape") {
        const auto wanted = numbers(node, 1);
        if (!wanted)
            return tl::make_unexpected(wanted.error());
        auto made = reshaped(whole, *wanted);
        if (!made)
            return failed(made);
        sides = std::move(*made);
    } else {
        // Sides of 1 that come or go change nothing that a layer sees but their number.
        OnnxConstant shape;
        shape.sides = whole;
        std::vector<OnnxConstant> inputs = {shape};
        if (given(node, 1)) {
            const auto axes = constant(node, 1);
            if (!axes)
                return tl::make_unexpected(axes.error());
            inputs.push_back(*axes);
        }
        const auto folded = foldConstant(constants_, node, inputs);
        if (!folded)
            return tl::make_unexpected(folded.error());
        sides = folded->sides;
    }
    if (sides.empty() || sides[0] != batch_)
        return fail(ErrorCode::Unsupported, "the batch must stay as it is");
    const std::vector<std::int64_t> inner(sides.begin() + 1, sides.end());
    const auto shape = SignalShape::make(inner);
    if (!shape)
        return fail(ErrorCode::Unsupported, "to {} sides: {}", sides.size(), shape.error().message);
    if (*shape == from->shape) {
        give(node, *from);
        return {};
    }
    // Joining some sides is all that a layer can do.
    const auto rank = static_cast<std::int32_t>(from->shape.rank);
    for (std::int32_t first = 0; first < rank; ++first)
        for (std::int32_t last = first + 1; last < rank; ++last) {
            const Flatten layer{first, last};
            const auto joined = fovea::outputShape(layer, std::span(&from->shape, 1));
            if (joined && *joined == *shape)
                return emit(node, layer, std::span(&*from, 1));
        }
    return fail(ErrorCode::Unsupported, "of a signal {} to {}: only joining sides is supported",
                toString(from->shape), toString(*shape));
}

}  // namespace fovea
