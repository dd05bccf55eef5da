// SPDX-License-Identifier: Apache-2.0
// An ONNX file as it is stored: nodes, attributes, and where the numbers lie.
#pragma once

#include "engine/snn/wire_reader.h"

#include <map>

namespace fovea {

/// A tensor in the file or beside it. Its numbers are read when they are wanted.
struct OnnxTensor {
    enum Type : std::int64_t { Float = 1, Int8 = 3, Int32 = 6, Int64 = 7, Bool = 9, Double = 11 };
    std::string name;
    std::vector<std::int64_t> sides;
    std::int64_t type = 0;
    std::optional<FileRange> raw;   ///< little-endian
    std::vector<FileRange> packed;  ///< lists of typed numbers, as the wire has them
    std::uint64_t packedField = 0;  ///< which list: 4 float, 5 int32, 7 int64, 10 double
    bool external = false;          ///< the numbers lie in another file
    std::map<std::string, std::string> externalData;  ///< location, offset, length
};

struct OnnxAttribute {
    float single = 0;
    std::int64_t integer = 0;
    std::string text;
    std::vector<std::int64_t> integers;
    std::vector<float> singles;
    std::optional<OnnxTensor> tensor;
};

struct OnnxNode {
    std::string name;
    std::string type;  ///< the operator
    std::string domain;
    std::vector<std::string> inputs;  ///< an empty name: left out
    std::vector<std::string> outputs;
    std::map<std::string, OnnxAttribute> attributes;
};

/// A graph's input or output: -1 for a side without a number.
struct OnnxValue {
    std::string name;
    std::vector<std::int64_t> sides;
};

struct OnnxGraph {
    std::int64_t irVersion = 0;
    std::int64_t opset = 0;
    std::string producer;  ///< name and version
    std::vector<OnnxNode> nodes;
    std::map<std::string, OnnxTensor> initializers;
    std::vector<OnnxValue> inputs, outputs;
};

/// Memory for what an ONNX file describes, its weights left out: names, nodes, lists.
constexpr std::uint64_t onnxRecordBytes = std::uint64_t{16} << 20;

/// Walks the file; no weight is read. BadFile with the file's name and the place; Unsupported for
/// sparse weights.
[[nodiscard]] Result<OnnxGraph> readOnnxGraph(ByteFile &file);

}  // namespace fovea
