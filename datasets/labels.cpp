// SPDX-License-Identifier: Apache-2.0
// One pass over the text, no locale, no allocation a line.
#include "datasets/labels.h"

#include "datasets/file_handle.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace fovea {

namespace {

constexpr std::size_t maxLabelBytes = 1 << 30;
constexpr std::size_t maxColumns = 12;
constexpr double maxWhole = 9007199254740992.0;  // 2^53

struct Line {
    std::string_view text;
    std::size_t number = 0;
};

// Gives the lines that hold something.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {
        if (rest_.starts_with("\xEF\xBB\xBF"))
            rest_.remove_prefix(3);
    }
    bool next(Line &line) {
        while (!rest_.empty()) {
            const std::size_t end = rest_.find('\n');
            line.text = rest_.substr(0, end);
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
            ++line.number;
            const std::size_t begin = line.text.find_first_not_of(blanks);
            if (begin == std::string_view::npos || line.text[begin] == '#')
                continue;
            line.text = line.text.substr(begin, line.text.find_last_not_of(blanks) + 1 - begin);
            return true;
        }
        return false;
    }
    static constexpr std::string_view blanks = " \t\r";

private:
    std::string_view rest_;
};

// Cuts a number and the separator behind it off `text`.
bool takeNumber(std::string_view &text, double &value) {
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || !std::isfinite(value))
        return false;
    const char *at = parsed.ptr;
    const auto skipBlanks = [&] {
        while (at != end && Lines::blanks.find(*at) != std::string_view::npos)
            ++at;
    };
    skipBlanks();
    if (at != end && *at == ',') {
        ++at;
        skipBlanks();
    } else if (at != end && at == parsed.ptr) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(at - text.data()));
    return true;
}

tl::unexpected<Error> badLine(const std::string &name, const Line &line, std::string_view what) {
    return fail(ErrorCode::BadFile, "{}:{}: found '{}', expected {}", name, line.number,
                line.text.substr(0, 60), what);
}

bool whole(double value, double low) {
    return value >= low && value <= maxWhole && value == std::floor(value);
}

bool fitsFloat(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::abs(v) < 1e9; });
}

Box boxOf(double x, double y, double w, double h) {
    return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(w),
            static_cast<float>(h)};
}

// "seconds x1,y1,x2,y2,class ..." after the time was cut off.
bool takeCorners(std::string_view rest, double seconds, std::vector<LabelledBox> &boxes) {
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.size(), rest.find_first_of(Lines::blanks));
        std::string_view group = rest.substr(0, end);
        rest.remove_prefix(end);
        rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(Lines::blanks)));
        std::array<double, 5> v{};
        for (double &value : v)
            if (!takeNumber(group, value))
                return false;
        if (!group.empty() || !fitsFloat(v) || v[2] < v[0] || v[3] < v[1] || !whole(v[4], -1))
            return false;
        boxes.push_back({seconds, boxOf(v[0], v[1], v[2] - v[0], v[3] - v[1]),
                         static_cast<std::int64_t>(v[4])});
    }
    return true;
}

}  // namespace

Result<std::vector<MotRow>> parseMot(std::string_view text, const std::string &name) {
    std::vector<MotRow> rows;
    Lines lines(text);
    for (Line line; lines.next(line);) {
        std::array<double, maxColumns> v{};
        v[6] = 1;
        v[7] = v[8] = -1;
        std::size_t columns = 0;
        std::string_view rest = line.text;
        while (!rest.empty() && columns < maxColumns && takeNumber(rest, v[columns]))
            ++columns;
        if (!rest.empty() || columns < 6)
            return badLine(name, line, "6 to 12 numbers: frame,id,x,y,w,h,score,-1,-1,-1");
        if (!whole(v[0], 0) || !whole(v[1], -1))
            return badLine(name, line, "a whole frame number from 0 and a whole id from -1");
        if (!fitsFloat(v) || v[4] < 0 || v[5] < 0)
            return badLine(name, line, "a box with numbers below 1e9, width and height from 0");
        rows.push_back({static_cast<std::uint64_t>(v[0]), static_cast<std::int64_t>(v[1]),
                        boxOf(v[2], v[3], v[4], v[5]), static_cast<float>(v[6]),
                        static_cast<float>(v[7]), static_cast<float>(v[8])});
    }
    return rows;
}

Result<std::vector<MotRow>> readMot(const std::filesystem::path &path) {
    auto text = readText(path, maxLabelBytes);
    if (!text)
        return failed(text);
    return parseMot(*text, path.string());
}

std::string motLine(const MotRow &row) {
    return fmt::format("{},{},{:.2f},{:.2f},{:.2f},{:.2f},{:.4g},{:.0f},-1,-1\n", row.frame, row.id,
                       row.box.x, row.box.y, row.box.w, row.box.h, row.score,
                       std::max(row.label, -1.0F));
}

Result<std::vector<LabelledBox>> parseDetectionLabels(std::string_view text,
                                                      const std::string &name) {
    std::vector<LabelledBox> boxes;
    Lines lines(text);
    for (Line line; lines.next(line);) {
        const std::size_t blank = line.text.find_first_of(Lines::blanks);
        const std::string_view first = line.text.substr(0, blank);
        if (first.find(',') == std::string_view::npos) {
            std::string_view rest = line.text;
            double seconds = 0;
            if (!takeNumber(rest, seconds) || !takeCorners(rest, seconds, boxes))
                return badLine(name, line, "'seconds x1,y1,x2,y2,class ...'");
            continue;
        }
        std::array<double, maxColumns> v{};
        v[4] = -1;
        std::size_t columns = 0;
        std::string_view rest = line.text;
        while (!rest.empty() && columns < maxColumns && takeNumber(rest, v[columns]))
            ++columns;
        if (!rest.empty() || columns < 4 || !fitsFloat(v) || v[2] < 0 || v[3] < 0 ||
            !whole(v[4], -1))
            return badLine(name, line, "'x,y,w,h,class' or 'seconds x1,y1,x2,y2,class ...'");
        boxes.push_back(
            {std::nullopt, boxOf(v[0], v[1], v[2], v[3]), static_cast<std::int64_t>(v[4])});
    }
    return boxes;
}

Result<std::vector<LabelledBox>> readDetectionLabels(const std::filesystem::path &path) {
    auto text = readText(path, maxLabelBytes);
    if (!text)
        return failed(text);
    return parseDetectionLabels(*text, path.string());
}

}  // namespace fovea
