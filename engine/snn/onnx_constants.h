// SPDX-License-Identifier: Apache-2.0
// What an ONNX graph knows before anything is run: weights, and shapes that it computes.
#pragma once

#include "engine/snn/onnx_graph.h"

#include <functional>
#include <span>

namespace fovea {

/// Numbers that are there already (few), or that lie in a file until they are wanted.
struct OnnxConstant {
    std::vector<std::int64_t> sides;
    std::vector<double> values;          ///< when `stored` is null
    bool integral = false;               ///< whole numbers: division rounds towards 0
    const OnnxTensor *stored = nullptr;  ///< lives as long as the graph
    bool transposed = false;             ///< stored with its two sides exchanged

    [[nodiscard]] std::uint64_t count() const;
};

/// Reads numbers from the file and from those beside it, and bounds what all of them take in
/// memory: the sizes of these files and some more.
///
/// Threads: one at a time.
class OnnxConstants {
public:
    /// Most numbers of a constant that is computed with.
    static constexpr std::uint64_t maxSmall = 65536;

    /// The file outlives it.
    explicit OnnxConstants(ByteFile &file);

    /// A constant of what `tensor` holds; checks type, shape and size against the file. BadFile
    /// names the tensor.
    [[nodiscard]] Result<OnnxConstant> open(const OnnxTensor &tensor);
    /// All numbers in C order of its sides.
    [[nodiscard]] Result<std::vector<float>> floats(const OnnxConstant &constant);
    /// At most maxSmall numbers, exact up to 2^53.
    [[nodiscard]] Result<std::vector<double>> numbers(const OnnxConstant &constant);
    /// Counts `count` floats of a layer; BadFile when the sum is more than the files can hold.
    [[nodiscard]] Result<void> spend(std::uint64_t count);

private:
    /// Where the numbers of a tensor lie.
    struct Place {
        ByteFile *file = nullptr;
        FileRange range;
    };
    [[nodiscard]] Result<Place> place(const OnnxTensor &tensor);
    [[nodiscard]] Result<Place> external(const OnnxTensor &tensor);
    using Put = std::function<void(double)>;
    [[nodiscard]] Result<void> readFixed(ByteFile &file, FileRange range, std::int64_t type,
                                         const Put &put);
    [[nodiscard]] Result<void> readAll(const OnnxTensor &tensor, const Put &put);
    template <class Number>
    [[nodiscard]] Result<void> fill(const OnnxConstant &constant, std::vector<Number> &values);

    ByteFile &file_;
    std::map<std::filesystem::path, ByteFile> beside_;
    std::uint64_t budget_;
    std::uint64_t spent_ = 0;
};

/// The operators that are computed while reading: Add, Cast, Concat, ConstantOfShape, Div, Floor,
/// Gather, Mul, Reshape, Slice, Squeeze, Sub, Transpose, Unsqueeze (and Identity). Unsupported says
/// what cannot be computed, without naming the node.
[[nodiscard]] Result<OnnxConstant> foldConstant(OnnxConstants &constants, const OnnxNode &node,
                                                std::span<const OnnxConstant> inputs);
[[nodiscard]] bool folds(const std::string &type);

/// Attribute `name` of the node, or null.
[[nodiscard]] const OnnxAttribute *attributeOf(const OnnxNode &node, const std::string &name);
[[nodiscard]] std::int64_t integerOf(const OnnxNode &node, const std::string &name,
                                     std::int64_t otherwise);

/// `sides` with one side at most -1 (what is left) and zeros (kept from `from`), as Reshape has
/// them.
[[nodiscard]] Result<std::vector<std::int64_t>> reshaped(std::span<const std::int64_t> from,
                                                         std::span<const double> sides);

}  // namespace fovea
