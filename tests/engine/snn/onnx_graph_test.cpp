// SPDX-License-Identifier: Apache-2.0
// The records of an ONNX file.
#include "engine/snn/onnx_graph.h"

#include "tests/engine/snn/onnx_writer.h"

using namespace fovea;
using namespace fovea::test;

namespace {

Result<OnnxGraph> graphOf(const std::string &text) {
    const TemporaryFolder folder;
    writeBytes(folder / "g.onnx", {text.begin(), text.end()});
    ByteFile file = ByteFile::open(folder / "g.onnx").value();
    return readOnnxGraph(file);
}

}  // namespace

TEST_CASE("nodes, attributes and tensors are found", "[snn]") {
    const auto graph =
        graphOf(OnnxDraft()
                    .input({-1, 3, 4})
                    .floats("w", {2, 3}, {1, 2, 3, 4, 5, 6})
                    .node("Conv", {"x", "w", ""}, "y",
                          {attribute("pads", std::vector<std::int64_t>{1, -2}),
                           attribute("alpha", 0.5F), attribute("mode", std::string("SAME"))})
                    .output()
                    .text());
    REQUIRE(graph);
    CHECK(graph->opset == 13);
    CHECK(graph->producer == "tests 1");
    CHECK(graph->inputs[0].sides == std::vector<std::int64_t>{-1, 3, 4});
    CHECK(graph->outputs[0].name == "y");
    REQUIRE(graph->nodes.size() == 1);
    const OnnxNode &node = graph->nodes[0];
    CHECK(node.type == "Conv");
    CHECK(node.inputs.size() == 3);
    CHECK(node.attributes.at("pads").integers == std::vector<std::int64_t>{1, -2});
    CHECK(node.attributes.at("alpha").single == 0.5F);
    CHECK(node.attributes.at("mode").text == "SAME");
    CHECK(graph->initializers.at("w").sides == std::vector<std::int64_t>{2, 3});
    CHECK(graph->initializers.at("w").raw->size() == 24);
}

TEST_CASE("what is no graph is refused", "[snn]") {
    CHECK(holds(graphOf("").error().message, "holds no graph"));
    CHECK(holds(graphOf("plain text, not a model").error().message, "g.onnx: "));
    CHECK(holds(
        graphOf(OnnxDraft().floats("w", {1}, {1}).floats("w", {1}, {1}).text()).error().message,
        "one name"));
    Wire sparse;
    sparse.message(7, Wire().message(15, Wire()));
    CHECK(graphOf(sparse.text()).error().code == ErrorCode::Unsupported);
}

TEST_CASE("many small records are bounded", "[snn]") {
    // Two bytes in the file would be hundreds in memory.
    std::string nodes;
    for (int i = 0; i < 200000; ++i)
        nodes += std::string("\x0A\x00", 2);
    const auto graph = graphOf(Wire().bytes(7, nodes).text());
    REQUIRE_FALSE(graph);
    CHECK(holds(graph.error().message, "more than 16 MiB"));
}
