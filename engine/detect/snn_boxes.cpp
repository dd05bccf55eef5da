// SPDX-License-Identifier: Apache-2.0
// Outputs to scores, tiles and boxes in display pixels.
#include "engine/detect/snn_boxes.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

float logistic(float x) {
    return 1 / (1 + std::exp(-x));
}

/// Bounded, so that a wild network gives no infinite box.
float size(float x) {
    return std::exp(std::clamp(x, -8.0F, 8.0F));
}

Box clippedTo(Box box, PlaneShape shape) {
    const float right = std::min(box.x + box.w, static_cast<float>(shape.width));
    const float bottom = std::min(box.y + box.h, static_cast<float>(shape.height));
    box.x = std::max(box.x, 0.0F);
    box.y = std::max(box.y, 0.0F);
    return {box.x, box.y, std::max(0.0F, right - box.x), std::max(0.0F, bottom - box.y)};
}

/// From input pixels of a tile to the camera's.
Box inCamera(const Box &box, const FrameFit &fit, std::size_t tile) {
    const FrameFit::Place place = fit.tiles()[tile];
    const auto sx = static_cast<float>(fit.scaleX());
    const auto sy = static_cast<float>(fit.scaleY());
    return clippedTo({static_cast<float>(place.x) + box.x * sx,
                      static_cast<float>(place.y) + box.y * sy, box.w * sx, box.h * sy},
                     fit.camera());
}

void keepBest(std::vector<Detection> &detections) {
    std::stable_sort(detections.begin(), detections.end(),
                     [](const Detection &a, const Detection &b) { return a.score > b.score; });
    std::vector<Detection> kept;
    for (const Detection &one : detections)
        if (std::none_of(kept.begin(), kept.end(),
                         [&](const Detection &better) { return iou(better.box, one.box) > 0.5F; }))
            kept.push_back(one);
    detections = std::move(kept);
}

}  // namespace

std::vector<float> softmax(std::span<const float> values) {
    std::vector<float> scores(values.begin(), values.end());
    if (scores.empty())
        return scores;
    const float top = *std::max_element(scores.begin(), scores.end());
    float sum = 0;
    for (float &score : scores) {
        score = std::exp(score - top);
        sum += score;
    }
    for (float &score : scores)
        score /= sum;
    return scores;
}

int largest(std::span<const float> values) {
    return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

void decodeTiles(const StreamForm &form, const FrameFit &fit, std::span<const float> outputs,
                 std::vector<Detection> &detections) {
    const std::size_t classes = form.classes.size();
    detections.clear();
    for (std::size_t tile = 0; tile < fit.tiles().size(); ++tile) {
        const std::vector<float> scores = softmax(outputs.subspan(tile * classes, classes));
        const int best = largest(scores);
        const float score = scores[static_cast<std::size_t>(best)];
        if (score < form.threshold)
            continue;
        const Box whole{0, 0, static_cast<float>(fit.network().width),
                        static_cast<float>(fit.network().height)};
        detections.push_back({inCamera(whole, fit, tile), score, best});
    }
}

void decodeBoxes(const StreamForm &form, const FrameFit &fit, const SignalShape &grid,
                 std::span<const float> outputs, std::vector<Detection> &detections) {
    const std::size_t rows = grid.sides[1];
    const std::size_t columns = grid.sides[2];
    const std::size_t cells = rows * columns;
    const std::size_t classes = form.classes.size();
    const float cellWidth = static_cast<float>(form.shape.width) / static_cast<float>(columns);
    const float cellHeight = static_cast<float>(form.shape.height) / static_cast<float>(rows);
    std::vector<float> kinds(classes);
    detections.clear();
    for (std::size_t tile = 0; tile < fit.tiles().size(); ++tile)
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const float *const values = outputs.data() + tile * grid.elements() + cell;
            float score = logistic(values[0]);
            int label = -1;
            if (classes > 0) {
                for (std::size_t k = 0; k < classes; ++k)
                    kinds[k] = values[(5 + k) * cells];
                label = largest(kinds);
                score *= softmax(kinds)[static_cast<std::size_t>(label)];
            }
            if (!(score >= form.threshold))
                continue;
            const float w = size(values[3 * cells]) * cellWidth;
            const float h = size(values[4 * cells]) * cellHeight;
            const float x =
                (static_cast<float>(cell % columns) + logistic(values[cells])) * cellWidth;
            const float y =
                (static_cast<float>(cell / columns) + logistic(values[2 * cells])) * cellHeight;
            const Box box = inCamera({x - w / 2, y - h / 2, w, h}, fit, tile);
            if (box.area() > 0)
                detections.push_back({box, score, label});
        }
    keepBest(detections);
    std::stable_sort(
        detections.begin(), detections.end(),
        [](const Detection &a, const Detection &b) { return a.box.area() > b.box.area(); });
}

}  // namespace fovea
