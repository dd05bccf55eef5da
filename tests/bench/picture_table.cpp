// SPDX-License-Identifier: Apache-2.0
// Prints how near each method's picture comes to every true picture there is (PICTURES.md).
#include "drivers/synthetic/scene.h"
#include "drivers/synthetic/sensor.h"
#include "engine/core/spike_block.h"
#include "engine/recon/reconstructor.h"

#include "tests/support/files.h"

#include <cmath>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

using namespace fovea;

namespace {

constexpr PlaneShape camera{400, 250};

struct Truth {
    std::string name;
    SpikeBlock planes;
    std::uint64_t key;
    std::vector<std::uint8_t> grey;
};

/// PSNR after the best grey = a * x + b.
double fittedPsnr(std::span<const std::uint8_t> picture, std::span<const std::uint8_t> truth) {
    double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (std::size_t i = 0; i < picture.size(); ++i) {
        const double a = picture[i];
        const double b = truth[i];
        x += a, y += b, xx += a * a, xy += a * b, yy += b * b;
    }
    const auto n = static_cast<double>(picture.size());
    const double spread = xx / n - x * x / n / n;
    const double common = xy / n - x * y / n / n;
    const double error = yy / n - y * y / n / n - (spread > 0 ? common * common / spread : 0);
    return 10 * std::log10(255 * 255 / std::max(error, 1e-9));
}

class Maker {
public:
    explicit Maker(const Truth &truth) : truth_(truth), grey_(truth.planes.shape().pixels()) {
        for (std::uint32_t i = 0; i < truth.planes.planeCount(); ++i)
            planes_.push_back(truth.planes.plane(i));
    }
    /// Of the picture made at a plane `ago` planes before the shown one.
    double psnr(const ReconSettings &settings, std::uint64_t ago = 0) {
        auto maker = makeReconstructor(settings, truth_.planes.shape()).value();
        const std::uint64_t key = truth_.key - ago;
        maker->reconstruct({planes_, key, key}, grey_).map_error([](const Error &e) {
            throw std::runtime_error(e.message);
        });
        return fittedPsnr(grey_, truth_.grey);
    }

private:
    const Truth &truth_;
    std::vector<const std::uint64_t *> planes_;
    std::vector<std::uint8_t> grey_;
};

/// Gains: centred over all, causal over what TFP may show there, causal over causal TFP.
struct Sum {
    double gain[3] = {}, least[3] = {1e9, 1e9, 1e9};
    int count = 0;
};

void printRow(const Truth &truth, Sum &sum) {
    Maker maker(truth);
    ReconSettings settings;
    double tfp = 0;
    double allowed = 0;
    double behind = 0;  // windows that end with the shown plane
    std::uint32_t best = 0;
    for (settings.window = 1; settings.window < 202; settings.window += 2) {
        const double psnr = maker.psnr(settings);
        if (psnr > tfp) {
            tfp = psnr;
            best = settings.window;
        }
        if (checkPlane(settings, truth.key, truth.planes.planeCount()))
            allowed = std::max(allowed, psnr);
        if (settings.window / 2 <= truth.key)
            behind = std::max(behind, maker.psnr(settings, settings.window / 2));
    }
    settings = {};
    settings.method = ReconMethod::Tfi;
    double tfi = maker.psnr(settings);
    settings.reach = 255;
    tfi = std::max(tfi, maker.psnr(settings));
    settings.convention = TfiConvention::Stack;
    tfi = std::max(tfi, maker.psnr(settings));
    double mine[2][2];
    for (const ReconMethod method : {ReconMethod::Stability, ReconMethod::Adaptive}) {
        for (const ReconMode mode : {ReconMode::Centred, ReconMode::Causal}) {
            settings = {};
            settings.method = method;
            settings.mode = mode;
            mine[method == ReconMethod::Adaptive][mode == ReconMode::Causal] = maker.psnr(settings);
        }
    }
    fmt::print(
        "| {} | {:.2f} ({}) | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} |\n",
        truth.name, tfp, best, allowed, behind, tfi, mine[0][0], mine[0][1], mine[1][0],
        mine[1][1]);
    std::fflush(stdout);
    const double gains[3] = {mine[1][0] - std::max(tfp, tfi), mine[1][1] - std::max(allowed, tfi),
                             mine[1][1] - behind};
    for (int i = 0; i < 3; ++i) {
        sum.gain[i] += gains[i];
        sum.least[i] = std::min(sum.least[i], gains[i]);
    }
    ++sum.count;
}

void printGain(const Sum &sum) {
    fmt::print("\nGain over the better of best TFP and TFI, mean (least) dB: centred {:.2f} "
               "({:.2f}), causal, over what TFP may show there, {:.2f} ({:.2f}), causal over "
               "causal TFP {:.2f} ({:.2f})\n",
               sum.gain[0] / sum.count, sum.least[0], sum.gain[1] / sum.count, sum.least[1],
               sum.gain[2] / sum.count, sum.least[2]);
}

void printHead(const std::string &title) {
    fmt::print("\n{}\n\n| picture | best TFP (window) | best TFP allowed | best TFP causal | TFI | "
               "stability | stability causal | adaptive | adaptive causal |\n"
               "|---|---|---|---|---|---|---|---|---|\n",
               title);
}

SpikeBlock unpack(const std::vector<unsigned char> &bytes) {
    const auto count = static_cast<std::uint32_t>(bytes.size() * 8 / camera.pixels());
    SpikeBlock block(camera, count);
    block.begin(0, 40000);
    for (std::uint32_t i = 0; i < count; ++i)
        unpackPlane(bytes.data(), i * camera.pixels(), camera.width, true, camera, block.append());
    return block;
}

std::vector<std::uint8_t> readGrey(const std::filesystem::path &path) {
    const cv::Mat picture = cv::imread(path.string(), cv::IMREAD_GRAYSCALE);
    return {picture.datastart, picture.dataend};
}

void printRecordings(const std::filesystem::path &data, const std::filesystem::path &golden) {
    printHead("### Recordings with a true picture");
    Sum sum;
    std::ifstream index(data / "spike" / "spike_index.json");
    for (const auto &file : nlohmann::json::parse(index)) {
        for (const auto &one : file.at("gt")) {
            const std::string name = file.at("file");
            const auto bytes = test::readXz(data / "spike" / (name + ".xz"));
            const std::string picture = one.at("file");
            Truth truth{picture.substr(0, picture.size() - 4), unpack(bytes.value()),
                        one.at("key_id").get<std::uint64_t>() - 1,
                        readGrey(data / "spike" / picture)};
            printRow(truth, sum);
        }
    }
    const auto input = golden / "spike" / "input";
    for (const auto &[spikes, picture] :
         {std::pair{"data.dat", "gt_200_part1_key_id151"},
          std::pair{"203_part1_key_id151.dat", "gt_203_part1_key_id151"}}) {
        Truth truth{picture, unpack(test::readBytes(input / spikes)), 150,
                    readGrey(input / (std::string(picture) + ".png"))};
        printRow(truth, sum);
    }
    printGain(sum);
}

void printScenes() {
    printHead("### Synthetic scenes (`fovea simulate`), not used for tuning");
    Sum sum;
    for (const double noise : {0.0, 1.0, 2.0}) {
        for (const std::uint64_t seed : {201, 202, 203, 204}) {
            SyntheticSettings settings;
            settings.seed = seed;
            settings.objects = 5;
            settings.scaleSensorNoise(noise);
            const synthetic::Scene scene(settings);
            synthetic::Sensor sensor(scene, settings);
            SpikeBlock block(camera, 401);
            block.begin(0, 40000);
            std::vector<std::uint64_t *> planes;
            for (int i = 0; i < 401; ++i)
                planes.push_back(block.append());
            sensor.expose(0, planes);
            Truth truth{fmt::format("seed {}, noise {}", seed, noise), std::move(block), 200,
                        scene.pictureAt(200).grey};
            printRow(truth, sum);
        }
    }
    printGain(sum);
}

void printCost(const std::filesystem::path &data) {
    const auto bytes = test::readXz(data / "spike" / "reds_200_part1.dat.xz");
    const SpikeBlock block = unpack(bytes.value());
    std::vector<const std::uint64_t *> planes;
    for (std::uint32_t i = 0; i < block.planeCount(); ++i)
        planes.push_back(block.plane(i));
    std::vector<std::uint8_t> grey(camera.pixels());
    using enum ReconMethod;
    using enum ReconMode;
    for (const auto &[method, mode] :
         {std::pair{Adaptive, Centred}, std::pair{Adaptive, Causal}, std::pair{Stability, Centred},
          std::pair{Stability, Causal}, std::pair{Tfstp, Centred}}) {
        ReconSettings settings;
        settings.method = method;
        settings.mode = mode;
        auto maker = makeReconstructor(settings, camera).value();
        const std::clock_t begin = std::clock();
        const int pictures = method == Tfstp ? 20 : 200;
        for (int i = 0; i < pictures; ++i) {
            const std::size_t key = 110 + static_cast<std::size_t>(i % 60);
            maker->reconstruct({planes, key, key}, grey).map_error([](const Error &e) {
                throw std::runtime_error(e.message);
            });
        }
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        fmt::print("{} {}: {:.3f} ms CPU a picture, {:.2f} x real time at 1 kHz\n",
                   toString(method), toString(mode), 1e3 * seconds / pictures,
                   pictures / 1e3 / seconds);
    }
}

}  // namespace

int main() {
    const auto data = test::dataFolder();
    const auto golden = test::goldenFolder();
    if (data && golden) {
        printRecordings(*data, *golden);
        printCost(*data);
    } else {
        fmt::print("No recordings here (FOVEA_DATA_DIR, FOVEA_GOLDEN_DIR).\n");
    }
    printScenes();
}
