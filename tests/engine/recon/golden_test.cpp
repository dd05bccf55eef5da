// SPDX-License-Identifier: Apache-2.0
// TFP and TFI must give the pictures of SpikeCV and Spike-Zoo, bit for bit.
#include "engine/recon/grey_pictures.h"
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
        const std::uint64_t margin =
            settings.method == ReconMethod::Tfp ? settings.window / 2 : settings.reach;
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
}  // namespace

TEST_CASE("pictures equal the golden ones", "[recon][golden]") {
    if (!test::goldenFolder()) {
        WARN("no golden folder (FOVEA_GOLDEN_DIR): skipped");
        return;
    }
    int exact = 0;
    for (const auto &one : test::goldenCases(
             {"TFP.spikes2frame", "TFP.spikes2images", "TFI.spikes2frame", "TFI.spikes2images"})) {
        INFO(one.id);
        checkCase(one);
        ++exact;
    }
    int models = 0;
    for (const auto &one : test::goldenCases({"TFPModel", "TFIModel"})) {
        INFO(one.id);
        checkZooCase(one);
        ++models;
    }
    WARN("golden pictures: " << exact << " of SpikeCV's TFP and TFI, " << models
                             << " of Spike-Zoo's models");
    CHECK(exact > 0);
}
