// SPDX-License-Identifier: Apache-2.0
// PSNR and SSIM: values that can be worked out by hand, refusals, and the peers' golden values.
#include "engine/quality/image_quality.h"

#include "engine/core/random.h"
#include "engine/recon/reconstructor.h"
#include "engine/recon/zoo_models.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <regex>

using namespace fovea;

namespace {

using Grey = std::vector<std::uint8_t>;
using Levels = std::vector<float>;

Grey randomPicture(PlaneShape shape, std::uint64_t seed) {
    Grey grey(shape.pixels());
    for (std::size_t i = 0; i < grey.size(); ++i)
        grey[i] = static_cast<std::uint8_t>(randomAt(seed, 0, i));
    return grey;
}

/// SSIM as its formula reads, window by window.
double slowSsim(const std::vector<double> &a, const std::vector<double> &b, PlaneShape shape,
                const std::vector<double> &weights, double covariance, double range) {
    const std::size_t window = weights.size();
    const double c1 = 0.01 * range * 0.01 * range;
    const double c2 = 0.03 * range * 0.03 * range;
    double total = 0;
    std::size_t windows = 0;
    for (std::size_t top = 0; top + window <= shape.height; ++top)
        for (std::size_t left = 0; left + window <= shape.width; ++left) {
            double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
            for (std::size_t y = 0; y < window; ++y)
                for (std::size_t x = 0; x < window; ++x) {
                    const double weight = weights[y] * weights[x];
                    const std::size_t at = (top + y) * shape.width + left + x;
                    ma += weight * a[at];
                    mb += weight * b[at];
                    aa += weight * a[at] * a[at];
                    bb += weight * b[at] * b[at];
                    ab += weight * a[at] * b[at];
                }
            total += (2 * ma * mb + c1) * (2 * covariance * (ab - ma * mb) + c2) /
                     ((ma * ma + mb * mb + c1) * (covariance * (aa - ma * ma + bb - mb * mb) + c2));
            ++windows;
        }
    return total / static_cast<double>(windows);
}

Levels unitOf(const Grey &grey) {
    Levels levels(grey.size());
    for (std::size_t i = 0; i < grey.size(); ++i)
        levels[i] = static_cast<float>(grey[i]) / 255.0F;
    return levels;
}

}  // namespace

TEST_CASE("equal pictures are perfect", "[quality]") {
    const PlaneShape shape{20, 15};
    const Grey grey = randomPicture(shape, 1);
    CHECK(std::isinf(psnr(grey, grey, shape).value()));
    CHECK(ssim(grey, grey, shape).value() == Approx(1));
    CHECK(std::isinf(zooPsnr(unitOf(grey), unitOf(grey), shape).value()));
    CHECK(zooSsim(unitOf(grey), unitOf(grey), shape).value() == Approx(1));
}

TEST_CASE("PSNR is that of the mean square error", "[quality]") {
    const PlaneShape shape{4, 1};
    const Grey picture{10, 20, 30, 40};
    const Grey reference{10, 22, 30, 36};  // MSE (4 + 16) / 4 = 5
    CHECK(psnr(picture, reference, shape).value() == Approx(10 * std::log10(255.0 * 255 / 5)));
    CHECK(zooPsnr(unitOf(picture), unitOf(reference), shape).value() ==
          Approx(psnr(picture, reference, shape).value()));
    CHECK(psnr(Grey{0}, Grey{255}, {1, 1}).value() == Approx(0));
}

TEST_CASE("SSIM equals its formula, window by window", "[quality]") {
    const PlaneShape shape{23, 14};
    const Grey a = randomPicture(shape, 2);
    Grey b = randomPicture(shape, 3);
    for (std::size_t i = 0; i < b.size(); ++i)
        b[i] = static_cast<std::uint8_t>((3 * a[i] + b[i]) / 4);
    std::vector<double> gauss(11);
    double sum = 0;
    for (std::size_t i = 0; i < gauss.size(); ++i)
        sum += gauss[i] = std::exp(-std::pow(static_cast<double>(i) - 5, 2) / (2 * 1.5 * 1.5));
    for (double &weight : gauss)
        weight /= sum;
    const std::vector<double> da(a.begin(), a.end());
    const std::vector<double> db(b.begin(), b.end());
    CHECK(ssim(a, b, shape).value() ==
          Approx(slowSsim(da, db, shape, gauss, 1, 255)).epsilon(1e-10));
    std::vector<double> sa, sb;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sa.push_back(da[i] / 255 * 2 - 1);
        sb.push_back(db[i] / 255 * 2 - 1);
    }
    const std::vector<double> mean(7, 1.0 / 7);
    CHECK(zooSsim(unitOf(a), unitOf(b), shape).value() ==
          Approx(slowSsim(sa, sb, shape, mean, 49.0 / 48, 2)).epsilon(1e-6));
}

TEST_CASE("pictures that do not fit are refused", "[quality]") {
    const Grey grey(100);
    CHECK(psnr(grey, grey, {10, 9}).error().code == ErrorCode::InvalidArgument);
    CHECK(ssim(grey, Grey(99), {10, 10}).error().code == ErrorCode::InvalidArgument);
    CHECK(ssim(grey, grey, {10, 10}).error().code == ErrorCode::Unsupported);
    CHECK(zooSsim(Levels(36), Levels(36), {6, 6}).error().code == ErrorCode::Unsupported);
    CHECK(zooSsim(Levels(49), Levels(49), {7, 7}).value() == Approx(1));
    CHECK(ssim(Grey(121), Grey(121), {11, 11}).value() == Approx(1));
}

namespace {

/// What a key such as "spikecv_metric_tfp_h8_div0.6_u8" asks for.
struct Figure {
    bool zoo = false;    ///< whose metric
    std::string method;  ///< "tfp" or "tfi"
    char unit = 'h';     ///< h half window, m reach, w window of Spike-Zoo's model
    std::uint32_t size = 0;
    double rate = 0;  ///< divide by it; 0: SpikeCV's grey picture as it is
};

Figure parseFigure(const std::string &key) {
    static const std::regex form("(spikecv|zoo)(?:_metric)?_(tfp|tfi)_([hmw])([0-9]+)_"
                                 "(?:raw|div([0-9.]+)(?:_u8)?)");
    std::smatch match;
    if (!std::regex_match(key, match, form))
        throw std::runtime_error("golden value '" + key + "' has an unknown form");
    return {match[1] == "zoo", match[2], match[3].str()[0],
            static_cast<std::uint32_t>(std::stoul(match[4])),
            match[5].matched ? std::stod(match[5]) : 0};
}

Grey greyPicture(const Figure &figure, PlanePointers planes, PlaneShape shape) {
    ReconSettings settings;
    settings.method = parseReconMethod(figure.method).value();
    settings.window = figure.unit == 'h' ? 2 * figure.size + 1 : figure.size | 1;
    settings.reach = figure.unit == 'w' ? figure.size / 2 : figure.size;
    Grey grey(shape.pixels());
    const std::size_t key = planes.size() / 2;
    REQUIRE(makeReconstructor(settings, shape).value()->reconstruct({planes, key, key}, grey));
    return grey;
}

Levels levelPicture(const Figure &figure, PlanePointers planes, PlaneShape shape) {
    const std::uint32_t window = figure.unit == 'w' ? figure.size : 2 * figure.size + 1;
    Levels levels =
        figure.method == "tfp" ? zooTfp(planes, shape, window) : zooTfi(planes, shape, window);
    for (float &level : levels)
        level = std::clamp(level / static_cast<float>(figure.rate), 0.0F, 1.0F);
    return levels;
}

std::pair<double, double> measure(const Figure &figure, PlanePointers planes, PlaneShape shape,
                                  const Grey &truth) {
    if (figure.rate == 0 && !figure.zoo) {
        const Grey grey = greyPicture(figure, planes, shape);
        return {psnr(grey, truth, shape).value(), ssim(grey, truth, shape).value()};
    }
    const Levels levels = figure.rate == 0 ? unitOf(greyPicture(figure, planes, shape))
                                           : levelPicture(figure, planes, shape);
    if (figure.zoo) {
        const Levels reference = unitOf(truth);
        return {zooPsnr(levels, reference, shape).value(),
                zooSsim(levels, reference, shape).value()};
    }
    Grey grey(levels.size());
    for (std::size_t i = 0; i < grey.size(); ++i)
        grey[i] = static_cast<std::uint8_t>(levels[i] * 255.0F);
    return {psnr(grey, truth, shape).value(), ssim(grey, truth, shape).value()};
}

}  // namespace

TEST_CASE("the golden figures are met", "[quality][golden]") {
    const auto folder = test::goldenFolder();
    if (!folder) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    int figures = 0;
    double worst = 0;
    for (const auto &one : test::goldenCases({"PSNR/SSIM vs gt"})) {
        const SpikeBlock block = test::loadPlanes(one.input, one.shape, true);
        std::vector<const std::uint64_t *> planes;
        for (std::uint32_t i = 0; i < block.planeCount(); ++i)
            planes.push_back(block.plane(i));
        const std::string path =
            *folder / "spike" / one.json.at("params").at("gt").get<std::string>();
        const cv::Mat image = cv::imread(path, cv::IMREAD_GRAYSCALE);
        REQUIRE(image.total() == one.shape.pixels());
        const Grey truth(image.begin<std::uint8_t>(), image.end<std::uint8_t>());
        for (const auto &[key, value] : one.json.at("values").items()) {
            INFO(one.id << " " << key);
            const auto [ratio, likeness] = measure(parseFigure(key), planes, one.shape, truth);
            CHECK(ratio == Approx(value.at(0).get<double>()).margin(1e-6));
            CHECK(likeness == Approx(value.at(1).get<double>()).margin(1e-6));
            worst = std::max({worst, std::abs(ratio - value.at(0).get<double>()),
                              std::abs(likeness - value.at(1).get<double>())});
            ++figures;
        }
    }
    WARN("golden figures: " << figures << " pairs of PSNR and SSIM, largest difference " << worst);
    CHECK(figures > 0);
}
