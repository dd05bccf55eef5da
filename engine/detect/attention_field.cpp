// SPDX-License-Identifier: Apache-2.0
// The kernel is a Gaussian minus a constant: two separable filters instead of (2B+1)^2 products.
#include "engine/detect/attention_field.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fovea {

struct AttentionField::Field {
    cv::Mat potential, input, smooth, box;
    cv::Mat gaussian, ones;
    double corner = 0;
};

AttentionField::AttentionField(int attentionSize, PlaneShape shape)
    : shape_(shape), field_(std::make_unique<Field>()) {
    Field &f = *field_;
    const std::vector<double> gaussian = weights(attentionSize);
    const int size = static_cast<int>(gaussian.size());
    f.gaussian.create(size, 1, CV_64F);
    std::copy(gaussian.begin(), gaussian.end(), f.gaussian.ptr<double>());
    f.corner = f.gaussian.at<double>(0) * f.gaussian.at<double>(0);
    f.ones = cv::Mat::ones(size, 1, CV_64F);
    reset();
}

AttentionField::~AttentionField() = default;

std::vector<double> AttentionField::weights(int attentionSize) {
    const double sigma = std::nearbyint(attentionSize / 2.0) + 1;
    std::vector<double> weights;
    for (int x = -attentionSize; x <= attentionSize; ++x)
        weights.push_back(std::exp(-static_cast<double>(x) * x / (2 * sigma * sigma)));
    return weights;
}

void AttentionField::setPotential(std::span<const float> potential) {
    std::copy(potential.begin(), potential.end(), field_->potential.ptr<float>());
}

void AttentionField::reset() {
    const int rows = static_cast<int>(shape_.height);
    const int columns = static_cast<int>(shape_.width);
    field_->potential = cv::Mat::zeros(rows, columns, CV_32F);
    field_->input = cv::Mat::zeros(rows, columns, CV_64F);
}

void AttentionField::update(const std::uint64_t *spikes) {
    Field &f = *field_;
    auto *U = f.potential.ptr<float>();
    auto *input = f.input.ptr<double>();
    double sum = 0;
    for (std::size_t p = 0; p < shape_.pixels(); ++p) {
        const double positive = std::max(0.0F, U[p]);
        input[p] = positive * positive;
        sum += input[p];
    }
    const double scale = 1 / (1 + 0.01 * sum);
    for (std::size_t p = 0; p < shape_.pixels(); ++p)
        input[p] *= scale;
    for (std::size_t w = 0; w < shape_.words(); ++w)
        for (std::uint64_t bits = spikes[w]; bits != 0; bits &= bits - 1)
            input[w * 64 + static_cast<std::size_t>(std::countr_zero(bits))] += 1;
    const cv::Point centre(-1, -1);
    cv::sepFilter2D(f.input, f.smooth, CV_64F, f.gaussian, f.gaussian, centre, 0,
                    cv::BORDER_CONSTANT);
    cv::sepFilter2D(f.input, f.box, CV_64F, f.ones, f.ones, centre, 0, cv::BORDER_CONSTANT);
    const auto *smooth = f.smooth.ptr<double>();
    const auto *box = f.box.ptr<double>();
    for (std::size_t p = 0; p < shape_.pixels(); ++p) {
        const double drive = (smooth[p] - f.corner * box[p]) / (1 - f.corner);
        U[p] = static_cast<float>(U[p] + 0.5 * (drive - U[p]));
    }
}

std::span<const float> AttentionField::potential() const {
    return {field_->potential.ptr<float>(), shape_.pixels()};
}

std::span<const AttentionBox> AttentionField::boxes() {
    return boxes_.find(field_->potential.ptr<float>(), static_cast<int>(shape_.width),
                       static_cast<int>(shape_.height), shape_.width);
}

}  // namespace fovea
