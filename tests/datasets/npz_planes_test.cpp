// SPDX-License-Identifier: Apache-2.0
// UHSR archives: values, labels, and every way in which an array can be wrong.
#include "datasets/npz_planes.h"

#include "tests/datasets/recordings.h"
#include "tests/support/golden.h"

#include <numeric>

using namespace fovea;
using namespace fovea::test;

namespace {

Result<SpikeFile> openZip(const TemporaryFolder &folder, const std::vector<ZipInput> &members) {
    writeBytes(folder / "a.npz", zipBytes(members));
    return SpikeFile::open(folder / "a.npz");
}

}  // namespace

TEST_CASE("stored and deflated archives give their planes in the stored row order") {
    TemporaryFolder folder;
    for (const PlaneShape shape : {PlaneShape{1, 1}, PlaneShape{3, 5}, PlaneShape{25, 7},
                                   PlaneShape{64, 2}, PlaneShape{417, 3}})
        for (const bool deflate : {false, true}) {
            CAPTURE(shape.width, shape.height, deflate);
            const SpikeBlock planes = randomPlanes(shape, 9, 1);
            const auto file = openZip(folder, {{"spk.npy", spikeArray(planes), deflate}});
            REQUIRE(file);
            CHECK(file->info().format == FileFormat::Npz);
            CHECK(file->info().planes == 9);
            CHECK_FALSE(file->info().flip);
            CHECK(file->info().warnings.empty());
            CHECK(isPrefix(*readPlanes(*file), planes));
        }
}

TEST_CASE("flip and shape options") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({9, 4}, 2, 1);
    REQUIRE(openZip(folder, {{"spk.npy", spikeArray(planes)}}));
    SpikeFileOptions options = withShape(9, 4);
    options.flip = true;
    const auto flipped = SpikeFile::open(folder / "a.npz", options);
    REQUIRE(flipped);
    const auto read = readPlanes(*flipped);
    REQUIRE(read);
    CHECK(testBit(read->plane(1), 3 * 9 + 2) == testBit(planes.plane(1), 2));
    CHECK(testBit(read->plane(0), 8) == testBit(planes.plane(0), 3 * 9 + 8));
    CHECK(SpikeFile::open(folder / "a.npz", withShape(4, 9)).error().code == ErrorCode::Usage);
}

TEST_CASE("labels") {
    TemporaryFolder folder;
    const SpikeBlock planes = randomPlanes({8, 4}, 2, 1);
    Bytes number;
    put<std::int64_t>(number, 47);
    Bytes text;
    for (const char32_t letter : {U'h', U'\u00e9', U'\u76f4', U'\U0001F681', U'\0'})
        put(text, letter);
    const auto file = openZip(folder, {{"spk.npy", spikeArray(planes)},
                                       {"label.npy", npyBytes("<i8", "()", number)},
                                       {"label_name.npy", npyBytes("<U5", "()", text)}});
    REQUIRE(file);
    CHECK(file->info().label == 47);
    CHECK(file->info().labelName == "h\u00e9\u76f4\U0001F681");
    const auto without = openZip(
        folder, {{"spk.npy", spikeArray(planes)}, {"label.npy", npyBytes("<f8", "()", number)}});
    REQUIRE(without);
    CHECK_FALSE(without->info().label);
}

TEST_CASE("arrays that are no spikes are refused") {
    TemporaryFolder folder;
    const auto refused = [&](const std::string &type, const std::string &shape, const Bytes &data) {
        const auto file = openZip(folder, {{"spk.npy", npyBytes(type, shape, data)}});
        INFO((file ? std::string("opened") : file.error().message));
        return !file && file.error().code == ErrorCode::BadFile;
    };
    CHECK_FALSE(refused("|u1", "(2, 2, 2)", Bytes(8)));
    CHECK(refused("<f4", "(2, 2, 2)", Bytes(32)));
    CHECK(refused("|u1", "(2, 4)", Bytes(8)));
    CHECK(refused("|u1", "(2, 2, 2)", Bytes(7)));
    CHECK(refused("|u1", "(2, 2, 2)", Bytes(9)));
    CHECK(refused("|u1", "(0, 2, 2)", {}));
    CHECK(refused("|u1", "(2, 0, 2)", {}));
    CHECK(refused("|u1", "(4294967296, 4294967296, 1)", Bytes(8)));
    CHECK(refused("|u1", "(18446744073709551615, 1, 1)", Bytes(8)));
    CHECK(refused("|u1", "(1, 20000, 1)", Bytes(20000)));
    CHECK(refused("|u1", "(2, -2, 2)", Bytes(8)));
    CHECK(refused("|u1", "2", Bytes(2)));
    CHECK(refused("|u1", "(2, 2, 2", Bytes(8)));
    CHECK(refused("|u1", "(2, 2, 2)", Bytes(8, 2)));
    CHECK_FALSE(openZip(folder, {{"other.npy", npyBytes("|u1", "(2, 2, 2)", Bytes(8))}}));
    CHECK_FALSE(openZip(folder, {{"spk.npy", {}}}));
    CHECK_FALSE(openZip(folder, {{"spk.npy", Bytes(10)}}));
}

TEST_CASE("header texts") {
    const auto parse = [](const std::string &dict) {
        Bytes bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
        put<std::uint16_t>(bytes, static_cast<std::uint16_t>(dict.size()));
        return parseNpyHeader(std::string(bytes.begin(), bytes.end()) + dict, "x");
    };
    const auto good = parse("{'shape': (3,), 'fortran_order': True, 'descr': '<i8'}");
    REQUIRE(good);
    CHECK(good->shape == std::vector<std::uint64_t>{3});
    CHECK(good->columnsFirst);
    CHECK(good->type == "<i8");
    CHECK_FALSE(parse(""));
    CHECK_FALSE(parse("{'descr': '', 'fortran_order': False, 'shape': ()}"));
    CHECK_FALSE(parse("{'descr': '|u1', 'fortran_order': None, 'shape': ()}"));
    CHECK_FALSE(parse("{'descr': '|u1', 'fortran_order': False, 'shape': ("));
    CHECK_FALSE(parse("{'descr': '|u1', 'fortran_order': False, 'shape':"));
    CHECK_FALSE(parse("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': ()}"));
    CHECK_FALSE(parseNpyHeader("", "x"));
}

TEST_CASE("a real archive has the mean rate that is known of it") {
    const auto golden = goldenFolder();
    const auto path = golden ? *golden / "spike" / "input" / "uhsr.npz" : std::filesystem::path();
    if (!std::filesystem::exists(path)) {
        WARN("uhsr.npz is absent: skipped");
        return;
    }
    const auto file = SpikeFile::open(path);
    REQUIRE(file);
    CHECK(file->info().shape == PlaneShape{250, 250});
    CHECK(file->info().planes == 200);
    CHECK(file->info().label);
    CHECK_FALSE(file->info().labelName.empty());
    const auto planes = readPlanes(*file);
    REQUIRE(planes);
    std::size_t spikes = 0;
    for (std::uint32_t i = 0; i < 200; ++i)
        spikes += countSpikes(planes->plane(i), planes->shape());
    CHECK(static_cast<double>(spikes) / (200.0 * 62500) == Approx(0.031).margin(0.0005));
}
