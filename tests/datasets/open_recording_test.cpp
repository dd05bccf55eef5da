// SPDX-License-Identifier: Apache-2.0
// What a file is taken for: options against descriptors against the bytes; everything that is no
// recording.
#include "datasets/open_recording.h"

#include "tests/datasets/recordings.h"

#include <cmath>
#include <sys/stat.h>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

Error errorOf(const std::filesystem::path &path, const SpikeFileOptions &options = {}) {
    const auto file = SpikeFile::open(path, options);
    REQUIRE_FALSE(file);
    INFO(file.error().message);
    CHECK(file.error().message.find(path.stem().string()) != std::string::npos);
    return file.error();
}

bool mentions(const std::vector<std::string> &warnings, const std::string &text) {
    for (const std::string &warning : warnings)
        if (warning.find(text) != std::string::npos)
            return true;
    return false;
}

}  // namespace

TEST_CASE("what is no recording gets one clear error") {
    TemporaryFolder folder;
    CHECK(errorOf(folder / "absent.dat", withShape(8, 8)).code == ErrorCode::NoDevice);
    CHECK(errorOf(folder.path(), withShape(8, 8)).code == ErrorCode::BadFile);
    writeBytes(folder / "empty.dat", {});
    CHECK(errorOf(folder / "empty.dat", withShape(8, 8)).code == ErrorCode::BadFile);
    writeBytes(folder / "short.dat", Bytes(7));
    CHECK(errorOf(folder / "short.dat", withShape(8, 8)).code == ErrorCode::BadFile);
    writeBytes(folder / "shapeless.dat", Bytes(25000));
    const Error shapeless = errorOf(folder / "shapeless.dat");
    CHECK(shapeless.code == ErrorCode::Usage);
    CHECK(shapeless.message.find("400x250 (2 planes)") != std::string::npos);
    CHECK(shapeless.message.find("shapeless.dat.yaml") != std::string::npos);
    Bytes picture(640);
    const std::string_view png("\x89PNG");
    std::copy(png.begin(), png.end(), picture.begin());
    writeBytes(folder / "picture.dat", picture);
    CHECK(errorOf(folder / "picture.dat", withShape(8, 8)).message.find("PNG") !=
          std::string::npos);
    CHECK(SpikeFile::open(folder / "picture.dat", withShape(8, 8, FileFormat::Raw)));
    REQUIRE(::mkfifo((folder / "pipe.dat").c_str(), 0600) == 0);
    CHECK(errorOf(folder / "pipe.dat", withShape(8, 8)).code == ErrorCode::BadFile);
    CHECK(SpikeFile::open("/dev/zero", withShape(8, 8)).error().code == ErrorCode::BadFile);
    writeBytes(folder / "zip.npz", Bytes(100));
    CHECK(errorOf(folder / "zip.npz").code == ErrorCode::BadFile);
    CHECK(errorOf(folder / "shapeless.dat", withShape(1000, 1000, FileFormat::M1k40)).code ==
          ErrorCode::BadFile);
    CHECK(errorOf(folder / "shapeless.dat", withShape(400, 250, FileFormat::M1k40)).code ==
          ErrorCode::Usage);
}

TEST_CASE("an unreadable file gets an error") {
    if (::geteuid() == 0) {
        WARN("root may read everything: skipped");
        return;
    }
    TemporaryFolder folder;
    writeBytes(folder / "secret.dat", Bytes(8));
    ::chmod((folder / "secret.dat").c_str(), 0);
    CHECK(errorOf(folder / "secret.dat", withShape(8, 8)).code == ErrorCode::Io);
}

TEST_CASE("options out of range are refused") {
    TemporaryFolder folder;
    writeBytes(folder / "a.dat", Bytes(64));
    CHECK(SpikeFile::open(folder / "a.dat", withShape(0, 8)).error().code == ErrorCode::Usage);
    CHECK(SpikeFile::open(folder / "a.dat", withShape(8, 16385)).error().code == ErrorCode::Usage);
    for (const double rate :
         {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e8}) {
        SpikeFileOptions options = withShape(8, 8);
        options.rateHz = rate;
        CHECK(SpikeFile::open(folder / "a.dat", options).error().code == ErrorCode::Usage);
    }
}

TEST_CASE("without a descriptor the field's habits are assumed") {
    TemporaryFolder folder;
    writeBytes(folder / "a.dat", Bytes(64));
    const auto file = SpikeFile::open(folder / "a.dat", withShape(8, 8));
    REQUIRE(file);
    CHECK(file->info().flip);
    CHECK(file->info().rateHz == 40000);
    CHECK(file->info().rateAssumed);
    CHECK(file->info().format == FileFormat::Raw);
    CHECK(file->info().planes == 8);
    CHECK(file->info().warnings.empty());
}

TEST_CASE("options overrule the sidecar and say so") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({8, 4}, 8, 2);
    writeBytes(folder / "a.dat", rawBytes(planes, false));
    writeText(folder / "a.dat.yaml", "spike_w: 8\nspike_h: 4\nrate_hz: 1000\nflip: false\n");
    const auto plain = SpikeFile::open(folder / "a.dat");
    REQUIRE(plain);
    CHECK(plain->info().warnings.empty());
    CHECK(plain->info().rateHz == 1000);
    CHECK_FALSE(plain->info().rateAssumed);
    CHECK(isPrefix(readPlanes(*plain).value(), planes));

    SpikeFileOptions options = withShape(4, 4, FileFormat::Raw);
    options.rateHz = 2000;
    options.flip = true;
    const auto other = SpikeFile::open(folder / "a.dat", options);
    REQUIRE(other);
    CHECK(other->info().planes == 16);
    CHECK(other->info().rateHz == 2000);
    CHECK(other->info().flip);
    CHECK(other->info().warnings.size() == 3);
    CHECK(mentions(other->info().warnings, "shape 4x4"));
    CHECK(mentions(other->info().warnings, "rate 2000"));
    CHECK(mentions(other->info().warnings, "flip true"));

    options.useDescriptor = false;
    CHECK(SpikeFile::open(folder / "a.dat", options)->info().warnings.empty());
}

TEST_CASE("a descriptor that lies gets an error or a warning") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({8, 4}, 8, 2);
    writeBytes(folder / "a.dat", rawBytes(planes, true));
    const auto open = [&](const std::string &text) {
        writeText(folder / "a.dat.yaml", text);
        return SpikeFile::open(folder / "a.dat");
    };
    const std::string shape = "spike_w: 8\nspike_h: 4\n";
    SECTION("too many planes: what is there, and a warning") {
        const auto file = open(shape + "planes: 1000000000000\n");
        REQUIRE(file);
        CHECK(file->info().planes == 8);
        CHECK(mentions(file->info().warnings, "it was cut"));
    }
    SECTION("too few planes: that many, and a warning") {
        const auto file = open(shape + "planes: 5\n");
        REQUIRE(file);
        CHECK(file->info().planes == 5);
        CHECK(mentions(file->info().warnings, "the last 12 bytes"));
        CHECK(isPrefix(readPlanes(*file).value(), planes));
    }
    SECTION("no planes") {
        const auto file = open(shape + "planes: 0\n");
        REQUIRE(file);
        CHECK(file->info().planes == 8);
        CHECK(file->info().warnings.size() == 1);
    }
    SECTION("gaps behind the end") {
        const auto file = open(shape + "planes: 8\ngaps:\n- [8, 1, link]\n- [9, 4, link]\n");
        REQUIRE(file);
        CHECK(file->info().planes == 9);
        CHECK(file->info().warnings.size() == 1);
    }
    SECTION("not closed") {
        const auto file = open(shape + "closed: false\ngaps:\n- [3, 2, ring]\n- [4, 1");
        REQUIRE(file);
        CHECK(file->info().planes == 10);
        CHECK(mentions(file->info().warnings, "not closed"));
    }
    SECTION("impossible values") {
        for (const char *text : {"spike_w: 0\nspike_h: 4\n", "spike_w: 8\n", "spike_w: 99999\n",
                                 "spike_w: -8\nspike_h: 4\n", "spike_w: 8\nspike_h: 4.5\n",
                                 "spike_w: 8\nspike_h: 4\nrate_hz: .nan\n", "[", "just text",
                                 "spike_w: 8\nspike_h: 4\nrate_hz: nan\n",
                                 "spike_w: 8\nspike_h: 4\nplanes: 18446744073709551616\n",
                                 "spike_w: 8\nspike_h: 4\nplanes: 99999999999999999\n",
                                 "spike_w: 16384\nspike_h: 16384\n"}) {
            CAPTURE(text);
            const auto file = open(text);
            REQUIRE_FALSE(file);
            CHECK(file.error().code == ErrorCode::BadFile);
            CHECK(file.error().message.find("a.dat") != std::string::npos);
        }
    }
    SECTION("a broken descriptor is left out when the shape is given") {
        writeText(folder / "a.dat.yaml", "[");
        const auto file = SpikeFile::open(folder / "a.dat", withShape(8, 4));
        REQUIRE(file);
        CHECK(mentions(file->info().warnings, "left out"));
    }
}

TEST_CASE("a SpikeCV config.yaml in the folder above gives the shape") {
    TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "set" / "train");
    const SpikeBlock planes = randomPlanes({16, 3}, 4, 2);
    const auto path = folder.path() / "set" / "train" / "a.dat";
    writeBytes(path, rawBytes(planes, true));
    writeText(folder.path() / "set" / "config.yaml",
              "filename: my set\nspike_w: 16\nspike_h: 3\nis_labeled: True\n"
              "labeled_data_type: [4, 5]\nlabeled_data_suffix: 'txt'\nother: 3\n");
    const auto file = SpikeFile::open(path);
    REQUIRE(file);
    CHECK(file->info().shape == PlaneShape{16, 3});
    CHECK(file->info().flip);
    CHECK(file->info().descriptor->labelTypes == std::vector<std::string>{"4", "5"});
    CHECK(isPrefix(readPlanes(*file).value(), planes));
}

TEST_CASE("rows with header bits") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({400, 250}, 3, 4);
    writeBytes(folder / "a.dat", rawBytes(planes, true, 16));
    const auto file =
        SpikeFile::open(folder / "a.dat", withShape(400, 250, FileFormat::RawWithHead));
    REQUIRE(file);
    CHECK(file->info().planes == 3);
    CHECK(isPrefix(readPlanes(*file).value(), planes));
    CHECK(readPlanes(*file)->planeCount() == 3);
    // Read without heads there is a rest, and the hint names the format.
    const auto plain = SpikeFile::open(folder / "a.dat", withShape(400, 250));
    REQUIRE(plain);
    CHECK(mentions(plain->info().warnings, "format head"));
}

TEST_CASE("bytes behind the last whole plane are counted in a warning") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({250, 250}, 3, 4);
    Bytes bytes = rawBytes(planes, true);
    writeBytes(folder / "a.dat", bytes);
    const auto exact = SpikeFile::open(folder / "a.dat", withShape(250, 250));
    REQUIRE(exact);
    CHECK(exact->info().planes == 3);
    CHECK(exact->info().warnings.empty());
    bytes.resize(bytes.size() + 77);
    writeBytes(folder / "a.dat", bytes);
    const auto rest = SpikeFile::open(folder / "a.dat", withShape(250, 250));
    REQUIRE(rest);
    CHECK(rest->info().planes == 3);
    CHECK(mentions(rest->info().warnings, "the last 77 bytes"));
}

TEST_CASE("shapes are guessed from the length") {
    const auto has = [](std::uint64_t bytes, ShapeGuess guess) {
        for (const ShapeGuess &one : guessShapes(bytes))
            if (one == guess)
                return true;
        return false;
    };
    CHECK(has(3762500, {{400, 250}, FileFormat::Raw, 301}));
    CHECK(has(125000, {{1000, 1000}, FileFormat::Raw, 1}));
    CHECK(has(125000, {{400, 250}, FileFormat::Raw, 10}));
    CHECK(has(100000, {{800, 500}, FileFormat::Raw, 2}));
    CHECK(has(13000 * 7, {{400, 250}, FileFormat::RawWithHead, 7}));
    CHECK(has(23438, {{250, 250}, FileFormat::Raw, 3}));
    CHECK(guessShapes(0).empty());
    CHECK(guessShapes(1).empty());
}

TEST_CASE("a wire dump is recognised unless another camera's shape is given") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({1000, 1000}, 2, 6);
    writeBytes(folder / "a.bin", wireBytes(planes));
    CHECK(SpikeFile::open(folder / "a.bin")->info().format == FileFormat::M1k40);
    CHECK(SpikeFile::open(folder / "a.bin", withShape(1000, 1000))->info().format ==
          FileFormat::M1k40);
    CHECK(SpikeFile::open(folder / "a.bin", withShape(400, 250))->info().format == FileFormat::Raw);
    CHECK(
        SpikeFile::open(folder / "a.bin", withShape(1000, 1000, FileFormat::Raw))->info().format ==
        FileFormat::Raw);
    writeBytes(folder / "b.dat", rawBytes(planes, true));
    CHECK(SpikeFile::open(folder / "b.dat", withShape(1000, 1000))->info().format ==
          FileFormat::Raw);
}
