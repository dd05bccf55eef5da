// SPDX-License-Identifier: Apache-2.0
// PSNR and SSIM with OpenCV's filters, in the precision in which each peer computes.
#include "engine/quality/image_quality.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <opencv2/imgproc.hpp>

namespace fovea {

namespace {

template <class T>
Result<void> checkSizes(std::span<const T> picture, std::span<const T> reference,
                        PlaneShape shape) {
    if (picture.size() != shape.pixels() || reference.size() != shape.pixels())
        return fail(ErrorCode::InvalidArgument,
                    "quality: pictures of {} and {} pixels, expected {} for {}", picture.size(),
                    reference.size(), shape.pixels(), toString(shape));
    return {};
}

/// The values as a matrix of doubles.
cv::Mat matrixOf(std::span<const std::uint8_t> picture, PlaneShape shape) {
    cv::Mat matrix(static_cast<int>(shape.height), static_cast<int>(shape.width), CV_64F);
    std::copy(picture.begin(), picture.end(), matrix.begin<double>());
    return matrix;
}

/// [0, 1] to [-1, 1], in single precision.
cv::Mat stretchedMatrixOf(std::span<const float> picture, PlaneShape shape) {
    cv::Mat matrix(static_cast<int>(shape.height), static_cast<int>(shape.width), CV_32F);
    std::transform(picture.begin(), picture.end(), matrix.begin<float>(),
                   [](float level) { return std::clamp(level * 2 - 1, -1.0F, 1.0F); });
    return matrix;
}

double peakRatio(const cv::Mat &a, const cv::Mat &b, double range) {
    const cv::Mat difference = a - b;
    const double mean = difference.dot(difference) / static_cast<double>(difference.total());
    if (mean == 0)
        return std::numeric_limits<double>::infinity();
    return 20 * std::log10(range / std::sqrt(mean));
}

/// `mean` is the windowed mean, `covariance` what population covariances are multiplied by.
double similarity(const cv::Mat &a, const cv::Mat &b, int window, double covariance, double range,
                  const std::function<cv::Mat(const cv::Mat &)> &mean) {
    const int margin = window / 2;
    const cv::Rect inside(margin, margin, a.cols - 2 * margin, a.rows - 2 * margin);
    const auto valid = [&](const cv::Mat &matrix) { return mean(matrix)(inside).clone(); };
    const cv::Mat meanA = valid(a);
    const cv::Mat meanB = valid(b);
    const cv::Mat meanAA = meanA.mul(meanA);
    const cv::Mat meanBB = meanB.mul(meanB);
    const cv::Mat meanAB = meanA.mul(meanB);
    const cv::Mat varianceA = covariance * (valid(a.mul(a)) - meanAA);
    const cv::Mat varianceB = covariance * (valid(b.mul(b)) - meanBB);
    const cv::Mat both = covariance * (valid(a.mul(b)) - meanAB);
    const double c1 = std::pow(0.01 * range, 2);
    const double c2 = std::pow(0.03 * range, 2);
    const cv::Mat above = (2 * meanAB + c1).mul(2 * both + c2);
    const cv::Mat below = (meanAA + meanBB + c1).mul(varianceA + varianceB + c2);
    const cv::Mat map = above / below;
    return cv::mean(map)[0];
}

Result<void> checkWindow(PlaneShape shape, std::uint32_t window) {
    if (shape.width < window || shape.height < window)
        return fail(ErrorCode::Unsupported, "SSIM: picture is {}, at least {}x{} is needed",
                    toString(shape), window, window);
    return {};
}

}  // namespace

Result<double> psnr(std::span<const std::uint8_t> picture, std::span<const std::uint8_t> reference,
                    PlaneShape shape) {
    if (auto good = checkSizes(picture, reference, shape); !good)
        return failed(good);
    return peakRatio(matrixOf(picture, shape), matrixOf(reference, shape), 255);
}

Result<double> ssim(std::span<const std::uint8_t> picture, std::span<const std::uint8_t> reference,
                    PlaneShape shape) {
    constexpr int window = 11;
    if (auto good = checkSizes(picture, reference, shape); !good)
        return failed(good);
    if (auto good = checkWindow(shape, window); !good)
        return failed(good);
    const cv::Mat kernel = cv::getGaussianKernel(window, 1.5, CV_64F);
    return similarity(matrixOf(picture, shape), matrixOf(reference, shape), window, 1, 255,
                      [&](const cv::Mat &matrix) {
                          cv::Mat mean;
                          cv::sepFilter2D(matrix, mean, CV_64F, kernel, kernel);
                          return mean;
                      });
}

Result<double> zooPsnr(std::span<const float> picture, std::span<const float> reference,
                       PlaneShape shape) {
    if (auto good = checkSizes(picture, reference, shape); !good)
        return failed(good);
    return peakRatio(stretchedMatrixOf(picture, shape), stretchedMatrixOf(reference, shape), 2);
}

Result<double> zooSsim(std::span<const float> picture, std::span<const float> reference,
                       PlaneShape shape) {
    constexpr int window = 7;
    constexpr double samples = window * window;
    if (auto good = checkSizes(picture, reference, shape); !good)
        return failed(good);
    if (auto good = checkWindow(shape, window); !good)
        return failed(good);
    return similarity(stretchedMatrixOf(picture, shape), stretchedMatrixOf(reference, shape),
                      window, samples / (samples - 1), 2, [](const cv::Mat &matrix) {
                          // One axis after the other, each rounded, as scipy does it.
                          cv::Mat columns;
                          cv::Mat mean;
                          cv::boxFilter(matrix, columns, CV_32F, {1, window});
                          cv::boxFilter(columns, mean, CV_32F, {window, 1});
                          return mean;
                      });
}

}  // namespace fovea
