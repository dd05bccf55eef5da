// SPDX-License-Identifier: Apache-2.0
// Random access to members: any order gives the same bytes; damage is found.
#include "datasets/zip_member.h"

#include "tests/datasets/recordings.h"

using namespace fovea;
using namespace fovea::test;

namespace {

Bytes noisyText(std::size_t count) {
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i)
        bytes[i] = static_cast<unsigned char>(randomAt(1, i / 16, i % 4) & 7);
    return bytes;
}

}  // namespace

TEST_CASE("bytes come back in any order") {
    TemporaryFolder folder;
    const Bytes bytes = noisyText(5'000'000);
    for (const bool deflate : {false, true}) {
        writeBytes(folder / "a.zip", zipBytes({{"first", Bytes(3)}, {"a", bytes, deflate}}));
        const auto file = FileHandle::open(folder / "a.zip");
        REQUIRE(file);
        const auto entries = readZipDirectory(*file);
        REQUIRE(entries);
        const auto member = ZipMember::open(*file, entries->at(1));
        REQUIRE(member);
        CHECK(member->size() == bytes.size());
        Random random(7);
        Bytes part;
        for (int i = 0; i < 60; ++i) {
            const std::size_t at = i == 0 ? bytes.size() - 1 : random.below(bytes.size());
            part.resize(std::min<std::size_t>(bytes.size() - at, random.below(5000)));
            REQUIRE(member->readAt(at, part.data(), part.size()));
            REQUIRE(std::equal(part.begin(), part.end(),
                               bytes.begin() + static_cast<std::ptrdiff_t>(at)));
        }
        part.resize(2);
        CHECK_FALSE(member->readAt(bytes.size() - 1, part.data(), 2));
        CHECK_FALSE(member->readAt(~std::uint64_t{0}, part.data(), 2));
    }
}

TEST_CASE("a wrong checksum is found when the member has been read") {
    TemporaryFolder folder;
    const Bytes bytes = noisyText(300'000);
    for (const bool deflate : {false, true}) {
        Bytes zip = zipBytes({{"a", bytes, deflate}});
        zip[zip.size() - 22 - 47 + 16] ^= 1;  // the checksum in the directory
        writeBytes(folder / "a.zip", zip);
        const auto file = FileHandle::open(folder / "a.zip");
        const auto entries = readZipDirectory(*file);
        REQUIRE(entries);
        const auto member = ZipMember::open(*file, entries->at(0));
        REQUIRE(member);
        Bytes part(100'000);
        CHECK(member->readAt(0, part.data(), part.size()));
        CHECK(member->readAt(100'000, part.data(), part.size()));
        CHECK_FALSE(member->readAt(200'000, part.data(), part.size()));
    }
}

TEST_CASE("a member without its data is refused") {
    TemporaryFolder folder;
    writeBytes(folder / "a.zip", Bytes(100));
    const auto file = FileHandle::open(folder / "a.zip");
    ZipEntry entry;
    entry.name = "a";
    CHECK_FALSE(ZipMember::open(*file, entry));  // no local header there
    entry.headerOffset = 90;
    CHECK_FALSE(ZipMember::open(*file, entry));
    entry.headerOffset = ~std::uint64_t{0} - 5;
    CHECK_FALSE(ZipMember::open(*file, entry));
}
