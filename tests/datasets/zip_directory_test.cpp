// SPDX-License-Identifier: Apache-2.0
// Zip directories: what is read, and what is refused before it is believed.
#include "datasets/zip_member.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

namespace {

Result<std::vector<ZipEntry>> directoryOf(const Bytes &bytes) {
    TemporaryFolder folder;
    writeBytes(folder / "a.zip", bytes);
    const auto file = FileHandle::open(folder / "a.zip");
    REQUIRE(file);
    return readZipDirectory(*file);
}

void set(Bytes &bytes, std::size_t at, std::uint64_t value, std::size_t count) {
    std::memcpy(bytes.data() + at, &value, count);
}

}  // namespace

TEST_CASE("members are listed") {
    const auto entries =
        directoryOf(zipBytes({{"one", Bytes(500), true}, {"two", Bytes(7), false}}));
    REQUIRE(entries);
    REQUIRE(entries->size() == 2);
    CHECK(entries->at(0).name == "one");
    CHECK(entries->at(0).deflated);
    CHECK(entries->at(0).bytes == 500);
    CHECK(entries->at(0).packedBytes < 500);
    CHECK(entries->at(1).name == "two");
    CHECK_FALSE(entries->at(1).deflated);
    CHECK(entries->at(1).packedBytes == 7);
    CHECK(entries->at(1).crc == ::crc32(0, Bytes(7).data(), 7));
}

TEST_CASE("a comment behind the directory is passed over") {
    Bytes bytes = zipBytes({{"one", Bytes(5), false}});
    bytes.resize(bytes.size() + 300, 'x');
    set(bytes, bytes.size() - 302, 300, 2);
    CHECK(directoryOf(bytes));
}

TEST_CASE("directories that cannot be are refused") {
    const Bytes good = zipBytes({{"one", Bytes(50), true}});
    const std::size_t end = good.size() - 22;
    const std::size_t entry = end - 46 - 3;
    REQUIRE(directoryOf(good));
    CHECK_FALSE(directoryOf(Bytes(good.begin(), good.end() - 1)));
    const auto refused = [&](std::size_t at, std::uint64_t value, std::size_t count) {
        Bytes bytes = good;
        set(bytes, at, value, count);
        return !directoryOf(bytes);
    };
    CHECK(refused(end + 10, 2, 2));             // more members than entries
    CHECK(refused(end + 12, 0xFFFFFFF0, 4));    // directory larger than the file
    CHECK(refused(end + 16, 0xFFFFFFF0, 4));    // directory behind the file
    CHECK(refused(entry, 0, 4));                // no entry there
    CHECK(refused(entry + 8, 1, 2));            // encrypted
    CHECK(refused(entry + 10, 12, 2));          // bzip2
    CHECK(refused(entry + 20, 0x7FFFFFFF, 4));  // packed size larger than the file
    CHECK(refused(entry + 24, 0x7FFFFFFF, 4));  // nothing packs that well
    CHECK(refused(entry + 24, 0xFFFFFFFF, 4));  // says it is wide but is not
    CHECK(refused(entry + 28, 0xFFFF, 2));      // name longer than the directory
    CHECK(refused(entry + 42, 0x7FFFFFFF, 4));  // header behind the file
}

TEST_CASE("wide sizes are read from the extra field") {
    Bytes bytes = zipBytes({{"one", Bytes(50), false}});
    const std::size_t end = bytes.size() - 22;
    const std::size_t entry = end - 46 - 3;
    set(bytes, entry + 20, 0xFFFFFFFF, 4);
    set(bytes, entry + 24, 0xFFFFFFFF, 4);
    set(bytes, entry + 30, 20, 2);
    set(bytes, end + 12, 46 + 3 + 20, 4);
    Bytes extra;
    put<std::uint16_t>(extra, 1);
    put<std::uint16_t>(extra, 16);
    put<std::uint64_t>(extra, 50);
    put<std::uint64_t>(extra, 50);
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(end), extra.begin(), extra.end());
    const auto entries = directoryOf(bytes);
    REQUIRE(entries);
    CHECK(entries->at(0).bytes == 50);
    CHECK(entries->at(0).packedBytes == 50);
}
