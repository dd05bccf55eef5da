// SPDX-License-Identifier: Apache-2.0
// TFP, TFI and TFSTP must give the pictures of SpikeCV and Spike-Zoo, bit for bit.
#include "engine/recon/grey_pictures.h"
#include "engine/recon/plasticity_reconstructor.h"
#include "engine/recon/reconstructor.h"
#include "engine/recon/zoo_models.h"

#include "tests/engine/recon/random_planes.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

#include <catch2/catch.hpp>

using namespace fovea;

namespace {
struct Recording {
    SpikeBlock block;
    std::vector<const std::uint64_t *> planes;
};

Recording load(const test::GoldenCase &one) {
    const std::string orientation = one.json.at("orientation");
    Recording recording{
        test::loadPlanes(one.input, one.shape, orientation.rfind("flipud=True", 0) == 0), {}};
    recording.planes = test::pointers(recording.block);
    return recording;
}

std::string hashOf(const std::vector<std::uint8_t> &bytes) {
    return test::sha256(bytes.data(), bytes.size());
}

/// Pictures of planes [first, last], one after the other.
std::vector<std::uint8_t> pictures(const Recording &recording, const ReconSettings &settings,
                                   std::uint64_t first, std::uint64_t last) {
    const PlaneShape shape = recording.block.shape();
    auto made = makeReconstructor(settings, shape).value();
    GreyPictures grey(shape, last - first + 1);
    TilePool pool(2);
    REQUIRE(made->reconstruct(PictureRun{{recording.planes, first, first}, 1, grey.count()}, grey,
                              pool));
    std::vector<std::uint8_t> all;
    all.reserve(grey.count() * shape.pixels());
    for (std::size_t i = 0; i < grey.count(); ++i) {
        REQUIRE(checkPlane(settings, first + i, recording.planes.size()));
        all.insert(all.end(), grey[i].begin(), grey[i].end());
    }
    return all;
}

ReconSettings settingsOf(const test::GoldenCase &one) {
    const auto &params = one.json.at("params");
    ReconSettings settings;
    if (one.algorithm.rfind("TFP", 0) == 0) {
        settings.window = 2 * params.at("half_win_length").get<std::uint32_t>() + 1;
        return settings;
    }
    if (one.algorithm.rfind("TFSTP", 0) == 0) {
        settings.method = ReconMethod::Tfstp;
        if (one.algorithm.find("offline") != std::string::npos)
            settings.form = TfstpForm::Offline;
        settings.history = 400;
        return settings;
    }
    settings.method = ReconMethod::Tfi;
    settings.reach = params.at("max_search_half_window");
    if (one.algorithm == "TFI.spikes2images")
        settings.convention = TfiConvention::Stack;
    return settings;
}

void checkCase(const test::GoldenCase &one) {
    const Recording recording = load(one);
    const ReconSettings settings = settingsOf(one);
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (one.json.at("frame") == "all") {
        const std::uint64_t margin = settings.method == ReconMethod::Tfp   ? settings.window / 2
                                     : settings.method == ReconMethod::Tfi ? settings.reach
                                                                           : 0;
        first = margin;
        last = recording.planes.size() - margin - 1;
        REQUIRE(one.json.at("shape").at(0) == last - first + 1);
    } else {
        first = last = one.json.at("frame").get<std::uint64_t>();
    }
    const std::vector<std::uint8_t> grey = pictures(recording, settings, first, last);
    if (!one.file.empty()) {
        const bool same = test::readNpy(one.file).bytes == grey;
        CHECK(same);
    }
    CHECK(hashOf(grey) == one.json.at("sha256_raw").get<std::string>());
}

void checkZooCase(const test::GoldenCase &one) {
    const Recording recording = load(one);
    const std::uint32_t window = one.json.at("params").at("model_win_length");
    const std::vector<float> picture = one.algorithm == "TFPModel"
                                           ? zooTfp(recording.planes, one.shape, window)
                                           : zooTfi(recording.planes, one.shape, window);
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(picture.data());
    CHECK(test::sha256(bytes, picture.size() * sizeof(float)) ==
          one.json.at("sha256_raw").get<std::string>());
}
void checkStateCase(const test::GoldenCase &one) {
    const Recording recording = load(one);
    const std::uint64_t key = one.json.at("frame");
    PlasticityReconstructor made(settingsOf(one), one.shape);
    std::vector<std::uint8_t> grey(one.shape.pixels());
    REQUIRE(made.reconstruct({recording.planes, key, key}, grey));
    const bool wantsR = one.algorithm.back() == 'R';
    const std::span<const float> found = wantsR ? made.resources() : made.utilisation();
    const std::vector<double> expected = test::readNpy(one.file).values();
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
        worst = std::max(worst, std::abs(double{found[i]} - expected[i]));
    CHECK(worst <= 1e-6);
}
}  // namespace

TEST_CASE("pictures equal the golden ones", "[recon][golden]") {
    if (!test::goldenFolder()) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    int exact = 0;
    for (const auto &one : test::goldenCases(
             {"TFP.spikes2frame", "TFP.spikes2images", "TFI.spikes2frame", "TFI.spikes2images",
              "TFSTP.spikes2images_online", "TFSTP.spikes2images_offline"})) {
        INFO(one.id);
        checkCase(one);
        ++exact;
    }
    for (const auto &one : test::goldenCases({"TFSTP offline state R", "TFSTP offline state u"})) {
        INFO(one.id);
        checkStateCase(one);
        ++exact;
    }
    int models = 0;
    for (const auto &one : test::goldenCases({"TFPModel", "TFIModel"})) {
        INFO(one.id);
        checkZooCase(one);
        ++models;
    }
    WARN("golden pictures: " << exact << " of SpikeCV's TFP, TFI and TFSTP, " << models
                             << " of Spike-Zoo's models");
    CHECK(exact > 0);
}
