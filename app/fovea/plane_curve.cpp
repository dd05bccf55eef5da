// SPDX-License-Identifier: Apache-2.0
// Labelled spans through the network, and their curve.
#include "app/fovea/plane_curve.h"

#include "app/exit_code.h"
#include "engine/core/text.h"
#include "engine/detect/snn_boxes.h"
#include "engine/snn/network_runner.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <sstream>

namespace fovea {

namespace {

/// The same use with as many steps (or averaged planes) as `planes` make.
Result<ModelUse> withPlanes(const ModelUse &use, std::uint32_t planes) {
    ModelUse wanted = use;
    const StreamForm &form = use.model->form;
    if (form.output != StreamOutput::Classes)
        return fail(ErrorCode::Usage, "{}: gives {}; --planes judges classes", use.model->name,
                    toString(form.output));
    if (form.input == StreamInput::Picture) {
        wanted.settings.window = planes;
        return wanted;
    }
    const std::uint32_t perStep = form.planesPerStep();
    const bool masks = use.settings.mode == InferenceMode::Srp;
    const std::uint32_t before = masks ? use.settings.calibration : 0;
    const std::uint32_t least = use.settings.mode == InferenceMode::If
                                    ? perStep
                                    : perStep * (use.settings.calibration + (masks ? 1 : 0));
    if (planes % perStep != 0 || planes < least)
        return fail(ErrorCode::Usage,
                    "--planes: found {}, allowed multiples of {} from {} on (mode {})", planes,
                    perStep, least, toString(use.settings.mode));
    wanted.settings.steps = planes / perStep - before;
    return wanted;
}

/// The planes of [first, first + count), as the network takes them; false when one is lost.
Result<bool> readTaken(const SpikeFile &file, const FrameFit &fit, std::uint64_t first,
                       std::size_t count, std::vector<std::uint64_t> &taken) {
    std::vector<std::uint64_t> words(file.info().shape.wordStride());
    taken.resize(count * fit.takenWords());
    for (std::size_t i = 0; i < count; ++i) {
        const Result<bool> there = file.readPlane(first + i, words);
        if (!there || !*there)
            return there;
        fit.take(words.data(), taken.data() + i * fit.takenWords());
    }
    return true;
}

Result<void> decide(NetworkRunner &runner, PlanePointers planes) {
    const StreamForm &form = runner.model().form;
    if (!form.kept)
        return runner.decide(planes);
    runner.reset();
    for (std::size_t i = 0; i + form.planesPerStep() <= planes.size(); i += form.planesPerStep())
        if (auto done = runner.advance(planes.subspan(i, form.planesPerStep())); !done)
            return done;
    runner.conclude();
    return {};
}

void addCost(CurvePoint &point, const NetworkReport &report) {
    point.steps = report.steps;
    point.synops += static_cast<double>(report.synops);
    point.energyMicrojoules += report.energyMicrojoules;
    point.seconds += report.seconds;
    double spikes = 0;
    double places = 0;
    for (const LayerActivity &layer : report.layers)
        if (layer.fires) {
            spikes += static_cast<double>(layer.spikes);
            places += static_cast<double>(layer.values);
        }
    if (places > 0 && report.steps > 0)
        point.rate += spikes / places / static_cast<double>(report.steps);
}

}  // namespace

Result<std::vector<LabelledSpan>> readSpans(const std::string &path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in && !in.eof())
        return fail(ErrorCode::BadFile, "{}: there is no such file, or it cannot be read", path);
    return parseSpans(text, path);
}

Result<std::vector<LabelledSpan>> parseSpans(const std::string &text, const std::string &name) {
    std::vector<LabelledSpan> spans;
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (line.empty() || line[0] == '#' || (number == 1 && line.starts_with("first_plane")))
            continue;
        const std::size_t one = line.find(',');
        const std::size_t two = one == std::string::npos ? one : line.find(',', one + 1);
        if (two == std::string::npos)
            return fail(ErrorCode::BadFile, "{}:{}: found '{}', allowed first_plane,planes,class",
                        name, number, line.substr(0, 60));
        const auto first = parseNumber<std::uint64_t>(line.substr(0, one));
        const auto planes = parseNumber<std::uint64_t>(line.substr(one + 1, two - one - 1));
        if (!first || !planes || *planes == 0 || two + 1 == line.size())
            return fail(ErrorCode::BadFile, "{}:{}: found '{}', allowed first_plane,planes,class",
                        name, number, line.substr(0, 60));
        spans.push_back({*first, *planes, line.substr(two + 1)});
    }
    if (spans.empty())
        return fail(ErrorCode::BadFile, "{}: no line first_plane,planes,class", name);
    return spans;
}

Result<CurvePoint> judge(const SpikeFile &file, const std::vector<LabelledSpan> &spans,
                         const ModelUse &use, std::uint32_t planes, const Interrupts &interrupts,
                         const std::function<void(std::uint64_t)> &progress) {
    const Result<ModelUse> wanted = withPlanes(use, planes);
    if (!wanted)
        return tl::make_unexpected(wanted.error());
    auto runner = NetworkRunner::make(*wanted, file.info().shape);
    if (!runner)
        return failed(runner);
    if ((*runner)->fit().tiles().size() != 1)
        return fail(ErrorCode::Usage, "model.fit: found tiles, allowed exact, crop, resize: "
                                      "--planes judges the whole picture");
    const std::vector<std::string> &classes = *use.model->classes;
    CurvePoint point;
    point.planes = planes;
    std::vector<std::uint64_t> taken;
    std::vector<const std::uint64_t *> pointers;
    std::uint64_t done = 0;
    for (const LabelledSpan &span : spans) {
        if (interrupts.requested())
            return fail(ErrorCode::Cancelled, "stopped");
        progress(++done);
        const bool fits = span.planes >= planes && span.first + planes <= file.info().planes;
        const auto read = fits ? readTaken(file, (*runner)->fit(), span.first, planes, taken)
                               : Result<bool>(false);
        if (!read)
            return tl::make_unexpected(asInputError(read.error()));
        if (!*read) {
            ++point.skipped;
            continue;
        }
        pointers.clear();
        for (std::size_t i = 0; i < planes; ++i)
            pointers.push_back(taken.data() + i * (*runner)->fit().takenWords());
        if (auto decided = decide(**runner, pointers); !decided)
            return failed(decided);
        NetworkReport report;
        (*runner)->fill(report);
        addCost(point, report);
        ++point.judged;
        const auto best = static_cast<std::size_t>(largest((*runner)->outputs()));
        point.right += classes[best] == span.name ? 1 : 0;
    }
    if (const auto n = static_cast<double>(point.judged); n > 0)
        for (double *sum : {&point.synops, &point.energyMicrojoules, &point.seconds, &point.rate})
            *sum /= n;
    return point;
}

cv::Mat drawCurve(const std::vector<CurvePoint> &points, const std::string &title) {
    constexpr int width = 720, height = 440, left = 70, right = 24, top = 44, bottom = 56;
    cv::Mat picture(height, width, CV_8UC3, cv::Scalar(255, 255, 255));
    const cv::Scalar ink(40, 40, 40), faint(220, 220, 220), blue(178, 114, 0);
    double low = 1;
    for (const CurvePoint &point : points)
        low = std::min(low, point.accuracy());
    low = std::max(0.0, std::floor(low * 10) / 10);
    const double first = std::log2(static_cast<double>(points.front().planes));
    const double last = std::max(first + 1, std::log2(static_cast<double>(points.back().planes)));
    const auto at = [&](double planes, double accuracy) {
        const double x = (std::log2(planes) - first) / (last - first);
        const double y = (accuracy - low) / std::max(0.01, 1 - low);
        return cv::Point(left + cvRound(x * (width - left - right)),
                         height - bottom - cvRound(y * (height - top - bottom)));
    };
    const auto write = [&](const std::string &text, cv::Point place, double size = 0.45) {
        cv::putText(picture, text, place, cv::FONT_HERSHEY_SIMPLEX, size, ink, 1, cv::LINE_AA);
    };
    for (int step = 0; step <= 5; ++step) {
        const double level = low + (1 - low) * step / 5;
        const cv::Point place = at(points.front().planes, level);
        cv::line(picture, place, {width - right, place.y}, faint, 1);
        write(fmt::format("{:.0f} %", 100 * level), {14, place.y + 5});
    }
    cv::Point before = at(points.front().planes, points.front().accuracy());
    for (const CurvePoint &point : points) {
        const cv::Point place = at(point.planes, point.accuracy());
        cv::line(picture, before, place, blue, 2, cv::LINE_AA);
        cv::circle(picture, place, 4, blue, cv::FILLED, cv::LINE_AA);
        write(fmt::format("{}", point.planes), {place.x - 8, height - bottom + 20});
        before = place;
    }
    write(title, {left, 26}, 0.5);
    write("planes", {width / 2 - 20, height - 14});
    return picture;
}

}  // namespace fovea
