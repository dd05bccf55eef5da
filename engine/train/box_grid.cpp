// SPDX-License-Identifier: Apache-2.0
// Boxes to cells and back.
#include "engine/train/box_grid.h"

#include "engine/detect/snn_boxes.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr float nearCell = 0.25F;  ///< so many cells beside a cell its answer is nobody's fault
constexpr double boxWeight = 5;
constexpr float leastScore = 0.05F;
constexpr std::uint32_t cellPixels = 16;  ///< of the meter's picture; any will do

/// The target's boxes, in cells.
std::vector<ScoredBox> trueBoxes(std::span<const float> target, std::size_t columns,
                                 std::size_t cells, std::uint64_t frame) {
    std::vector<ScoredBox> boxes;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const auto value = [&](std::size_t plane) { return target[plane * cells + cell]; };
        if (value(0) < 0.5F)
            continue;
        const float w = std::exp(value(3));
        const float h = std::exp(value(4));
        const float x = static_cast<float>(cell % columns) + value(1);
        const float y = static_cast<float>(cell / columns) + value(2);
        boxes.push_back({frame, {x - w / 2, y - h / 2, w, h}, static_cast<int>(value(5)), 1});
    }
    return boxes;
}

}  // namespace

void encodeBoxes(std::span<const Track> objects, PlaneShape shape, std::size_t columns,
                 std::size_t rows, std::span<float> target) {
    std::fill(target.begin(), target.end(), 0.0F);
    const std::size_t cells = columns * rows;
    const float cellWidth = static_cast<float>(shape.width) / static_cast<float>(columns);
    const float cellHeight = static_cast<float>(shape.height) / static_cast<float>(rows);
    const auto cellOf = [](float place, std::size_t count) {
        return static_cast<std::size_t>(
            std::clamp(std::floor(place), 0.0F, static_cast<float>(count - 1)));
    };
    const auto centre = [&](const Track &object) {
        return std::pair((object.box.x + object.box.w / 2) / cellWidth,
                         (object.box.y + object.box.h / 2) / cellHeight);
    };
    for (const Track &object : objects) {
        const auto [x, y] = centre(object);
        for (std::size_t row = cellOf(y - nearCell, rows); row <= cellOf(y + nearCell, rows); ++row)
            for (std::size_t column = cellOf(x - nearCell, columns);
                 column <= cellOf(x + nearCell, columns); ++column)
                target[row * columns + column] = -1;
    }
    for (const Track &object : objects) {
        const auto [x, y] = centre(object);
        const std::size_t row = cellOf(y, rows);
        const std::size_t column = cellOf(x, columns);
        float *const own = target.data() + row * columns + column;
        own[0] = 1;
        own[cells] = std::clamp(x - static_cast<float>(column), 0.0F, 1.0F);
        own[2 * cells] = std::clamp(y - static_cast<float>(row), 0.0F, 1.0F);
        own[3 * cells] = std::log(std::max(object.box.w / cellWidth, 1e-3F));
        own[4 * cells] = std::log(std::max(object.box.h / cellHeight, 1e-3F));
        own[5 * cells] = static_cast<float>(std::max(object.label, 0));
    }
}

at::Tensor boxLoss(const at::Tensor &grid, const at::Tensor &targets) {
    const auto planes = static_cast<std::int64_t>(boxTargetPlanes);
    const std::int64_t cells = targets.size(1) / planes;
    const at::Tensor given = grid.reshape({targets.size(0), -1, cells});
    const at::Tensor wanted = targets.reshape({targets.size(0), planes, cells});
    const at::Tensor score = wanted.select(1, 0);
    const at::Tensor here = score > 0.5;
    const at::Tensor objects = here.sum().clamp_min(1);
    const at::Tensor scores =
        (at::binary_cross_entropy_with_logits(given.select(1, 0), here.to(at::kFloat), {}, {},
                                              at::Reduction::None) *
         (score >= 0))
            .sum();
    // Cells with an object: object x values.
    const at::Tensor own = given.transpose(1, 2).index({here});
    const at::Tensor truth = wanted.transpose(1, 2).index({here});
    const at::Tensor squares =
        (own.slice(1, 1, 3).sigmoid() - truth.slice(1, 1, 3)).square().sum() +
        (own.slice(1, 3, 5) - truth.slice(1, 3, 5)).square().sum();
    at::Tensor loss = scores + boxWeight * squares;
    if (given.size(1) > 5 && own.size(0) > 0)
        loss = loss + at::cross_entropy_loss(own.slice(1, 5), truth.select(1, 5).to(at::kLong), {},
                                             at::Reduction::Sum);
    return loss / objects;
}

void BoxMeter::add(const at::Tensor &grid, std::span<const float> targets) {
    const at::Tensor flat = grid.to(at::kFloat).contiguous();
    const auto samples = static_cast<std::size_t>(flat.size(0));
    const auto rows = static_cast<std::size_t>(flat.size(2));
    const auto columns = static_cast<std::size_t>(flat.size(3));
    const auto values = static_cast<std::size_t>(flat.size(1)) * rows * columns;
    const std::size_t wanted = boxTargetPlanes * rows * columns;
    for (std::size_t i = 0; i < samples; ++i)
        add({flat.data_ptr<float>() + i * values, values}, columns, rows,
            targets.subspan(i * wanted, wanted));
}

void BoxMeter::add(std::span<const float> grid, std::size_t columns, std::size_t rows,
                   std::span<const float> target) {
    const std::size_t cells = columns * rows;
    StreamForm form;
    form.shape = {static_cast<std::uint32_t>(columns) * cellPixels,
                  static_cast<std::uint32_t>(rows) * cellPixels};
    form.classes.resize(grid.size() / cells - 5);
    form.threshold = leastScore;
    const auto fit = FrameFit::make(form.shape, form.shape, ModelFit::Exact);
    std::vector<Detection> boxes;
    decodeBoxes(
        form, *fit,
        SignalShape::of({static_cast<std::uint32_t>(grid.size() / cells),
                         static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(columns)}),
        grid, boxes);
    for (const Detection &one : boxes)
        found_.push_back({frame_, one.box, std::max(one.label, 0), one.score});
    for (ScoredBox one : trueBoxes(target, columns, cells, frame_)) {
        constexpr auto scale = static_cast<float>(cellPixels);
        one.box = {one.box.x * scale, one.box.y * scale, one.box.w * scale, one.box.h * scale};
        truth_.push_back(one);
    }
    ++frame_;
}

double BoxMeter::meanPrecision() const {
    return evaluatePrecision(truth_, found_).mean;
}

}  // namespace fovea
