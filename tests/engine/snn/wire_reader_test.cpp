// SPDX-License-Identifier: Apache-2.0
// Fields of every kind, and every way in which they can be cut off.
#include "engine/snn/wire_reader.h"

#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

namespace {

ByteFile fileOf(const TemporaryFolder &folder, const std::string &text) {
    writeBytes(folder / "w", {text.begin(), text.end()});
    return ByteFile::open(folder / "w").value();
}

}  // namespace

TEST_CASE("fields come back as they were written", "[snn]") {
    const TemporaryFolder folder;
    Wire wire;
    wire.varint(1, 300).single(2, 1.5F).bytes(3, "abc").varint(4, ~std::uint64_t{0});
    ByteFile file = fileOf(folder, wire.text());
    WireReader reader(file, {0, file.size()});
    CHECK(reader.integer(reader.next().value()) == 300);
    CHECK(reader.single(reader.next().value()) == 1.5F);
    CHECK(reader.text(reader.next().value()) == "abc");
    const auto last = reader.next().value();
    CHECK(last.number == 4);
    CHECK(reader.integer(last) == -1);
    CHECK_FALSE(reader.next());
    CHECK(file.status());
}

TEST_CASE("reading far apart goes through the window", "[snn]") {
    const TemporaryFolder folder;
    std::string text(200000, 'a');
    text[150000] = 'b';
    ByteFile file = fileOf(folder, text);
    CHECK(file.byteAt(150000) == 'b');
    CHECK(file.byteAt(0) == 'a');
    CHECK(file.byteAt(199999) == 'a');
    CHECK(file.good());
    CHECK(file.byteAt(200000) == 0);
    CHECK_FALSE(file.good());
}

TEST_CASE("damage is told once, with its place", "[snn]") {
    const TemporaryFolder folder;
    const auto damage = [&](const std::string &text) {
        ByteFile file = fileOf(folder, text);
        WireReader reader(file, {0, file.size()});
        while (const auto field = reader.next())
            if (field->number == 3)
                (void)reader.text(*field, 2);
            else if (field->number == 1)
                (void)reader.integer(*field);
        const auto status = file.status();
        REQUIRE_FALSE(status);
        CHECK(status.error().code == ErrorCode::BadFile);
        return status.error().message;
    };
    CHECK(holds(damage(Wire().bytes(7, "abc").text().substr(0, 3)), "3 bytes announced"));
    CHECK(holds(damage("\x08\xFF"), "cut off"));
    CHECK(holds(damage("\x08" + std::string(11, '\xFF')), "has no end"));
    CHECK(holds(damage("\x0B"), "no field that is known"));
    CHECK(holds(damage(Wire().bytes(1, "x").text()), "wrong kind"));
    CHECK(holds(damage(Wire().bytes(3, "long").text()), "allowed are 2"));
    CHECK(holds(damage("\x15\x01"), "cut off"));
}

TEST_CASE("only regular files are opened", "[snn]") {
    const TemporaryFolder folder;
    CHECK(ByteFile::open(folder.path()).error().message.find("regular") != std::string::npos);
    CHECK(ByteFile::open(folder / "no").error().code == ErrorCode::BadFile);
}
