// SPDX-License-Identifier: Apache-2.0
// Metadata to a form, and a form to a plan.
#include "engine/snn/stream_form.h"

#include "engine/core/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

constexpr std::array inputNames{std::string_view("planes"), std::string_view("counts"),
                                std::string_view("picture"), std::string_view("window")};
constexpr std::array outputNames{std::string_view("classes"), std::string_view("picture"),
                                 std::string_view("boxes")};
constexpr std::array readOutNames{std::string_view("sum"), std::string_view("rate"),
                                  std::string_view("max-potential"),
                                  std::string_view("first-spike")};
constexpr std::array stateNames{std::string_view("window"), std::string_view("kept")};
constexpr std::array fitNames{std::string_view("exact"), std::string_view("crop"),
                              std::string_view("resize"), std::string_view("tiles")};
const std::vector<std::string> knownKeys{
    "stream_input",     "stream_shape",    "stream_bin",     "stream_steps",     "stream_window",
    "stream_hop",       "stream_state",    "stream_mean",    "stream_deviation", "stream_fit",
    "stream_output",    "stream_read_out", "stream_classes", "stream_gain",      "stream_offset",
    "stream_threshold", "stream_lag"};

std::vector<std::string> split(const std::string &text) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == ',')
            parts.emplace_back();
        else if (c != ' ' || !parts.back().empty())
            parts.back() += c;
    }
    return parts;
}

/// Takes keys out of the metadata and remembers the first that is wrong.
class FormReader {
public:
    FormReader(const std::map<std::string, std::string> &metadata, std::string_view name)
        : metadata_(metadata), name_(name) {}

    [[nodiscard]] const std::string *find(const std::string &key) const {
        const auto found = metadata_.find(key);
        return found == metadata_.end() ? nullptr : &found->second;
    }
    void refuse(const std::string &key, const std::string &allowed) {
        if (!error_)
            error_ = Error{ErrorCode::BadFile,
                           fmt::format("{}: metadata {}: found '{}', allowed {}", name_, key,
                                       find(key)->substr(0, 80), allowed)};
    }
    template <std::size_t count>
    std::size_t choice(const std::string &key, const std::array<std::string_view, count> &names,
                       std::size_t otherwise) {
        const std::string *text = find(key);
        if (text == nullptr)
            return otherwise;
        const auto found = std::find(names.begin(), names.end(), *text);
        if (found != names.end())
            return static_cast<std::size_t>(found - names.begin());
        refuse(key, fmt::format("one of {}", fmt::join(names, ", ")));
        return otherwise;
    }
    void whole(const std::string &key, std::uint32_t &value, std::uint32_t low,
               std::uint32_t high) {
        const std::string *text = find(key);
        if (text == nullptr)
            return;
        // Numbers of a file may be floats there: "16.0" is 16.
        const auto parsed = parseNumber<double>(*text);
        if (!parsed || *parsed < low || *parsed > high || *parsed != std::floor(*parsed))
            return refuse(key, fmt::format("a whole number from {} to {}", low, high));
        value = static_cast<std::uint32_t>(*parsed);
    }
    void real(const std::string &key, float &value, float low, float high) {
        std::vector<float> values{value};
        reals(key, values, 1, low, high);
        value = values[0];
    }
    /// One number or `count`.
    void reals(const std::string &key, std::vector<float> &values, std::size_t count, float low,
               float high) {
        const std::string *text = find(key);
        if (text == nullptr)
            return;
        std::vector<float> parsed;
        for (const std::string &part : split(*text)) {
            const auto number = parseNumber<float>(part);
            if (!number || !(*number >= low && *number <= high))
                return refuse(key, fmt::format("numbers from {} to {}", low, high));
            parsed.push_back(*number);
        }
        if (parsed.size() != 1 && parsed.size() != count)
            return refuse(key, fmt::format("one number{}", count > 1 ? fmt::format(" or {}", count)
                                                                     : std::string()));
        values = std::move(parsed);
    }
    void checkKnown() {
        for (const auto &[key, text] : metadata_)
            if (!error_ && key.starts_with("stream_") &&
                std::find(knownKeys.begin(), knownKeys.end(), key) == knownKeys.end())
                error_ = Error{ErrorCode::BadFile,
                               fmt::format("{}: metadata {}: unknown key, nearest is '{}'", name_,
                                           key, nearestName(key, knownKeys))};
    }
    [[nodiscard]] const std::optional<Error> &error() const { return error_; }

private:
    const std::map<std::string, std::string> &metadata_;
    std::string_view name_;
    std::optional<Error> error_;
};

/// (channels, height, width), or (N) with the picture's size in the metadata.
Result<void> readInputShape(StreamForm &form, const SignalShape &shape, FormReader &reader,
                            std::string_view name) {
    const std::string *text = reader.find("stream_shape");
    if (shape.rank == 3 && text == nullptr) {
        form.channels = shape.sides[0];
        form.shape = {shape.sides[2], shape.sides[1]};
    } else if (shape.rank == 2 && text == nullptr) {
        form.shape = {shape.sides[1], shape.sides[0]};
    } else if (text == nullptr) {
        return fail(ErrorCode::BadFile,
                    "{}: metadata stream_shape: absent, but an input of {} says nothing of width "
                    "and height; allowed WIDTHxHEIGHT with as many pixels a channel",
                    name, toString(shape));
    } else {
        const auto parsed = parsePlaneShape(*text);
        if (!parsed || shape.elements() % parsed->pixels() != 0) {
            reader.refuse(
                "stream_shape",
                fmt::format("WIDTHxHEIGHT whose pixels divide the input of {}", toString(shape)));
            return {};
        }
        form.shape = *parsed;
        form.channels = static_cast<std::uint32_t>(shape.elements() / parsed->pixels());
    }
    if (!form.shape.valid())
        return fail(ErrorCode::BadFile, "{}: input of {}: allowed are sides of 1 to {}", name,
                    toString(shape), PlaneShape::maxSide);
    return {};
}

void readInput(StreamForm &form, FormReader &reader) {
    form.input = static_cast<StreamInput>(reader.choice("stream_input", inputNames, 0));
    reader.whole("stream_bin", form.bin, 1, ModelSettings::maxSteps);
    reader.whole("stream_steps", form.steps, 1, ModelSettings::maxSteps);
    form.kept = reader.choice("stream_state", stateNames, 0) == 1;
    if (form.input == StreamInput::Picture)
        form.window = 32;
    else if (form.kept)
        form.window = 32 * form.channels * form.bin;
    reader.whole("stream_window", form.window, 1, ModelSettings::maxPlanes);
    reader.whole("stream_hop", form.hop, 1, ModelSettings::maxPlanes);
    reader.reals("stream_mean", form.mean, form.channels, -1e6F, 1e6F);
    reader.reals("stream_deviation", form.deviation, form.channels, 1e-6F, 1e6F);
    form.fit = static_cast<ModelFit>(reader.choice("stream_fit", fitNames, 0) + 1);
    if (form.input == StreamInput::Planes && form.bin != 1)
        reader.refuse("stream_bin", "1 with stream_input planes; counts take more");
    if (form.input == StreamInput::Window && form.bin != 1)
        reader.refuse("stream_bin", "1 with stream_input window; counts take more");
    if (form.kept && (form.input == StreamInput::Picture || form.input == StreamInput::Window))
        reader.refuse("stream_state",
                      fmt::format("window with stream_input {}", toString(form.input)));
}

/// Side of the blocks in which (block * block, height / block, width / block), or (height, width)
/// of the input, holds a picture; 0: it is none.
std::uint32_t pictureBlock(const SignalShape &out, PlaneShape shape) {
    if (out.rank < 2 || out.elements() != shape.pixels())
        return 0;
    const std::uint32_t height = out.sides[out.rank - 2];
    const std::uint32_t block = shape.height / height;
    const bool whole =
        height * block == shape.height && out.sides[out.rank - 1] * block == shape.width;
    return whole ? block : 0;
}

Result<void> readOutput(StreamForm &form, const SignalShape &out, FormReader &reader,
                        std::string_view name) {
    const std::uint32_t block = pictureBlock(out, form.shape);
    const auto otherwise = block != 0                                   ? StreamOutput::Picture
                           : out.rank == 3 && out.channelElements() > 1 ? StreamOutput::Boxes
                                                                        : StreamOutput::Classes;
    form.output = static_cast<StreamOutput>(
        reader.choice("stream_output", outputNames, static_cast<std::size_t>(otherwise)));
    form.readOut = static_cast<ReadOutKind>(reader.choice("stream_read_out", readOutNames, 0));
    reader.real("stream_gain", form.gain, -1e6F, 1e6F);
    reader.real("stream_offset", form.offset, -1e6F, 1e6F);
    reader.real("stream_threshold", form.threshold, 0, 1);
    if (form.output == StreamOutput::Picture) {
        form.block = std::max(block, 1U);
        reader.whole("stream_lag", form.lag, 0, ModelSettings::maxPlanes);
    }
    if (form.output == StreamOutput::Picture && out.elements() != form.shape.pixels())
        return fail(ErrorCode::BadFile, "{}: output of {}: a picture has {} values", name,
                    toString(out), form.shape.pixels());
    std::size_t wanted = out.elements();
    if (form.output == StreamOutput::Boxes) {
        if (out.rank != 3 || out.sides[0] < 5)
            return fail(ErrorCode::BadFile,
                        "{}: output of {}: boxes are a grid (5 + classes, height, width)", name,
                        toString(out));
        wanted = out.sides[0] - 5;
    }
    if (form.output != StreamOutput::Picture && wanted > StreamForm::maxClasses)
        return fail(ErrorCode::BadFile, "{}: output of {}: at most {} classes", name, toString(out),
                    StreamForm::maxClasses);
    const std::string *names = reader.find("stream_classes");
    if (names != nullptr && form.output != StreamOutput::Picture) {
        form.classes = split(*names);
        if (form.classes.size() != wanted)
            reader.refuse("stream_classes", fmt::format("{} names with commas between", wanted));
    } else if (form.output != StreamOutput::Picture) {
        for (std::size_t i = 0; i < wanted; ++i)
            form.classes.push_back(fmt::to_string(i));
    }
    return {};
}

}  // namespace

std::string_view toString(StreamInput input) {
    return inputNames[static_cast<std::size_t>(input)];
}

std::string_view toString(StreamOutput output) {
    return outputNames[static_cast<std::size_t>(output)];
}

bool StreamForm::takesSpikes() const {
    const auto are = [](const std::vector<float> &values, float wanted) {
        return std::all_of(values.begin(), values.end(), [&](float v) { return v == wanted; });
    };
    return (input == StreamInput::Planes || input == StreamInput::Window) && are(mean, 0) &&
           are(deviation, 1);
}

Result<StreamForm> readStreamForm(const Network &network,
                                  const std::map<std::string, std::string> &metadata,
                                  std::string_view name) {
    StreamForm form;
    FormReader reader(metadata, name);
    reader.checkKnown();
    if (auto shaped = readInputShape(form, network.inputShape(), reader, name); !shaped)
        return failed(shaped);
    readInput(form, reader);
    if (form.input == StreamInput::Picture && form.channels != 1)
        return fail(ErrorCode::BadFile, "{}: input of {}: a picture has one channel", name,
                    toString(network.inputShape()));
    if (auto read = readOutput(form, network.outputShape(), reader, name); !read)
        return failed(read);
    if (reader.error())
        return tl::make_unexpected(*reader.error());
    return form;
}

Result<StreamPlan> planStream(const StreamForm &form, const ModelSettings &settings) {
    StreamPlan plan;
    plan.inference.mode = settings.mode;
    plan.inference.steps = settings.steps != 0 ? settings.steps : form.steps;
    plan.inference.calibration = settings.calibration;
    plan.fit = settings.fit != ModelFit::Auto ? settings.fit : form.fit;
    plan.inputSteps = static_cast<std::uint32_t>(inputSteps(plan.inference));
    const std::uint64_t perStep = form.planesPerStep();
    std::uint64_t window = perStep * plan.inputSteps;
    if (form.input == StreamInput::Picture)
        window = settings.window != 0 ? settings.window : form.window;
    else if (form.input == StreamInput::Window)
        window = perStep;
    else if (form.kept)
        window = form.window;
    if (form.lag >= window)
        return fail(ErrorCode::Usage, "stream_lag: found {}, but a window has {} planes", form.lag,
                    window);
    if (window > ModelSettings::maxPlanes)
        return fail(ErrorCode::Usage, "model.steps: {} steps of {} planes: allowed are {} planes",
                    plan.inputSteps, perStep, ModelSettings::maxPlanes);
    plan.window = static_cast<std::uint32_t>(window);
    const std::uint32_t whole = form.kept ? static_cast<std::uint32_t>(perStep) : plan.window;
    plan.hop = settings.hop != 0 ? settings.hop : form.hop != 0 ? form.hop : whole;
    if (form.kept && settings.mode != InferenceMode::If)
        return fail(ErrorCode::Usage,
                    "model.mode: found {}, allowed if: the network keeps its state, and only "
                    "windows can be calibrated",
                    toString(settings.mode));
    if (form.kept && plan.hop % perStep != 0)
        return fail(ErrorCode::Usage, "model.hop: found {}, allowed a multiple of {} planes",
                    plan.hop, perStep);
    return plan;
}

}  // namespace fovea
