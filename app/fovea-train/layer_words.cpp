// SPDX-License-Identifier: Apache-2.0
// Words to layers.
#include "app/fovea-train/layer_words.h"

#include "engine/core/text.h"

#include <map>
#include <sstream>

namespace fovea {

namespace {

struct Line {
    std::string name, kind;
    std::vector<std::string> arguments, sources;
};

Line split(const std::string &text, std::size_t number) {
    Line line;
    std::istringstream words(text);
    std::string word;
    bool from = false;
    while (words >> word) {
        if (word == "=" && line.name.empty())
            line.name = std::exchange(line.kind, {});
        else if (line.kind.empty())
            line.kind = word;
        else if (word == "from")
            from = true;
        else
            (from ? line.sources : line.arguments).push_back(word);
    }
    if (line.name.empty())
        line.name = fmt::format("{}{}", line.kind, number + 1);
    return line;
}

class Reader {
public:
    Reader(const SignalShape &input, std::uint32_t levels) : levels_(levels) {
        shapes_["input"] = input;
        builder_.add("input", InputLayer{input});
    }

    Result<void> add(const std::string &text, std::size_t number) {
        line_ = split(text, number);
        const auto wrong = [&](const std::string &what) {
            return fail(ErrorCode::Usage, "network line {} '{}': {}", number + 1, text, what);
        };
        if (line_.sources.empty())
            line_.sources = {last_};
        std::vector<SignalShape> inputs;
        for (const std::string &source : line_.sources) {
            const auto found = shapes_.find(source);
            if (found == shapes_.end())
                return wrong(fmt::format("no layer before it is called '{}'", source));
            inputs.push_back(found->second);
        }
        auto layer = make(inputs[0]);
        if (!layer)
            return wrong(layer.error());
        auto shape = outputShape(*layer, inputs);
        if (!shape)
            return wrong(shape.error().message);
        builder_.add(line_.name, std::move(*layer));
        for (const std::string &source : line_.sources)
            builder_.connect(source, line_.name);
        shapes_[line_.name] = *shape;
        last_ = line_.name;
        return {};
    }

    Result<Network> build() {
        builder_.add("output", OutputLayer{});
        builder_.connect(last_, "output");
        return builder_.build();
    }

private:
    /// The number behind a word, or of the place, when it is there and allowed.
    std::optional<std::uint32_t> number(std::size_t place) const {
        if (place >= line_.arguments.size())
            return std::nullopt;
        const auto value = parseNumber<std::uint32_t>(line_.arguments[place]);
        return value && *value <= 1U << 16 ? std::optional(*value) : std::nullopt;
    }
    std::optional<std::uint32_t> option(std::string_view word) const {
        for (std::size_t i = 0; i + 1 < line_.arguments.size(); ++i)
            if (line_.arguments[i] == word)
                return number(i + 1);
        return std::nullopt;
    }
    bool has(std::string_view word) const {
        for (const std::string &argument : line_.arguments)
            if (argument == word)
                return true;
        return false;
    }
    static Weights zeros(std::initializer_list<std::uint32_t> sides) {
        const SignalShape shape = SignalShape::of(sides);
        return {shape, std::vector<float>(shape.elements())};
    }

    tl::expected<Layer, std::string> make(const SignalShape &input) const {
        const auto first = number(0);
        if (line_.kind == "conv") {
            const auto side = number(1);
            if (!first || !side || *first < 1 || *side < 1 || *side > 64 || input.rank != 3)
                return tl::make_unexpected("expected conv CHANNELS SIDE on a picture");
            const std::uint32_t pad = option("pad").value_or((*side - 1) / 2);
            const std::uint32_t stride = std::max(option("stride").value_or(1), 1U);
            return Conv2d{zeros({*first, input.sides[0], *side, *side}),
                          std::vector<float>(*first),
                          {stride, stride},
                          {pad, pad, pad, pad},
                          {},
                          1};
        }
        if (line_.kind == "linear" && first && *first >= 1 && input.rank == 1)
            return Linear{zeros({*first, input.sides[0]}), std::vector<float>(*first)};
        if (line_.kind == "pool" && first && *first >= 1)
            return Pool2d{PoolKind::Average, {*first, *first}, {*first, *first}, {}, true};
        if (line_.kind == "flatten")
            return Flatten{};
        if (line_.kind == "add")
            return Add{};
        if (line_.kind == "act")
            return Activation{levels_, 1.0F};
        const Reset reset = has("soft") ? Reset::Soft : Reset::Hard;
        if (line_.kind == "if")
            return Neuron::integrateAndFire(1.0F, reset);
        if (line_.kind == "lif") {
            const auto tau =
                line_.arguments.empty() ? std::nullopt : parseNumber<float>(line_.arguments[0]);
            if (!tau || !(*tau > 1))
                return tl::make_unexpected("expected lif TAU, more than 1");
            Neuron neuron = Neuron::leaky(*tau, true);
            neuron.reset = reset;
            return neuron;
        }
        return tl::make_unexpected(
            "expected conv CHANNELS SIDE, linear OUTPUTS (on a flat signal), "
            "pool SIDE, flatten, add, act, if or lif TAU");
    }

    std::uint32_t levels_;
    NetworkBuilder builder_;
    std::map<std::string, SignalShape> shapes_;
    std::string last_ = "input";
    Line line_;
};

}  // namespace

Result<Network> readLayers(std::span<const std::string> lines, const SignalShape &input,
                           std::uint32_t levels) {
    Reader reader(input, levels);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (auto added = reader.add(lines[i], i); !added)
            return failed(added);
    if (lines.empty())
        return fail(ErrorCode::Usage, "network: no layers");
    return reader.build();
}

Result<Network> withInputSize(const Network &network, std::uint64_t width, std::uint64_t height) {
    NetworkBuilder builder;
    for (const Node &node : network.nodes()) {
        Layer layer = node.layer;
        if (auto *input = std::get_if<InputLayer>(&layer))
            input->shape =
                SignalShape::of({input->shape.sides[0], static_cast<std::uint32_t>(height),
                                 static_cast<std::uint32_t>(width)});
        builder.add(node.name, std::move(layer));
    }
    for (const Node &node : network.nodes())
        for (const Source &source : node.sources)
            builder.connect(network.node(source.node).name, node.name);
    auto built = builder.build();
    if (!built)
        return fail(ErrorCode::Usage, "output_size: {}", built.error().message);
    return built;
}

}  // namespace fovea
