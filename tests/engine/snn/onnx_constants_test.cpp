// SPDX-License-Identifier: Apache-2.0
// Numbers of every type and place, and what is refused before anything is allocated.
#include "engine/snn/onnx_constants.h"

#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

namespace {

/// Reads tensor "w" of a model as floats.
Result<std::vector<float>> floatsOf(const Wire &tensor, const TemporaryFolder &folder,
                                    bool transposed = false) {
    OnnxDraft().tensor(tensor).write(folder / "c.onnx");
    ByteFile file = ByteFile::open(folder / "c.onnx").value();
    const OnnxGraph graph = readOnnxGraph(file).value();
    OnnxConstants constants(file);
    auto constant = constants.open(graph.initializers.at("w"));
    if (!constant)
        return failed(constant);
    if (transposed) {
        constant->transposed = true;
        std::swap(constant->sides[0], constant->sides[1]);
    }
    return constants.floats(*constant);
}

Wire external(const std::string &location, const std::string &offset, const std::string &length) {
    const auto entry = [](const std::string &key, const std::string &value) {
        return Wire().bytes(1, key).bytes(2, value);
    };
    return Wire()
        .varint(1, 2)
        .varint(2, 1)
        .bytes(8, "w")
        .message(13, entry("location", location))
        .message(13, entry("offset", offset))
        .message(13, entry("length", length))
        .varint(14, 1);
}

}  // namespace

TEST_CASE("numbers of every type are read", "[snn]") {
    const TemporaryFolder folder;
    const std::vector<float> wanted = {1, -2};
    CHECK(floatsOf(tensorOf<float>("w", {2}, 1, {1, -2}), folder) == wanted);
    CHECK(floatsOf(tensorOf<double>("w", {2}, 11, {1, -2}), folder) == wanted);
    CHECK(floatsOf(tensorOf<std::int64_t>("w", {2}, 7, {1, -2}), folder) == wanted);
    CHECK(floatsOf(tensorOf<std::int32_t>("w", {2}, 6, {1, -2}), folder) == wanted);
    CHECK(floatsOf(tensorOf<std::int8_t>("w", {2}, 3, {1, -2}), folder) == wanted);
    const Wire head = Wire().varint(1, 2).bytes(8, "w");
    const std::string pair = Wire().raw(1.0F).raw(-2.0F).text();
    CHECK(floatsOf(Wire(head).varint(2, 1).bytes(4, pair), folder) == wanted);
    CHECK(floatsOf(Wire(head).varint(2, 1).single(4, 1).single(4, -2), folder) == wanted);
    const std::string list = Wire().number(1).number(~std::uint64_t{1}).text();
    CHECK(floatsOf(Wire(head).varint(2, 7).bytes(7, list), folder) == wanted);
    CHECK(floatsOf(tensorOf<float>("w", {2, 3}, 1, {1, 2, 3, 4, 5, 6}), folder, true) ==
          std::vector<float>{1, 4, 2, 5, 3, 6});
}

TEST_CASE("sizes are held against the bytes that are there", "[snn]") {
    const TemporaryFolder folder;
    const auto refused = [&](const Wire &tensor, const std::string &part) {
        const auto values = floatsOf(tensor, folder);
        REQUIRE_FALSE(values);
        CHECK(holds(values.error().message, part));
        CHECK(holds(values.error().message, "'w'"));
    };
    refused(tensorOf<float>("w", {3}, 1, {1, 2}), "3 numbers of 4 bytes, but 8 bytes");
    refused(tensorOf<float>("w", {100000, 100000}, 1, {1}), "more than");
    refused(tensorOf<float>("w", {-1}, 1, {1}), "a side of -1");
    refused(tensorOf<float>("w", {1LL << 40}, 1, {1}), "a side of");
    refused(tensorOf<float>("w", {1}, 10, {1}), "type 10");
    refused(Wire().varint(1, 5).varint(2, 1).bytes(8, "w"), "5 numbers, but 0 bytes");
    refused(Wire().varint(1, 8).varint(2, 1).bytes(8, "w").bytes(4, std::string(8, 'a')),
            "2 numbers are there, 8 are wanted");
}

TEST_CASE("numbers beside the model stay in its folder", "[snn]") {
    const TemporaryFolder outer;
    const auto inner = outer / "model";
    std::filesystem::create_directory(inner);
    const std::string pair = Wire().raw(0.0F).raw(1.0F).raw(-2.0F).text();
    writeBytes(inner / "w.bin", {pair.begin(), pair.end()});
    writeBytes(outer / "secret.bin", {pair.begin(), pair.end()});
    std::filesystem::create_symlink(outer / "secret.bin", inner / "link.bin");
    const auto read = [&](const Wire &tensor) {
        OnnxDraft().tensor(tensor).write(inner / "c.onnx");
        ByteFile file = ByteFile::open(inner / "c.onnx").value();
        const OnnxGraph graph = readOnnxGraph(file).value();
        OnnxConstants constants(file);
        const auto constant = constants.open(graph.initializers.at("w"));
        return constant ? constants.floats(*constant)
                        : Result<std::vector<float>>(tl::make_unexpected(constant.error()));
    };
    CHECK(read(external("w.bin", "4", "8")) == std::vector<float>{1, -2});
    for (const char *name : {"../secret.bin", "link.bin", "/etc/passwd", "", "no.bin", "."})
        CHECK(holds(read(external(name, "0", "8")).error().message, std::string("'") + name));
    CHECK(holds(read(external("w.bin", "99", "8")).error().message, "has 12 bytes"));
    CHECK(holds(read(external("w.bin", "8", "8")).error().message, "has 12 bytes"));
    CHECK(holds(read(external("w.bin", "-1", "8")).error().message, "has 12 bytes"));
}

TEST_CASE("one weight used by many layers does not multiply without end", "[snn]") {
    const TemporaryFolder folder;
    OnnxDraft().floats("w", {1 << 20}, std::vector<float>(1 << 20)).write(folder / "c.onnx");
    ByteFile file = ByteFile::open(folder / "c.onnx").value();
    const OnnxGraph graph = readOnnxGraph(file).value();
    OnnxConstants constants(file);
    const auto constant = constants.open(graph.initializers.at("w"));
    REQUIRE(constant);
    std::size_t reads = 0;
    while (constants.floats(*constant))
        REQUIRE(++reads < 20);
    CHECK(reads >= 2);
    CHECK_FALSE(constants.numbers(*constant));
}
