// SPDX-License-Identifier: Apache-2.0
// NIR's primitives, one function each.
#include "engine/snn/nir_layers.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <map>
#include <optional>

namespace fovea {

namespace {

using Warnings = std::vector<std::string>;

Result<std::vector<std::int64_t>> integers(const Hdf5Group &group, const std::string &name) {
    auto array = group.doubles(name);
    if (!array)
        return failed(array);
    if (array->values.empty() || array->values.size() > 16)
        return fail(ErrorCode::BadFile, "{}: {} numbers, expected a few", group.where(name),
                    array->values.size());
    std::vector<std::int64_t> all;
    for (const double value : array->values) {
        const auto whole = wholeNumber(value, group.where(name));
        if (!whole)
            return tl::make_unexpected(whole.error());
        all.push_back(*whole);
    }
    return all;
}

/// One or two numbers from 0 up, as height and width; one stands for both, or for a line's width.
Result<Size2> size2(const Hdf5Group &group, const std::string &name, Size2 missing, bool line) {
    if (!group.has(name))
        return missing;
    const auto all = integers(group, name);
    if (!all)
        return tl::make_unexpected(all.error());
    for (const std::int64_t value : *all)
        if (value < 0 || value > INT32_MAX || all->size() > 2)
            return fail(ErrorCode::BadFile, "{}: ({}), expected one or two sizes",
                        group.where(name), fmt::join(*all, ", "));
    const auto first = static_cast<std::uint32_t>(all->front());
    const auto last = static_cast<std::uint32_t>(all->back());
    return line ? Size2{missing.height, last} : Size2{first, last};
}

Result<Weights> readWeights(const Hdf5Group &group, std::size_t rank) {
    auto array = group.floats("weight");
    if (!array)
        return failed(array);
    while (array->sides.size() > rank && array->sides.front() == 1)
        array->sides.erase(array->sides.begin());
    std::vector<std::int64_t> sides;
    for (const std::uint64_t side : array->sides)
        sides.push_back(static_cast<std::int64_t>(std::min<std::uint64_t>(side, INT64_MAX)));
    const auto shape = SignalShape::make(sides);
    if (!shape || shape->rank != rank)
        return fail(ErrorCode::BadFile, "{}: shape ({}), expected {} sides", group.where("weight"),
                    fmt::join(array->sides, ", "), rank);
    return Weights{*shape, std::move(array->values)};
}

Result<std::vector<float>> readBias(const Hdf5Group &group) {
    if (!group.has("bias"))
        return std::vector<float>{};
    auto array = group.floats("bias");
    if (!array)
        return failed(array);
    // NIR's convolutions always have one: zeros stand for none.
    if (std::all_of(array->values.begin(), array->values.end(), [](float b) { return b == 0; }))
        return std::vector<float>{};
    return std::move(array->values);
}

Result<Layer> readLinear(const Hdf5Group &group) {
    auto weight = readWeights(group, 2);
    if (!weight)
        return failed(weight);
    auto bias = readBias(group);
    if (!bias)
        return failed(bias);
    return Linear{std::move(*weight), std::move(*bias)};
}

Result<Border> readPadding(const Hdf5Group &group, Size2 kernel, Size2 dilation, bool line) {
    if (group.isText("padding")) {
        const auto text = group.text("padding");
        if (!text)
            return tl::make_unexpected(text.error());
        if (*text == "valid")
            return Border{};
        if (*text == "same")
            return samePadding(kernel, dilation);
        return fail(ErrorCode::BadFile, "{}: '{}', expected numbers, same or valid",
                    group.where("padding"), *text);
    }
    const auto size = size2(group, "padding", {0, 0}, line);
    if (!size)
        return tl::make_unexpected(size.error());
    return Border{size->height, size->width, size->height, size->width};
}

Result<Layer> readConv(const Hdf5Group &group, bool line) {
    auto weight = readWeights(group, line ? 3 : 4);
    if (!weight)
        return failed(weight);
    const auto &sides = weight->shape.sides;
    if (line)
        weight->shape = SignalShape::of({sides[0], sides[1], 1, sides[2]});
    Conv2d conv{std::move(*weight), {}, {}, {}, {}, 1};
    auto bias = readBias(group);
    if (!bias)
        return failed(bias);
    conv.bias = std::move(*bias);
    auto stride = size2(group, "stride", {1, 1}, line);
    auto dilation = size2(group, "dilation", {1, 1}, line);
    if (!stride || !dilation)
        return failed(stride ? dilation : stride);
    const Size2 kernel{conv.weight.shape.sides[2], conv.weight.shape.sides[3]};
    auto padding = readPadding(group, kernel, *dilation, line);
    if (!padding)
        return failed(padding);
    conv.stride = *stride;
    conv.dilation = *dilation;
    conv.padding = *padding;
    if (group.has("groups")) {
        auto groups = integers(group, "groups");
        if (!groups)
            return failed(groups);
        if (groups->size() != 1 || groups->front() < 1 || groups->front() > INT32_MAX)
            return fail(ErrorCode::BadFile, "{}: expected one number from 1 up",
                        group.where("groups"));
        conv.groups = static_cast<std::uint32_t>(groups->front());
    }
    return conv;
}

Result<Layer> readPool(const Hdf5Group &group, PoolKind kind) {
    if (!group.has("kernel_size"))
        return fail(ErrorCode::BadFile, "{}: missing", group.where("kernel_size"));
    auto kernel = size2(group, "kernel_size", {}, false);
    if (!kernel)
        return failed(kernel);
    auto stride = size2(group, "stride", *kernel, false);
    auto padding = size2(group, "padding", {0, 0}, false);
    if (!stride || !padding)
        return failed(stride ? padding : stride);
    return Pool2d{kind,
                  *kernel,
                  *stride,
                  {padding->height, padding->width, padding->height, padding->width},
                  true};
}

Result<Layer> readFlatten(const Hdf5Group &group) {
    Flatten flatten{1, -1};  // the reference's defaults
    for (const auto &[name, side] :
         {std::pair<std::string, std::int32_t *>{"start_dim", &flatten.first},
          {"end_dim", &flatten.last}}) {
        if (!group.has(name))
            continue;
        const auto value = integers(group, name);
        if (!value)
            return tl::make_unexpected(value.error());
        if (value->size() != 1 || std::abs(value->front()) > 16)
            return fail(ErrorCode::BadFile, "{}: expected one small number", group.where(name));
        *side = static_cast<std::int32_t>(value->front());
    }
    return flatten;
}

/// Parameters of a neuron, by dataset; all as double, so that products of them lose nothing.
class Neurons {
public:
    Neurons(const Hdf5Group &group, double dt) : group_(group), dt_(dt) {}

    /// Reads the datasets; of those that may be missing, what stands for them.
    Result<void> read(std::initializer_list<std::pair<std::string, std::optional<double>>> wanted) {
        for (const auto &[name, missing] : wanted) {
            if (!group_.has(name) && missing) {
                values_[name] = {*missing};
                continue;
            }
            auto array = group_.doubles(name, true);
            if (!array)
                return failed(array);
            if (array->values.empty())
                return fail(ErrorCode::BadFile, "{}: empty", group_.where(name));
            values_[name] = std::move(array->values);
        }
        return {};
    }

    /// A number for each neuron from the same neuron's parameters.
    template <class Formula, class... Names>
    Result<Parameter> derive(Formula formula, const Names &...names) {
        const std::size_t count = std::max({values_.at(names).size()...});
        for (const auto size : {values_.at(names).size()...})
            if (size != 1 && size != count)
                return fail(ErrorCode::BadFile, "{}: parameters of {} and {} neurons",
                            group_.where(), size, count);
        std::vector<float> all(count);
        for (std::size_t i = 0; i < count; ++i)
            all[i] = static_cast<float>(formula(at(names, i)...));
        return Parameter(std::move(all));
    }
    [[nodiscard]] double dt() const { return dt_; }

private:
    [[nodiscard]] double at(const std::string &name, std::size_t i) const {
        const std::vector<double> &all = values_.at(name);
        return all.size() == 1 ? all[0] : all[i];
    }

    const Hdf5Group &group_;
    double dt_;
    std::map<std::string, std::vector<double>> values_;
};

const auto same = [](double value) { return value; };

/// Sets the fields from what was derived, in order; the first failure ends it.
Result<void> assign(std::initializer_list<std::pair<Parameter *, Result<Parameter>>> fields) {
    for (const auto &[target, value] : fields) {
        if (!value)
            return tl::make_unexpected(value.error());
        *target = *value;
    }
    return {};
}

/// v_threshold, v_reset and how NIR fires.
Result<void> readFiring(Neurons &numbers, Neuron &neuron) {
    neuron.fire = Fire::AboveThreshold;
    neuron.reset = Reset::Hard;
    return assign({{&neuron.threshold, numbers.derive(same, "v_threshold")},
                   {&neuron.resetTo, numbers.derive(same, "v_reset")},
                   {&neuron.initial, numbers.derive(same, "v_reset")}});
}

/// tau v' = (v_leak - v) + r i
Result<void> readLeak(Neurons &numbers, Neuron &neuron, const std::string &tau) {
    const double dt = numbers.dt();
    return assign(
        {{&neuron.decay, numbers.derive([dt](double t) { return 1 - dt / t; }, tau)},
         {&neuron.gain, numbers.derive([dt](double t, double r) { return dt / t * r; }, tau, "r")},
         {&neuron.drive,
          numbers.derive([dt](double t, double v) { return dt / t * v; }, tau, "v_leak")}});
}

Result<Layer> readIntegrator(const Hdf5Group &group, double dt, bool fires) {
    Neurons numbers(group, dt);
    Neuron neuron;
    neuron.fire = Fire::Never;
    auto done = fires ? numbers.read({{"r", 1}, {"v_threshold", {}}, {"v_reset", 0}})
                      : numbers.read({{"r", {}}});
    if (done)
        done = assign({{&neuron.gain, numbers.derive([dt](double r) { return dt * r; }, "r")}});
    if (done && fires)
        done = readFiring(numbers, neuron);
    if (!done)
        return failed(done);
    return neuron;
}

Result<Layer> readLeaky(const Hdf5Group &group, double dt, bool fires, bool current) {
    Neurons numbers(group, dt);
    Neuron neuron;
    neuron.fire = Fire::Never;
    const std::string tau = current ? "tau_mem" : "tau";
    auto done = numbers.read({{tau, {}}, {"r", 1}, {"v_leak", 0}});
    if (done)
        done = readLeak(numbers, neuron, tau);
    if (done && fires)
        done = numbers.read({{"v_threshold", {}}, {"v_reset", 0}});
    if (done && fires)
        done = readFiring(numbers, neuron);
    if (done && current)
        done = numbers.read({{"tau_syn", {}}, {"w_in", 1}});
    if (done && current) {
        neuron.synapse.emplace();
        done = assign(
            {{&neuron.synapse->decay,
              numbers.derive([dt](double t) { return 1 - dt / t; }, "tau_syn")},
             {&neuron.synapse->gain,
              numbers.derive([dt](double t, double w) { return dt / t * w; }, "tau_syn", "w_in")}});
    }
    if (!done)
        return failed(done);
    return neuron;
}

Result<Layer> readParameter(const Hdf5Group &group, double dt, const std::string &type) {
    const std::string name = type == "Scale" ? "scale" : type == "Delay" ? "delay" : "threshold";
    Neurons numbers(group, dt);
    if (auto done = numbers.read({{name, {}}}); !done)
        return failed(done);
    auto values = type == "Delay"
                      ? numbers.derive([dt](double s) { return std::round(s / dt); }, name)
                      : numbers.derive(same, name);
    if (!values)
        return failed(values);
    if (type == "Scale")
        return Scale{*values, 0};
    if (type == "Delay")
        return Delay{*values};
    Neuron neuron = Neuron::decaying(0);
    neuron.threshold = *values;
    neuron.fire = Fire::AboveThreshold;
    return neuron;
}

Result<Layer> readInput(const Hdf5Group &group) {
    const auto sides = integers(group, "shape");
    if (!sides)
        return tl::make_unexpected(sides.error());
    const auto shape = SignalShape::make(*sides);
    if (!shape)
        return fail(ErrorCode::BadFile, "{}: {}", group.where("shape"), shape.error().message);
    return InputLayer{*shape};
}

/// What each type may hold beside "type" and "metadata".
const std::map<std::string, std::vector<std::string>> &primitives() {
    static const std::map<std::string, std::vector<std::string>> all = {
        {"Input", {"shape"}},
        {"Output", {"shape"}},
        {"Affine", {"weight", "bias"}},
        {"Linear", {"weight"}},
        {"Scale", {"scale"}},
        {"Conv1d", {"input_shape", "weight", "bias", "stride", "padding", "dilation", "groups"}},
        {"Conv2d", {"input_shape", "weight", "bias", "stride", "padding", "dilation", "groups"}},
        {"SumPool2d", {"kernel_size", "stride", "padding"}},
        {"AvgPool2d", {"kernel_size", "stride", "padding"}},
        {"Flatten", {"start_dim", "end_dim", "input_type"}},
        {"Delay", {"delay"}},
        {"Threshold", {"threshold"}},
        {"I", {"r"}},
        {"IF", {"r", "v_threshold", "v_reset"}},
        {"LI", {"tau", "r", "v_leak"}},
        {"LIF", {"tau", "r", "v_leak", "v_threshold", "v_reset"}},
        {"CubaLI", {"tau_syn", "tau_mem", "r", "v_leak", "w_in"}},
        {"CubaLIF", {"tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset", "w_in"}}};
    return all;
}

}  // namespace

Result<std::int64_t> wholeNumber(double value, const std::string &where) {
    if (!(std::abs(value) < 9e15) || value != std::floor(value))
        return fail(ErrorCode::BadFile, "{}: {} is no whole number", where, value);
    return static_cast<std::int64_t>(value);
}

Result<Layer> readNirLayer(const Hdf5Group &group, const std::string &type, double dt,
                           Warnings &warnings) {
    const auto known = primitives().find(type);
    if (known == primitives().end()) {
        std::vector<std::string> names;
        for (const auto &[name, fields] : primitives())
            names.push_back(name);
        return fail(ErrorCode::Unsupported, "{}: type '{}' is not known; known are {}",
                    group.where(), type.substr(0, 60), fmt::join(names, ", "));
    }
    const auto names = group.names();
    if (!names)
        return tl::make_unexpected(names.error());
    for (const std::string &name : *names)
        if (name != "type" && name != "metadata" &&
            std::find(known->second.begin(), known->second.end(), name) == known->second.end())
            warnings.push_back(
                fmt::format("{}: not read, {} has no such field", group.where(name), type));
    if (type == "Input")
        return readInput(group);
    if (type == "Output")
        return OutputLayer{};
    if (type == "Affine" || type == "Linear")
        return readLinear(group);
    if (type == "Conv1d" || type == "Conv2d")
        return readConv(group, type == "Conv1d");
    if (type == "SumPool2d" || type == "AvgPool2d")
        return readPool(group, type == "SumPool2d" ? PoolKind::Sum : PoolKind::Average);
    if (type == "Flatten")
        return readFlatten(group);
    if (type == "I" || type == "IF")
        return readIntegrator(group, dt, type == "IF");
    if (type == "LI" || type == "LIF" || type == "CubaLI" || type == "CubaLIF")
        return readLeaky(group, dt, type.back() == 'F', type.front() == 'C');
    return readParameter(group, dt, type);
}

}  // namespace fovea
