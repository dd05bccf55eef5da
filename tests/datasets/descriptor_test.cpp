// SPDX-License-Identifier: Apache-2.0
// Sidecars: written and read again, and each thing that can be wrong in one.
#include "datasets/descriptor.h"

#include "tests/datasets/recordings.h"

#include <clocale>
#include <yaml-cpp/yaml.h>

using namespace fovea;
using namespace fovea::test;

namespace {

Result<Descriptor> sidecar(const std::string &text) {
    TemporaryFolder folder;
    writeText(folder / "a.dat.yaml", text);
    return readSidecar(folder / "a.dat.yaml");
}

std::string messageOf(const std::string &text) {
    const auto read = sidecar(text);
    return read ? "no error" : read.error().message;
}

bool has(const std::string &message, const std::string &part) {
    INFO(message);
    INFO(part);
    CHECK(message.find(part) != std::string::npos);
    return true;
}

const std::string sides = "spike_w: 400\nspike_h: 250\n";

Descriptor full() {
    Descriptor d;
    d.name = "scene \"a\" \\ \u00e9.dat";
    d.shape = {400, 250};
    d.rateHz = 39999.7;
    d.flip = false;
    d.format = FileFormat::Raw;
    d.planes = 1234567890123;
    d.firstPlane = ~std::uint64_t{0};
    d.device = "K10: no. 1 # not a comment";
    d.serial = "0042";
    d.clock = "planes";
    d.noise = "flip:0.01 seed 3";
    d.createdBy = "fovea 0.1.0";
    d.settings = {{"gain", "2"}, {"a: b", "- [x]"}};
    d.closed = false;
    d.gaps = {{0, 1, DropReason::Link}, {7, 1000, DropReason::Ring}, {7, 2, DropReason::Sink}};
    d.labeled = true;
    d.labelTypes = {"0", "3.1"};
    d.labelSuffix = "txt";
    d.dataField = "Vidar";
    d.labelField = "labels";
    return d;
}

}  // namespace

TEST_CASE("a sidecar says everything again") {
    const Descriptor d = full();
    const auto read = sidecar(sidecarText(d));
    REQUIRE(read);
    CHECK(read->sidecar);
    CHECK(read->name == d.name);
    CHECK(read->shape == d.shape);
    CHECK(read->rateHz == d.rateHz);
    CHECK(read->flip == d.flip);
    CHECK(read->format == d.format);
    CHECK(read->planes == d.planes);
    CHECK(read->firstPlane == d.firstPlane);
    CHECK(read->device == d.device);
    CHECK(read->serial == d.serial);
    CHECK(read->clock == d.clock);
    CHECK(read->noise == d.noise);
    CHECK(read->createdBy == d.createdBy);
    CHECK(read->settings == d.settings);
    CHECK(read->closed == d.closed);
    CHECK(read->gaps == d.gaps);
    CHECK(read->labeled == d.labeled);
    CHECK(read->labelTypes == d.labelTypes);
    CHECK(read->labelSuffix == d.labelSuffix);
    CHECK(read->dataField == d.dataField);
    CHECK(read->labelField == d.labelField);
}

TEST_CASE("the least sidecar is a shape") {
    const auto read = sidecar(sides);
    REQUIRE(read);
    CHECK(read->shape == PlaneShape{400, 250});
    CHECK_FALSE(read->rateHz);
    CHECK_FALSE(read->flip);
    CHECK_FALSE(read->planes);
    CHECK(read->closed);
    CHECK(read->format == FileFormat::Auto);
    CHECK(sidecar("\xEF\xBB\xBF" + sides));
    CHECK(sidecar("spike_w: 400\r\nspike_h: 250\r\ngaps:\r\n- [1, 2, link]\r\n")->gaps.size() == 1);
}

TEST_CASE("a sidecar is YAML with the keys and types that SpikeCV asks for") {
    for (const bool open : {false, true}) {
        const YAML::Node node = YAML::Load(sidecarText(full(), open));
        CHECK(node["spike_w"].as<int>() == 400);
        CHECK(node["spike_h"].as<int>() == 250);
        CHECK(node["is_labeled"].as<bool>());
        CHECK(node["labeled_data_type"].IsSequence());
        CHECK(node["labeled_data_type"][1].as<double>() == 3.1);
        CHECK(node["labeled_data_type"][0].Tag() == "?");  // not quoted: a number
        CHECK(node["labeled_data_suffix"].as<std::string>() == "txt");
        CHECK(node["filename"].as<std::string>() == full().name);
        CHECK(node["gaps"].size() == 3);
        CHECK(node["gaps"][1][2].as<std::string>() == "ring");
    }
    Descriptor plain;
    plain.shape = {1, 1};
    const YAML::Node node = YAML::Load(sidecarText(plain));
    CHECK(node["labeled_data_type"][0].as<int>() == 0);
    CHECK(node["is_labeled"].as<bool>() == false);
    CHECK(node["gaps"].IsSequence());
}

TEST_CASE("texts that would break the file are made harmless") {
    Descriptor d;
    d.shape = {1, 1};
    d.device = "line\nbreak\x01\x7F \xFF\xC3 end\xE2\x82";
    d.labelTypes = {"0]\nplanes: 7"};
    const auto read = sidecar(sidecarText(d));
    REQUIRE(read);
    CHECK(read->device == "line?break?? ?? end??");
    CHECK_FALSE(read->planes);
}

TEST_CASE("each error names file, line, field, what was found and what is allowed") {
    has(messageOf(sides + "rate_hz: fast\n"),
        "a.dat.yaml:3: rate_hz: found 'fast', expected a number above 0.001 up to 1");
    has(messageOf(sides + "flip: maybe\n"), ":3: flip: found 'maybe', expected true or false");
    has(messageOf(sides + "flap: true\n"), ":3: flap: unknown field, the nearest is flip");
    has(messageOf(sides + "spike_w: 4\n"), ":3: spike_w: found a second time");
    has(messageOf("spike_w: 400\n"), "spike_h: missing");
    has(messageOf("spike_w: 400\nspike_h: [1]\n"), ":2: spike_h: found a list");
    has(messageOf("spike_w: 400\nspike_h: 16385\n"), "a whole number from 1 to 16384");
    has(messageOf(sides + "format: mp4\n"), ":3: format: found 'mp4', expected auto, raw");
    has(messageOf(sides + "fovea_recording: 2\n"), ":3: fovea_recording: found '2'");
    has(messageOf(sides + "settings: 3\n"), ":3: settings: found '3'");
    has(messageOf(sides + "settings:\n  a: [1]\n"), ":4: settings: found a list");
    has(messageOf(sides + "labeled_data_type: {a: 1}\n"), ":3: labeled_data_type: found a map");
    has(messageOf(sides + "device: [open\n"), "not readable as YAML");
    has(messageOf(sides + "gaps: 7\n"), ":3: gaps: found '7'");
    has(messageOf(sides + "gaps:\n- [1, 2]\n"), ":4: gaps: found '- [1, 2]'");
    has(messageOf(sides + "gaps:\n- [1, 2, link]\n\n- [1, 0, link]\n"), ":6: gaps: found 0 planes");
    has(messageOf(sides + "gaps:\n- [5, 2, link]\n- [4, 2, link]\n"), ":5: gaps: found one before");
    has(messageOf(sides + "gaps:\n- [5, 2, bad]\n"), ":4: gaps: found");
    has(messageOf(sides + "gaps:\n- [-5, 2, link]\n"), ":4: gaps: found");
    has(messageOf(sides + "gaps:\n- [1, 9007199254740992, link]\n- [2, 1, link]\n"), ":5: gaps");
    has(messageOf(sides + "gaps:\n- [1, 18446744073709551615, link]\n"), ":4: gaps");
    has(messageOf(sides + "gaps: []\nplanes: 4\n"), ":4: gaps: found 'planes: 4'");
}

TEST_CASE("hostile YAML is refused quickly") {
    CHECK_FALSE(sidecar(std::string(30'000, '[')));
    CHECK_FALSE(sidecar(std::string(30'000, '{')));
    std::string deep = sides + "settings:\n";
    for (int i = 0; i < 200; ++i)
        deep += std::string(static_cast<std::size_t>(i) + 1, ' ') + "a:\n";
    CHECK_FALSE(sidecar(deep));
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += fmt::format("a{}: &a{} [", i, i);
        for (int j = 0; j < 9; ++j)
            bomb += fmt::format("*a{},", i - 1);
        bomb += "x]\n";
    }
    CHECK_FALSE(sidecar(bomb + sides));
    CHECK_FALSE(sidecar(sides + "device: " + std::string(40'000, 'x')));
    CHECK_FALSE(sidecar(""));
    CHECK_FALSE(sidecar(std::string(100, '\0')));
    CHECK_FALSE(sidecar("? [a]\n: b\n"));
    CHECK_FALSE(sidecar("&a [*a]\n"));
}

TEST_CASE("half a million gaps are read") {
    std::string text = sides + "gaps:\n";
    for (std::uint64_t i = 0; i < 500'000; ++i)
        text += sidecarGapLine({i * 3, 2, DropReason::Sink});
    const auto read = sidecar(text);
    REQUIRE(read);
    CHECK(read->gaps.size() == 500'000);
    CHECK(read->gaps.back() == RecordingGap{499'999 * 3, 2, DropReason::Sink});
}

TEST_CASE("a finished sidecar without gaps needs no line that says so") {
    CHECK(sidecar("fovea_recording: 1\n" + sides + "...\n"));
    CHECK(sidecar("fovea_recording: 1\n" + sides + "...\n\n"));
    CHECK_FALSE(sidecar("fovea_recording: 1\n" + sides));
}

TEST_CASE("a last line that was torn off is left out only when the file was not closed") {
    CHECK(sidecar(sides + "closed: false\ngaps:\n- [1, 2, link]\n- [3,")->gaps.size() == 1);
    CHECK_FALSE(sidecar(sides + "closed: true\ngaps:\n- [1, 2, link]\n- [3,"));
    CHECK_FALSE(sidecar(sides + "closed: false\ngaps:\n- [1,\n- [3, 1, link]\n"));
}

TEST_CASE("a finished sidecar that was cut anywhere is refused") {
    Descriptor d = full();
    d.closed = true;
    const std::string text = sidecarText(d);
    REQUIRE(sidecar(text));
    // Only the last line break may be missing; the first line alone may, too, be another's work.
    for (std::size_t length = 20; length + 1 < text.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(sidecar(text.substr(0, length)));
    }
}

TEST_CASE("formats have names") {
    for (const FileFormat format : {FileFormat::Auto, FileFormat::Raw, FileFormat::RawWithHead,
                                    FileFormat::M1k40, FileFormat::Npz})
        CHECK(parseFileFormat(toString(format)) == format);
    CHECK(parseFileFormat("avi").error().code == ErrorCode::Usage);
}

TEST_CASE("SpikeCV descriptors") {
    TemporaryFolder folder;
    const auto path = folder / "config.yaml";
    writeText(path, "filename: PKU\nspike_w: 400\nspike_h: 250\nis_labeled: True\n"
                    "labeled_data_type:\n  - 3.1\n  - 4\nlabeled_data_suffix: ['npy']\n"
                    "data_field_identifier: Vidar\nlabel_field_identifier: labels\nwhatever: {}\n");
    const auto read = readSpikeCvConfig(path);
    REQUIRE(read);
    CHECK_FALSE(read->sidecar);
    CHECK(read->labelTypes == std::vector<std::string>{"3.1", "4"});
    CHECK(read->labelSuffix == "npy");
    CHECK(read->dataField == "Vidar");
    CHECK_FALSE(read->rateHz);
    // Our own sidecar is one too.
    writeText(path, sidecarText(full()));
    CHECK(readSpikeCvConfig(path)->shape == PlaneShape{400, 250});
    writeText(path, "spike_w: 400\n");
    CHECK(readSpikeCvConfig(path).error().message.find("spike_h: missing") != std::string::npos);
}

TEST_CASE("a descriptor may be written by hand") {
    const auto read = sidecar("shape: 400x250\nflip: yes\nrate_hz: 20000\n");
    REQUIRE(read);
    CHECK(read->shape == PlaneShape{400, 250});
    CHECK(read->flip == true);
    CHECK(sidecar("shape: 4x2\nflip: no\n")->flip == false);
    CHECK_FALSE(sidecar("shape: 400\n"));
    CHECK_FALSE(sidecar(sides + "rate_hz: 1e-300\n"));
}
