// SPDX-License-Identifier: Apache-2.0
// Reading and writing sidecars. Names of formats.
#include "datasets/descriptor.h"

#include "datasets/file_handle.h"
#include "datasets/yaml_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace fovea {

namespace {

constexpr std::array<std::string_view, 6> formatNames{"auto",  "raw", "head",
                                                      "m1k40", "npz", "zstd"};
constexpr std::uint64_t sidecarVersion = 1;
// YAML's own mark of the end; a finished sidecar without it was cut.
constexpr std::string_view endMark = "...";
// yaml-cpp takes some 400 bytes a node, so this much text stays below 16 MiB in memory.
constexpr std::size_t maxFieldBytes = 32 << 10;
// Some 600,000 gaps.
constexpr std::size_t maxSidecarBytes = 12 << 20;

constexpr double minRateHz = 1e-3;
constexpr std::array<std::string_view, 26> sidecarFields{"fovea_recording",
                                                         "shape",
                                                         "filename",
                                                         "spike_w",
                                                         "spike_h",
                                                         "is_labeled",
                                                         "labeled_data_type",
                                                         "rate_hz",
                                                         "flip",
                                                         "format",
                                                         "planes",
                                                         "labeled_data_suffix",
                                                         "first_plane",
                                                         "device",
                                                         "serial",
                                                         "clock",
                                                         "settings",
                                                         "noise",
                                                         "closed",
                                                         "part",
                                                         "part_of",
                                                         "recording_id",
                                                         "gaps",
                                                         "created_by",
                                                         "data_field_identifier",
                                                         "label_field_identifier"};

// Cuts the next line off `text`.
std::string_view takeLine(std::string_view &text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view withoutComment(std::string_view text) {
    return trimmed(text.substr(0, text.find('#')));
}

bool takeNumber(std::string_view &text, std::uint64_t &value) {
    text = trimmed(text);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{})
        return false;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    text = trimmed(text);
    if (text.empty() || text.front() != ',')
        return false;
    text.remove_prefix(1);
    return true;
}

// "- [before, planes, reason]"
bool parseGap(std::string_view text, RecordingGap &gap) {
    if (!text.starts_with('-') || !text.ends_with(']'))
        return false;
    text = trimmed(text.substr(1, text.size() - 2));
    if (!text.starts_with('['))
        return false;
    text.remove_prefix(1);
    if (!takeNumber(text, gap.before) || !takeNumber(text, gap.planes))
        return false;
    for (std::size_t i = 0; i < dropReasonCount; ++i) {
        gap.reason = static_cast<DropReason>(i);
        if (trimmed(text) == toString(gap.reason))
            return true;
    }
    return false;
}

// `text` begins after the line "gaps:", which is line `line` of the file. True when it ends with
// the end mark.
Result<bool> parseGaps(std::string_view text, std::size_t line, Descriptor &descriptor) {
    const bool torn = !descriptor.closed && !text.empty() && text.back() != '\n';
    std::uint64_t total = 0;
    while (!text.empty()) {
        ++line;
        const std::string_view entry = withoutComment(takeLine(text));
        if (entry.empty())
            continue;
        if (entry == endMark)
            return true;
        RecordingGap gap;
        if (!parseGap(entry, gap)) {
            if (torn && text.empty())
                return false;  // the writer was interrupted in this line
            return fail(ErrorCode::BadFile,
                        "{}:{}: gaps: found '{}', expected '- [planes before, planes lost, "
                        "reason]' lines to the end of the file",
                        descriptor.path.string(), line, entry.substr(0, 60));
        }
        auto &gaps = descriptor.gaps;
        total += gap.planes;
        if (gap.planes == 0 || gap.planes > Descriptor::maxPlanes ||
            total > Descriptor::maxPlanes || gap.before > Descriptor::maxPlanes)
            return fail(ErrorCode::BadFile,
                        "{}:{}: gaps: found {} planes, expected 1 to {} in all gaps together",
                        descriptor.path.string(), line, gap.planes, Descriptor::maxPlanes);
        if (!gaps.empty() && gap.before < gaps.back().before)
            return fail(ErrorCode::BadFile,
                        "{}:{}: gaps: found one before plane {}, expected ascending numbers",
                        descriptor.path.string(), line, gap.before);
        gaps.push_back(gap);
    }
    return false;
}

// The last line that is not blank.
std::string_view lastLine(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos)
        return {};
    text = text.substr(0, end + 1);
    return text.substr(text.find_last_of('\n') + 1);
}

// Where the line "gaps:" begins, or the length of the text.
std::size_t findGaps(std::string_view text) {
    if (text.starts_with("gaps:"))
        return 0;
    const std::size_t at = text.find("\ngaps:");
    return at == std::string_view::npos ? text.size() : at + 1;
}

template <class T> void readOptional(YamlFields &fields, std::string_view name, T read) {
    if (fields.has(name))
        read();
}

void readShared(YamlFields &fields, Descriptor &descriptor) {
    if (fields.has("shape") && !fields.has("spike_w")) {  // as a person writes it
        std::string text;
        fields.text("shape", text);
        if (const auto shape = parsePlaneShape(text))
            descriptor.shape = *shape;
        else
            fields.refuse("shape", "WIDTHxHEIGHT, for example 400x250");
    } else {
        std::uint64_t width = 0;
        std::uint64_t height = 0;
        fields.require("spike_w");
        fields.require("spike_h");
        fields.whole("spike_w", 1, PlaneShape::maxSide, width);
        fields.whole("spike_h", 1, PlaneShape::maxSide, height);
        descriptor.shape = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    }
    fields.text("filename", descriptor.name);
    fields.boolean("is_labeled", descriptor.labeled);
    fields.list("labeled_data_type", descriptor.labelTypes);
    fields.text("data_field_identifier", descriptor.dataField);
    fields.text("label_field_identifier", descriptor.labelField);
}

void readOwn(YamlFields &fields, Descriptor &descriptor) {
    std::uint64_t version = sidecarVersion;
    fields.allowOnly(sidecarFields);
    fields.whole("fovea_recording", sidecarVersion, sidecarVersion, version);
    fields.text("labeled_data_suffix", descriptor.labelSuffix);
    readOptional(fields, "rate_hz", [&] {
        fields.number("rate_hz", minRateHz, Descriptor::maxRateHz, descriptor.rateHz.emplace());
    });
    readOptional(fields, "flip", [&] { fields.boolean("flip", descriptor.flip.emplace()); });
    readOptional(fields, "planes", [&] {
        fields.whole("planes", 0, Descriptor::maxPlanes, descriptor.planes.emplace());
    });
    std::string format{toString(FileFormat::Auto)};
    fields.text("format", format);
    if (auto known = parseFileFormat(format))
        descriptor.format = *known;
    else
        fields.refuse("format", "auto, raw, head, m1k40, npz or zstd");
    fields.whole("first_plane", 0, ~std::uint64_t{0}, descriptor.firstPlane);
    fields.text("device", descriptor.device);
    fields.text("serial", descriptor.serial);
    fields.text("clock", descriptor.clock);
    fields.text("noise", descriptor.noise);
    fields.text("created_by", descriptor.createdBy);
    fields.map("settings", descriptor.settings);
    fields.boolean("closed", descriptor.closed);
    fields.whole("part", 0, 99999, descriptor.part);
    fields.text("part_of", descriptor.partOf);
    fields.text("recording_id", descriptor.recordingId);
}

// A double-quoted YAML text of one line. What is no UTF-8 and what cannot be printed becomes '?',
// since other programs' readers stop at it.
std::string yamlText(std::string_view text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xC2 ? 0
                                   : first < 0xE0 ? 2
                                   : first < 0xF0 ? 3
                                   : first < 0xF5 ? 4
                                                  : 0;
        const std::string_view letter = text.substr(i, std::max<std::size_t>(1, length));
        const bool whole = length > 0 && letter.size() == length &&
                           std::all_of(letter.begin() + 1, letter.end(), [](char c) {
                               return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
                           });
        if (letter == "\"" || letter == "\\")
            out += '\\';
        out += !whole || first < 0x20 || first == 0x7F ? std::string_view("?") : letter;
        i += whole ? length : 1;
    }
    return out + '"';
}

// SpikeCV compares with numbers, so these must not be quoted.
std::string listItem(const std::string &item) {
    const bool number = item.find_first_not_of("0123456789.") == std::string::npos;
    return number && !item.empty() ? item : yamlText(item);
}

}  // namespace

std::string_view toString(FileFormat format) {
    return formatNames.at(static_cast<std::size_t>(format));
}

Result<FileFormat> parseFileFormat(std::string_view text) {
    for (std::size_t i = 0; i < formatNames.size(); ++i)
        if (text == formatNames[i])
            return static_cast<FileFormat>(i);
    return fail(ErrorCode::Usage, "format '{}': expected auto, raw, head, m1k40, npz or zstd",
                text);
}

std::filesystem::path sidecarPath(const std::filesystem::path &recording) {
    return std::filesystem::path(recording.native() + ".yaml");
}

Result<Descriptor> readSidecar(const std::filesystem::path &path) {
    auto text = readText(path, maxSidecarBytes);
    if (!text)
        return failed(text);
    std::string_view gaps = *text;
    const std::size_t head = findGaps(gaps);
    if (head > maxFieldBytes)
        return fail(ErrorCode::BadFile, "{}: {} bytes of fields, expected at most {}",
                    path.string(), head, maxFieldBytes);
    auto fields = YamlFields::parse(path.string(), text->substr(0, head));
    if (!fields)
        return failed(fields);
    Descriptor descriptor;
    descriptor.path = path;
    descriptor.sidecar = true;
    readShared(*fields, descriptor);
    readOwn(*fields, descriptor);
    if (auto good = fields->result(); !good)
        return failed(good);
    const auto before =
        std::count(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(head), '\n');
    gaps.remove_prefix(head);
    const std::string_view opening = withoutComment(takeLine(gaps));
    const std::size_t line = static_cast<std::size_t>(before) + 1;
    const std::string_view inLine =
        opening.empty() ? opening : withoutComment(opening.substr(std::strlen("gaps:")));
    if (!inLine.empty() && inLine != "[]")
        return fail(ErrorCode::BadFile, "{}:{}: gaps: found '{}', expected [] or lines of gaps",
                    path.string(), line, inLine.substr(0, 60));
    const auto ended = parseGaps(gaps, line, descriptor);
    if (!ended)
        return tl::make_unexpected(ended.error());
    const bool whole = *ended || (head == text->size() && lastLine(*text) == endMark);
    if (!whole && fields->has("fovea_recording") && descriptor.closed)
        return fail(ErrorCode::BadFile, "{}: cut: found no last line '{}'", path.string(), endMark);
    return descriptor;
}

Result<Descriptor> readSpikeCvConfig(const std::filesystem::path &path) {
    auto text = readText(path, maxFieldBytes);
    if (!text)
        return failed(text);
    auto fields = YamlFields::parse(path.string(), *text);
    if (!fields)
        return failed(fields);
    Descriptor descriptor;
    descriptor.path = path;
    readShared(*fields, descriptor);
    std::vector<std::string> suffixes;
    fields->list("labeled_data_suffix", suffixes);
    if (!suffixes.empty())
        descriptor.labelSuffix = suffixes.front();
    if (auto good = fields->result(); !good)
        return failed(good);
    return descriptor;
}

std::string sidecarGapLine(const RecordingGap &gap) {
    return fmt::format("- [{}, {}, {}]\n", gap.before, gap.planes, toString(gap.reason));
}

std::string sidecarText(const Descriptor &d, bool openGaps) {
    std::string text =
        fmt::format("fovea_recording: {}\nfilename: {}\nspike_w: {}\nspike_h: {}\n"
                    "is_labeled: {}\n",
                    sidecarVersion, yamlText(d.name), d.shape.width, d.shape.height, d.labeled);
    text += "labeled_data_type: [";
    for (std::size_t i = 0; i < d.labelTypes.size(); ++i)
        text += (i == 0 ? "" : ", ") + listItem(d.labelTypes[i]);
    // SpikeCV asks for its own number of the task: 0 is raw spikes.
    text += fmt::format("{}]\nlabeled_data_suffix: {}\n", d.labelTypes.empty() ? "0" : "",
                        yamlText(d.labelSuffix.empty() ? "txt" : d.labelSuffix));
    if (!d.dataField.empty())
        text += fmt::format("data_field_identifier: {}\nlabel_field_identifier: {}\n",
                            yamlText(d.dataField), yamlText(d.labelField));
    if (d.rateHz)
        text += fmt::format("rate_hz: {}\n", *d.rateHz);
    if (d.flip)
        text += fmt::format("flip: {}\n", *d.flip);
    text += fmt::format("format: {}\nfirst_plane: {}\ndevice: {}\nserial: {}\nclock: {}\n"
                        "noise: {}\ncreated_by: {}\n",
                        toString(d.format), d.firstPlane, yamlText(d.device), yamlText(d.serial),
                        yamlText(d.clock), yamlText(d.noise), yamlText(d.createdBy));
    text += d.settings.empty() ? "settings: {}\n" : "settings:\n";
    for (const auto &[name, value] : d.settings)
        text += fmt::format("  {}: {}\n", yamlText(name), yamlText(value));
    if (d.planes)
        text += fmt::format("planes: {}\n", *d.planes);
    if (d.part > 0)
        text += fmt::format("part: {}\npart_of: {}\nrecording_id: {}\n", d.part, yamlText(d.partOf),
                            yamlText(d.recordingId));
    text += fmt::format("closed: {}\n", d.closed);
    text += "# lost planes: [stored planes before, planes lost, reason]\n";
    text += d.gaps.empty() && !openGaps ? "gaps: []\n" : "gaps:\n";
    for (const RecordingGap &gap : d.gaps)
        text += sidecarGapLine(gap);
    if (!openGaps)
        text += fmt::format("{}\n", endMark);
    return text;
}

}  // namespace fovea
