// SPDX-License-Identifier: Apache-2.0
// Accuracy over latency as a picture.
#include "app/fovea/model_trial.h"

#include "app/fovea/pictures.h"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

namespace fovea {

namespace {

constexpr int width = 900;
constexpr int height = 600;
constexpr int left = 90;
constexpr int right = 30;
constexpr int top = 50;
constexpr int bottom = 80;
const cv::Scalar ink(40, 40, 40);
const cv::Scalar grid(225, 225, 225);

/// The frame: steps to the right, accuracy upwards from `low` to 1.
struct Axes {
    std::size_t steps;
    double low;

    [[nodiscard]] cv::Point at(double step, double accuracy) const {
        const double x = steps > 1 ? (step - 1) / static_cast<double>(steps - 1) : 0.5;
        const double y = (accuracy - low) / (1 - low);
        return {left + static_cast<int>(x * (width - left - right)),
                height - bottom - static_cast<int>(y * (height - top - bottom))};
    }
};

void write(cv::Mat &picture, const std::string &text, cv::Point at, const cv::Scalar &colour) {
    cv::putText(picture, text, at, cv::FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv::LINE_AA);
}

void drawFrame(cv::Mat &picture, const Axes &axes) {
    for (int i = 0; i <= 10; ++i) {
        const double accuracy = axes.low + (1 - axes.low) * i / 10;
        cv::line(picture, axes.at(1, accuracy), axes.at(static_cast<double>(axes.steps), accuracy),
                 grid);
        write(picture, fmt::format("{:.2f} %", 100 * accuracy), {10, axes.at(1, accuracy).y + 5},
              ink);
    }
    const std::size_t every = std::max<std::size_t>(1, axes.steps / 16);
    for (std::size_t step = 1; step <= axes.steps; step += every) {
        const cv::Point at = axes.at(static_cast<double>(step), axes.low);
        cv::line(picture, at, axes.at(static_cast<double>(step), 1), grid);
        write(picture, fmt::format("{}", step), {at.x - 5, at.y + 20}, ink);
    }
    write(picture, "total steps (latency, calibration counted)", {width / 2 - 160, height - 25},
          ink);
    write(picture, "accuracy over latency", {left, 30}, ink);
}

}  // namespace

Result<void> plotCurves(std::span<const Candidate> candidates, std::optional<double> ann,
                        const std::string &path) {
    static const std::array<cv::Scalar, 3> colours = {
        cv::Scalar(180, 119, 31), cv::Scalar(14, 127, 255), cv::Scalar(44, 160, 44)};
    Axes axes{2, ann.value_or(1)};
    for (const Candidate &one : candidates) {
        axes.steps = std::max(axes.steps, one.result.totalSteps);
        for (std::size_t t = 1; t <= one.result.correct.size(); ++t)
            axes.low = std::min(axes.low, one.result.accuracy(t));
    }
    axes.low = std::max(0.0, axes.low - 0.02);
    cv::Mat picture(height, width, CV_8UC3, cv::Scalar::all(255));
    drawFrame(picture, axes);
    if (ann) {
        for (int x = left; x < width - right; x += 12) {
            const int y = axes.at(1, *ann).y;
            cv::line(picture, {x, y}, {x + 6, y}, ink, 1, cv::LINE_AA);
        }
        write(picture, fmt::format("ANN {:.2f} %", 100 * *ann), {width - 160, 30}, ink);
    }
    int legend = left + 220;
    for (const Candidate &one : candidates) {
        const auto mode = static_cast<std::size_t>(one.inference.mode);
        const cv::Scalar &colour = colours[mode % colours.size()];
        const double before = one.inference.mode == InferenceMode::If
                                  ? 0
                                  : static_cast<double>(one.inference.calibration);
        for (std::size_t t = 1; t <= one.result.correct.size(); ++t) {
            const cv::Point at = axes.at(before + static_cast<double>(t), one.result.accuracy(t));
            cv::circle(picture, at, 4, colour, cv::FILLED, cv::LINE_AA);
            if (t > 1)
                cv::line(picture,
                         axes.at(before + static_cast<double>(t) - 1, one.result.accuracy(t - 1)),
                         at, colour, 2, cv::LINE_AA);
        }
        write(picture, std::string(toString(one.inference.mode)), {legend, 30}, colour);
        legend += 60;
    }
    return writePng(path, picture);
}

}  // namespace fovea
