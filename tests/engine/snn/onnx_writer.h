// SPDX-License-Identifier: Apache-2.0
// Writes small ONNX files for tests, field by field as onnx.proto numbers them.
#pragma once

#include "engine/snn/onnx_file.h"
#include "engine/snn/reference_executor.h"

#include "tests/support/files.h"

#include <catch2/catch.hpp>

#include <cstring>

namespace fovea::test {

/// A message in the making.
class Wire {
public:
    Wire &varint(std::uint64_t field, std::uint64_t value) {
        number(field << 3U);
        return number(value);
    }
    Wire &single(std::uint64_t field, float value) {
        number(field << 3U | 5U);
        return raw(value);
    }
    Wire &bytes(std::uint64_t field, const std::string &value) {
        number(field << 3U | 2U);
        number(value.size());
        text_ += value;
        return *this;
    }
    Wire &message(std::uint64_t field, const Wire &value) { return bytes(field, value.text_); }
    template <class Number> Wire &raw(Number value) {
        char part[sizeof(value)];
        std::memcpy(part, &value, sizeof(value));
        text_.append(part, sizeof(value));
        return *this;
    }
    Wire &number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U)
            text_ += static_cast<char>(0x80U | (value & 0x7FU));
        text_ += static_cast<char>(value);
        return *this;
    }
    [[nodiscard]] const std::string &text() const { return text_; }

private:
    std::string text_;
};

template <class Number>
Wire tensorOf(const std::string &name, const std::vector<std::int64_t> &sides, int type,
              const std::vector<Number> &values) {
    Wire tensor;
    Wire raw;
    for (const std::int64_t side : sides)
        tensor.varint(1, static_cast<std::uint64_t>(side));
    for (const Number value : values)
        raw.raw(value);
    return tensor.varint(2, static_cast<std::uint64_t>(type)).bytes(8, name).bytes(9, raw.text());
}

/// An attribute of a node.
inline Wire attribute(const std::string &name, const std::vector<std::int64_t> &values) {
    Wire wire;
    wire.bytes(1, name);
    for (const std::int64_t value : values)
        wire.varint(8, static_cast<std::uint64_t>(value));
    return wire;
}
inline Wire attribute(const std::string &name, std::int64_t value) {
    return Wire().bytes(1, name).varint(3, static_cast<std::uint64_t>(value));
}
inline Wire attribute(const std::string &name, float value) {
    return Wire().bytes(1, name).single(2, value);
}
inline Wire attribute(const std::string &name, const std::string &value) {
    return Wire().bytes(1, name).bytes(4, value);
}

/// A model under construction: input "x", output "y" unless told.
class OnnxDraft {
public:
    using Names = std::vector<std::string>;

    OnnxDraft &input(const std::vector<std::int64_t> &sides, const std::string &name = "x") {
        graph_.message(11, value(name, sides));
        return *this;
    }
    OnnxDraft &output(const std::string &name = "y") {
        graph_.message(12, value(name, {}));
        return *this;
    }
    OnnxDraft &node(const std::string &type, const Names &inputs, const std::string &output,
                    const std::vector<Wire> &attributes = {}) {
        Wire node;
        for (const std::string &name : inputs)
            node.bytes(1, name);
        node.bytes(2, output).bytes(3, "n_" + output).bytes(4, type);
        for (const Wire &one : attributes)
            node.message(5, one);
        graph_.message(1, node);
        return *this;
    }
    OnnxDraft &floats(const std::string &name, const std::vector<std::int64_t> &sides,
                      const std::vector<float> &values) {
        return tensor(tensorOf(name, sides, 1, values));
    }
    OnnxDraft &integers(const std::string &name, const std::vector<std::int64_t> &values) {
        return tensor(tensorOf(name, {static_cast<std::int64_t>(values.size())}, 7, values));
    }
    OnnxDraft &tensor(const Wire &tensor) {
        graph_.message(5, tensor);
        return *this;
    }
    [[nodiscard]] std::string text() const {
        return Wire()
            .varint(1, 8)
            .bytes(2, "tests")
            .bytes(3, "1")
            .message(7, graph_)
            .message(8, Wire().bytes(1, "").varint(2, 13))
            .text();
    }
    void write(const std::filesystem::path &path) const {
        const std::string all = text();
        writeBytes(path, {all.begin(), all.end()});
    }
    [[nodiscard]] Result<OnnxModel> read() const {
        const TemporaryFolder folder;
        write(folder / "m.onnx");
        return readOnnx(folder / "m.onnx");
    }
    /// What the network gives for one input.
    [[nodiscard]] std::vector<float> run(const std::vector<float> &x) const {
        const auto model = read();
        INFO((model ? "" : model.error().message));
        REQUIRE(model);
        ReferenceExecutor executor(model->network, 1);
        REQUIRE(executor.step(x));
        return {executor.output().begin(), executor.output().end()};
    }
    /// Why it is refused.
    [[nodiscard]] std::string refusal() const {
        const auto model = read();
        REQUIRE_FALSE(model);
        CHECK(model.error().message.find("m.onnx: ") != std::string::npos);
        return model.error().message;
    }

private:
    static Wire value(const std::string &name, const std::vector<std::int64_t> &sides) {
        Wire shape;
        for (const std::int64_t side : sides)
            shape.message(1, side < 0 ? Wire().bytes(2, "n")
                                      : Wire().varint(1, static_cast<std::uint64_t>(side)));
        return Wire().bytes(1, name).message(
            2, Wire().message(1, Wire().varint(1, 1).message(2, shape)));
    }
    Wire graph_;
};

inline bool holds(const std::string &text, const std::string &part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace fovea::test
