// SPDX-License-Identifier: Apache-2.0
// ONNX operators that become layers with weights or windows.
#include "engine/snn/onnx_import.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

/// Sides that the engine's layers can have at all; what they allow is checked by them.
constexpr double mostSide = 1U << 20;

/// (height, width) from a list of one or two numbers.
Result<Size2> sizeFrom(const std::string &name, const std::vector<std::int64_t> &list,
                       Size2 otherwise) {
    if (list.empty())
        return otherwise;
    if (list.size() > 2)
        return fail(ErrorCode::Unsupported, "{}: {} sides, supported are 1 and 2", name,
                    list.size());
    for (const std::int64_t side : list)
        if (side < 0 || side > static_cast<std::int64_t>(mostSide))
            return fail(ErrorCode::BadFile, "{}: {}, allowed are 0 to {}", name, side, mostSide);
    const auto width = static_cast<std::uint32_t>(list.back());
    return Size2{list.size() == 2 ? static_cast<std::uint32_t>(list[0]) : 1, width};
}

Result<Size2> sizeOf(const OnnxNode &node, const std::string &name, Size2 otherwise) {
    const OnnxAttribute *attribute = attributeOf(node, name);
    return attribute == nullptr ? otherwise : sizeFrom(name, attribute->integers, otherwise);
}

/// (begin.., end..) of one or two sides.
Result<Border> borderFrom(const std::vector<double> &pads) {
    for (const double pad : pads)
        if (!(pad >= 0 && pad <= mostSide))
            return fail(ErrorCode::Unsupported, "pads: {}, supported are 0 to {}", pad, mostSide);
    const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(pads[i]); };
    if (pads.empty())
        return Border{};
    if (pads.size() == 2)
        return Border{0, at(0), 0, at(1)};
    if (pads.size() == 4)
        return Border{at(0), at(1), at(2), at(3)};
    return fail(ErrorCode::Unsupported, "pads: {} numbers, supported are 2 and 4", pads.size());
}

std::uint32_t ceilDivide(std::size_t a, std::uint32_t b) {
    return static_cast<std::uint32_t>((a + b - 1) / b);
}

/// What "SAME" adds to a side, in all.
std::uint32_t samePad(std::size_t side, std::uint32_t kernel, std::uint32_t stride,
                      std::uint32_t dilation) {
    const std::uint64_t reach = std::uint64_t{ceilDivide(side, stride) - 1} * stride +
                                std::uint64_t{kernel - 1} * dilation + 1;
    return reach > side ? static_cast<std::uint32_t>(reach - side) : 0;
}

}  // namespace

Result<OnnxImport::Window> OnnxImport::window(const OnnxNode &node, Size2 kernel,
                                              const Signal &from) {
    const auto stride = sizeOf(node, "strides", {1, 1});
    const auto dilation = sizeOf(node, "dilations", {1, 1});
    if (!stride || !dilation)
        return tl::make_unexpected(stride ? dilation.error() : stride.error());
    if (from.shape.rank != 2 && from.shape.rank != 3)
        return fail(ErrorCode::Unsupported,
                    "a signal {} comes in, expected (channels, [height,] "
                    "width)",
                    toString(from.shape));
    Window window{kernel, *stride, *dilation, {}};
    const OnnxAttribute *pads = attributeOf(node, "pads");
    auto border = borderFrom(
        pads == nullptr ? std::vector<double>{}
                        : std::vector<double>(pads->integers.begin(), pads->integers.end()));
    if (!border)
        return failed(border);
    window.padding = *border;
    const OnnxAttribute *mode = attributeOf(node, "auto_pad");
    if (mode == nullptr || mode->text == "NOTSET" || mode->text.empty())
        return window;
    if (mode->text == "VALID") {
        window.padding = {};
        return window;
    }
    if ((mode->text != "SAME_UPPER" && mode->text != "SAME_LOWER") || stride->height == 0 ||
        stride->width == 0 || kernel.height == 0 || kernel.width == 0)
        return fail(ErrorCode::Unsupported, "auto_pad: '{}'", mode->text);
    const Grid grid = gridOf(from.shape);
    const std::uint32_t rows =
        samePad(grid.height, kernel.height, stride->height, dilation->height);
    const std::uint32_t columns = samePad(grid.width, kernel.width, stride->width, dilation->width);
    window.padding = mode->text == "SAME_UPPER"
                         ? Border{rows / 2, columns / 2, rows - rows / 2, columns - columns / 2}
                         : Border{rows - rows / 2, columns - columns / 2, rows / 2, columns / 2};
    return window;
}

Result<Weights> OnnxImport::kernels(const OnnxNode &node) {
    auto weight = constant(node, 1);
    if (!weight)
        return failed(weight);
    std::vector<std::int64_t> sides = weight->sides;
    if (sides.size() == 3)
        sides.insert(sides.begin() + 2, 1);
    if (sides.size() != 4)
        return fail(ErrorCode::Unsupported, "weight: {} sides, supported are 3 and 4",
                    weight->sides.size());
    const auto shape = SignalShape::make(sides);
    if (!shape)
        return fail(ErrorCode::BadFile, "weight: {}", shape.error().message);
    auto values = constants_.floats(*weight);
    if (!values)
        return failed(values);
    return Weights{*shape, std::move(*values)};
}

Result<std::vector<float>> OnnxImport::bias(const OnnxNode &node, std::size_t index,
                                            std::size_t count) {
    if (!given(node, index))
        return std::vector<float>{};
    const auto stored = constant(node, index);
    if (!stored)
        return tl::make_unexpected(stored.error());
    auto values = constants_.floats(*stored);
    if (values && values->size() == 1 && count != 1)
        values->assign(count, values->front());
    if (values && values->size() != count)
        return fail(ErrorCode::BadFile, "input {}: {} numbers, expected {}", index + 1,
                    values->size(), count);
    return values;
}

Result<void> OnnxImport::conv(const OnnxNode &node) {
    const auto from = signal(node, 0, true);
    if (!from)
        return tl::make_unexpected(from.error());
    auto weight = kernels(node);
    if (!weight)
        return failed(weight);
    const auto &sides = weight->shape.sides;
    const auto place = window(node, {sides[2], sides[3]}, *from);
    if (!place)
        return tl::make_unexpected(place.error());
    auto offset = bias(node, 2, sides[0]);
    if (!offset)
        return failed(offset);
    const std::int64_t groups = integerOf(node, "group", 1);
    if (groups < 1 || groups > static_cast<std::int64_t>(sides[0]))
        return fail(ErrorCode::BadFile, "group: {}, allowed are 1 to {}", groups, sides[0]);
    Border padding = place->padding;
    padding.top += from->padding.top;
    padding.left += from->padding.left;
    padding.bottom += from->padding.bottom;
    padding.right += from->padding.right;
    return emit(node,
                Conv2d{std::move(*weight), std::move(*offset), place->stride, padding,
                       place->dilation, static_cast<std::uint32_t>(groups)},
                std::span(&*from, 1));
}

Result<void> OnnxImport::convTranspose(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    auto weight = kernels(node);
    if (!weight)
        return failed(weight);
    const OnnxAttribute *mode = attributeOf(node, "auto_pad");
    if (attributeOf(node, "output_shape") != nullptr ||
        (mode != nullptr && mode->text.substr(0, 4) == "SAME"))
        return fail(ErrorCode::Unsupported, "output_shape and auto_pad: export explicit pads");
    const auto &sides = weight->shape.sides;
    const auto place = window(node, {sides[2], sides[3]}, *from);
    const auto extra = sizeOf(node, "output_padding", {0, 0});
    if (!place || !extra)
        return tl::make_unexpected(place ? extra.error() : place.error());
    const std::int64_t groups = integerOf(node, "group", 1);
    if (groups < 1 || groups > static_cast<std::int64_t>(sides[0]))
        return fail(ErrorCode::BadFile, "group: {}, allowed are 1 to {}", groups, sides[0]);
    const auto outputs = static_cast<std::size_t>(groups) * sides[1];
    auto offset = bias(node, 2, outputs);
    if (!offset)
        return failed(offset);
    // A list of one side leaves the height alone.
    Size2 more = *extra;
    if (from->shape.rank == 2)
        more.height = 0;
    return emit(node,
                ConvTranspose2d{std::move(*weight), std::move(*offset), place->stride,
                                place->padding, place->dilation, more,
                                static_cast<std::uint32_t>(groups)},
                std::span(&*from, 1));
}

Result<void> OnnxImport::gemm(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    auto weight = constant(node, 1);
    if (!weight)
        return failed(weight);
    if (weight->sides.size() != 2 || integerOf(node, "transA", 0) != 0)
        return fail(ErrorCode::Unsupported,
                    "only the product of a signal (N) with a constant matrix is supported");
    // Layers hold (out, in).
    if (node.type == "MatMul" || integerOf(node, "transB", 0) == 0) {
        if (weight->stored == nullptr)
            return fail(ErrorCode::Unsupported, "a computed matrix");
        weight->transposed = !weight->transposed;
        std::swap(weight->sides[0], weight->sides[1]);
    }
    const auto shape = SignalShape::make(weight->sides);
    if (!shape)
        return fail(ErrorCode::BadFile, "weight: {}", shape.error().message);
    auto values = constants_.floats(*weight);
    auto offset = bias(node, 2, shape->sides[0]);
    if (!values || !offset)
        return tl::make_unexpected(values ? offset.error() : values.error());
    const OnnxAttribute *alpha = attributeOf(node, "alpha");
    const OnnxAttribute *beta = attributeOf(node, "beta");
    for (float &value : *values)
        value *= alpha == nullptr ? 1 : alpha->single;
    for (float &value : *offset)
        value *= beta == nullptr ? 1 : beta->single;
    return emit(node, Linear{{*shape, std::move(*values)}, std::move(*offset)},
                std::span(&*from, 1));
}

Result<void> OnnxImport::batchNormalisation(const OnnxNode &node) {
    const auto from = signal(node, 0);
    if (!from)
        return tl::make_unexpected(from.error());
    if (integerOf(node, "training_mode", 0) != 0)
        return fail(ErrorCode::Unsupported, "training_mode: export the network for inference");
    std::vector<std::vector<float>> all;
    for (std::size_t i = 1; i < 5; ++i) {
        auto values = bias(node, i, from->shape.channels());
        if (!values)
            return failed(values);
        if (values->empty())
            return fail(ErrorCode::BadFile, "input {} is missing", i + 1);
        all.push_back(std::move(*values));
    }
    const OnnxAttribute *told = attributeOf(node, "epsilon");
    const double epsilon = told == nullptr ? 1e-5 : double{told->single};
    std::vector<float> factor(all[0].size());
    std::vector<float> offset(all[0].size());
    for (std::size_t c = 0; c < factor.size(); ++c) {
        const double gain = double{all[0][c]} / std::sqrt(double{all[3][c]} + epsilon);
        factor[c] = static_cast<float>(gain);
        offset[c] = static_cast<float>(double{all[1][c]} - gain * double{all[2][c]});
    }
    return emit(node, Scale{Parameter(std::move(factor)), Parameter(std::move(offset))},
                std::span(&*from, 1));
}

Result<void> OnnxImport::pool(const OnnxNode &node) {
    const bool average = node.type == "AveragePool";
    const bool counts = integerOf(node, "count_include_pad", 0) != 0;
    const auto from = signal(node, 0, average);
    if (!from)
        return tl::make_unexpected(from.error());
    const auto kernel = sizeOf(node, "kernel_shape", {0, 0});
    if (!kernel)
        return tl::make_unexpected(kernel.error());
    auto place = window(node, *kernel, *from);
    if (!place)
        return failed(place);
    if (place->dilation != Size2{1, 1} || integerOf(node, "storage_order", 0) != 0 ||
        (node.outputs.size() > 1 && uses_.contains(node.outputs[1])))
        return fail(ErrorCode::Unsupported, "dilated pools, storage_order and indices");
    if (place->stride.height == 0 || place->stride.width == 0)
        return fail(ErrorCode::BadFile, "strides: 0");
    Border &border = place->padding;
    const bool outside = from->padding != Border{};
    if (outside && border != Border{} && !counts)
        return fail(ErrorCode::Unsupported, "an average that counts some of the padding only");
    border.top += from->padding.top;
    border.left += from->padding.left;
    border.bottom += from->padding.bottom;
    border.right += from->padding.right;
    bool counted = average ? counts || outside : true;
    if (border == Border{})
        counted = true;
    if (integerOf(node, "ceil_mode", 0) != 0) {
        // The last window may hang over: zeros that do not count. A window all outside is left out.
        const Grid grid = gridOf(from->shape);
        const auto over = [](std::size_t side, std::uint32_t before, std::uint32_t &after,
                             std::uint32_t size, std::uint32_t stride) {
            const std::size_t padded = side + before + after;
            if (padded < size || (padded - size) % stride == 0)
                return false;
            const std::uint32_t more =
                stride - static_cast<std::uint32_t>((padded - size) % stride);
            if (padded - size + more >= side + before)
                return false;
            after += more;
            return true;
        };
        const bool rows =
            over(grid.height, border.top, border.bottom, kernel->height, place->stride.height);
        const bool columns =
            over(grid.width, border.left, border.right, kernel->width, place->stride.width);
        if (average && (rows || columns)) {
            if (counts || outside)
                return fail(ErrorCode::Unsupported,
                            "ceil_mode of an average that counts its padding");
            counted = false;
        }
    }
    return emit(node,
                Pool2d{average ? PoolKind::Average : PoolKind::Max, *kernel, place->stride, border,
                       counted},
                std::span(&*from, 1));
}

Result<void> OnnxImport::pad(const OnnxNode &node) {
    auto from = signal(node, 0, true);
    if (!from)
        return failed(from);
    const OnnxAttribute *mode = attributeOf(node, "mode");
    const auto pads = list(node, "pads", 1);
    if (!pads)
        return tl::make_unexpected(pads.error());
    const std::size_t rank = from->shape.rank + 1;
    double value = 0;
    if (const OnnxAttribute *attribute = attributeOf(node, "value"))
        value = attribute->single;
    if (given(node, 2)) {
        const auto told = numbers(node, 2);
        if (!told)
            return tl::make_unexpected(told.error());
        value = told->empty() ? 0 : told->front();
    }
    const bool none = std::all_of(pads->begin(), pads->end(), [](double p) { return p == 0; });
    if (given(node, 3) || pads->size() != 2 * rank ||
        (!none && ((mode != nullptr && mode->text != "constant" && !mode->text.empty()) ||
                   value != 0 || (rank != 3 && rank != 4))))
        return fail(ErrorCode::Unsupported, "only zeros around a picture are supported");
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}, rank, rank + 1})
        if ((*pads)[side] != 0)
            return fail(ErrorCode::Unsupported, "pads: batch and channels cannot be padded");
    std::vector<double> inner(pads->begin() + 2, pads->begin() + static_cast<std::ptrdiff_t>(rank));
    inner.insert(inner.end(), pads->begin() + static_cast<std::ptrdiff_t>(rank + 2), pads->end());
    if (!none) {
        const auto border = borderFrom(inner);
        if (!border)
            return tl::make_unexpected(border.error());
        if (from->padding != Border{}) {
            from = signal(node, 0);
            if (!from)
                return failed(from);
        }
        from->padding = *border;
    }
    give(node, std::move(*from));
    return {};
}

}  // namespace fovea
