// SPDX-License-Identifier: Apache-2.0
// Threshold, erosion and components by OpenCV, the last two only where something is above.
#include "engine/detect/attention_boxes.h"

#include <algorithm>
#include <bit>
#include <opencv2/imgproc.hpp>

namespace fovea {

struct AttentionBoxes::Pictures {
    cv::Mat mask, eroded, labels, stats, centroids;
    cv::Mat square = cv::Mat::ones(7, 7, CV_8U);
};

AttentionBoxes::AttentionBoxes() : pictures_(std::make_unique<Pictures>()) {
    // OpenCV's own threads look for work for longer than these pictures take.
    cv::setNumThreads(1);
}

AttentionBoxes::~AttentionBoxes() = default;

std::span<const AttentionBox> AttentionBoxes::find(const float *potential, int width, int height,
                                                   std::size_t stride) {
    Pictures &p = *pictures_;
    boxes_.clear();
    // OpenCV has no view of constant memory; nobody here writes through it.
    const cv::Mat field(height, width, CV_32F, const_cast<float *>(potential),
                        stride * sizeof(float));
    cv::compare(field, threshold, p.mask, cv::CMP_GT);
    if (cv::boundingRect(p.mask).empty())
        return boxes_;
    // Outside of the picture counts as above: OpenCV's default border for erosion.
    cv::erode(p.mask, p.eroded, p.square);
    label(width, height);
    return boxes_;
}

std::span<const AttentionBox> AttentionBoxes::label(const std::uint64_t *eroded, int width,
                                                    int height) {
    boxes_.clear();
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    const std::size_t words = (pixels + 63) / 64;
    if (std::all_of(eroded, eroded + words, [](std::uint64_t word) { return word == 0; }))
        return boxes_;
    cv::Mat &mask = pictures_->eroded;
    mask = cv::Mat::zeros(height, width, CV_8U);
    for (std::size_t word = 0; word < words; ++word)
        for (std::uint64_t bits = eroded[word]; bits != 0; bits &= bits - 1)
            mask.data[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] = 255;
    label(width, height);
    return boxes_;
}

void AttentionBoxes::label(int width, int height) {
    constexpr int side = 7;
    Pictures &p = *pictures_;
    const cv::Rect part = cv::boundingRect(p.eroded);
    if (part.empty())
        return;
    const int count =
        cv::connectedComponentsWithStats(p.eroded(part), p.labels, p.stats, p.centroids, 8);
    order_.clear();
    for (int i = 1; i < count; ++i) {
        const int top = p.stats.at<int>(i, cv::CC_STAT_TOP);
        const int *labels = p.labels.ptr<int>(top);
        int column = p.stats.at<int>(i, cv::CC_STAT_LEFT);
        while (labels[column] != i)
            ++column;
        order_.push_back({top, column, i});
    }
    std::sort(order_.begin(), order_.end());
    for (const auto &[row, column, i] : order_) {
        const int top = part.y + row;
        const int left = part.x + p.stats.at<int>(i, cv::CC_STAT_LEFT);
        const int row1 = top + p.stats.at<int>(i, cv::CC_STAT_HEIGHT) + side;
        const int col1 = left + p.stats.at<int>(i, cv::CC_STAT_WIDTH) + side;
        boxes_.push_back({std::max(0, top - side), std::max(0, left - side),
                          row1 < height ? row1 : height - 1, col1 < width ? col1 : width - 1});
    }
}

}  // namespace fovea
