// SPDX-License-Identifier: Apache-2.0
// Turns the nodes of an ONNX graph into layers, one after the other.
#pragma once

#include "engine/snn/elementwise_chain.h"
#include "engine/snn/network.h"
#include "engine/snn/onnx_constants.h"

#include <variant>

namespace fovea {

/// The network under construction, and what every name of the graph stands for so far.
///
/// Threads: one at a time.
class OnnxImport {
public:
    OnnxImport(ByteFile &file, const OnnxGraph &graph);

    [[nodiscard]] Result<Network> run();
    std::vector<std::string> warnings;

    /// All operators that are known, sorted.
    [[nodiscard]] static std::string supported();

private:
    /// What comes out of a layer.
    struct Signal {
        std::string node;  ///< its name in the network
        SignalShape shape;
        Border padding;  ///< zeros around it that no layer has added yet
    };
    /// A signal and arithmetic on it that no layer does yet.
    struct Pending {
        Signal signal;
        ElementwiseChain chain;
        std::string name;
    };
    using Value = std::variant<Signal, Pending, OnnxConstant>;
    using Handler = Result<void> (OnnxImport::*)(const OnnxNode &);

    static const std::map<std::string, Handler> &handlers();

    // The graph around the nodes.
    [[nodiscard]] Result<void> takeInput();
    [[nodiscard]] Result<void> takeNode(const OnnxNode &node);
    [[nodiscard]] Result<bool> tryFold(const OnnxNode &node);
    [[nodiscard]] Result<void> takeOutputs();
    void findNeeded();

    // Names and values.
    [[nodiscard]] std::string nameFor(const OnnxNode &node);
    [[nodiscard]] std::string unique(std::string name);
    [[nodiscard]] bool given(const OnnxNode &node, std::size_t index) const;
    [[nodiscard]] Result<Value *> value(const OnnxNode &node, std::size_t index);
    /// As a layer's output; pending arithmetic becomes layers first, padding too unless `padded`.
    [[nodiscard]] Result<Signal> signal(const OnnxNode &node, std::size_t index,
                                        bool padded = false);
    [[nodiscard]] Result<Signal> settle(Value &value, bool padded);
    [[nodiscard]] Result<OnnxConstant> constant(const OnnxNode &node, std::size_t index);
    [[nodiscard]] Result<std::vector<double>> numbers(const OnnxNode &node, std::size_t index);
    /// A list from an attribute, or from an input (later opsets).
    [[nodiscard]] Result<std::vector<double>> list(const OnnxNode &node, const std::string &name,
                                                   std::size_t index);
    /// One number for all, for channels or for values of `shape`.
    [[nodiscard]] Result<ElementwiseChain::Numbers> spread(const OnnxConstant &constant,
                                                           const SignalShape &shape);
    void give(const OnnxNode &node, Value value);
    /// Adds a layer behind `from`, checked, and gives what comes out.
    [[nodiscard]] Result<Signal> add(const std::string &name, Layer layer,
                                     std::span<const Signal> from);
    /// add() for the node's first output.
    [[nodiscard]] Result<void> emit(const OnnxNode &node, Layer layer,
                                    std::span<const Signal> from);
    /// The chain that node's first input is, or a new one.
    [[nodiscard]] Result<Pending> chain(const OnnxNode &node, std::size_t index);

    // Operators (onnx_layers.cpp, onnx_operators.cpp).
    Result<void> addition(const OnnxNode &node);
    Result<void> alias(const OnnxNode &node);
    Result<void> batchNormalisation(const OnnxNode &node);
    Result<void> clip(const OnnxNode &node);
    Result<void> concat(const OnnxNode &node);
    Result<void> conv(const OnnxNode &node);
    Result<void> convTranspose(const OnnxNode &node);
    Result<void> dropout(const OnnxNode &node);
    Result<void> gemm(const OnnxNode &node);
    Result<void> globalPool(const OnnxNode &node);
    Result<void> leakyRelu(const OnnxNode &node);
    Result<void> onlyConstants(const OnnxNode &node);
    Result<void> pad(const OnnxNode &node);
    Result<void> pool(const OnnxNode &node);
    Result<void> product(const OnnxNode &node);
    Result<void> reshape(const OnnxNode &node);
    Result<void> resize(const OnnxNode &node);
    Result<void> round(const OnnxNode &node);
    Result<void> shapeOf(const OnnxNode &node);
    Result<void> softmax(const OnnxNode &node);

    /// Kernel, stride, padding and dilation as Conv, ConvTranspose and pools have them.
    struct Window {
        Size2 kernel, stride, dilation;
        Border padding;
    };
    [[nodiscard]] Result<Window> window(const OnnxNode &node, Size2 kernel, const Signal &from);
    [[nodiscard]] Result<Weights> kernels(const OnnxNode &node);
    [[nodiscard]] Result<std::vector<float>> bias(const OnnxNode &node, std::size_t index,
                                                  std::size_t count);

    ByteFile &file_;
    const OnnxGraph &graph_;
    OnnxConstants constants_;
    NetworkBuilder builder_;
    std::map<std::string, Value> values_;
    std::map<std::string, std::size_t> uses_;  ///< consumers of each needed name
    std::vector<bool> needed_;
    std::map<std::string, SignalShape> shapes_;  ///< of the network's nodes
    std::map<std::string, std::size_t> taken_;   ///< how often a name was given a number
    std::int64_t batch_ = 1;
    std::size_t steps_ = 0;
};

}  // namespace fovea
