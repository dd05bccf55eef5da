// SPDX-License-Identifier: Apache-2.0
// Five bytes an event; folders and lists of such files.
#include "datasets/event_file.h"

#include "datasets/file_handle.h"
#include "engine/core/text.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <sstream>

namespace fovea {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t eventBytes = 5;
constexpr std::uint8_t overflowRow = 240;
constexpr std::uint32_t overflowTime = 1U << 13;

bool holdsEvents(const fs::path &path) {
    return path.extension() == ".bin" || path.extension() == ".bs2";
}

std::string lowerCase(std::string text) {
    for (char &letter : text)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

/// What lies in the folder, in order; nothing when it cannot be read.
std::vector<fs::path> entriesOf(const fs::path &folder) {
    std::vector<fs::path> all;
    std::error_code unread;
    for (const auto &entry : fs::directory_iterator(folder, unread))
        all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    return all;
}

Result<std::vector<LabelledEventFile>> listClasses(const fs::path &folder) {
    std::vector<LabelledEventFile> files;
    for (const fs::path &part : entriesOf(folder)) {
        if (!fs::is_directory(part))
            continue;
        const auto label = parseNumber<std::uint8_t>(part.filename().string());
        if (!label)
            return fail(ErrorCode::BadFile, "{}: found a folder '{}', expected classes 0 to 255",
                        folder.string(), part.filename().string());
        for (const fs::path &file : entriesOf(part))
            if (holdsEvents(file))
                files.push_back({file, *label});
    }
    if (files.empty())
        return fail(ErrorCode::BadFile, "{}: holds no folders of .bin or .bs2 files",
                    folder.string());
    return files;
}

Result<std::vector<LabelledEventFile>> readList(const fs::path &list) {
    std::ifstream in(list);
    std::vector<LabelledEventFile> files;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        std::istringstream words(line);
        std::string name, label;
        if (line.starts_with('#') || !(words >> name))
            continue;
        words >> label;
        const auto file = parseNumber<std::uint32_t>(name);
        const auto kind = parseNumber<std::uint8_t>(label);
        if (!file || !kind)
            return fail(ErrorCode::BadFile,
                        "{}: line {}: found '{} {}', expected the number of a file and its class",
                        list.string(), number, name, label);
        fs::path path = list.parent_path() / (std::to_string(*file) + ".bs2");
        if (!fs::exists(path))
            path.replace_extension(".bin");
        files.push_back({path, *kind});
    }
    if (files.empty())
        return fail(ErrorCode::BadFile, "{}: lists no file", list.string());
    return files;
}

}  // namespace

Result<std::vector<SensorEvent>> readEvents(const fs::path &path) {
    const auto file = FileHandle::open(path);
    if (!file)
        return tl::make_unexpected(file.error());
    const std::uint64_t size = file->size();
    if (size == 0 || size % eventBytes != 0)
        return fail(ErrorCode::BadFile, "{}: {} bytes, expected a multiple of {} of at least one",
                    path.string(), size, eventBytes);
    std::vector<std::uint8_t> bytes(size);
    if (auto read = file->readAt(0, bytes.data(), bytes.size()); !read)
        return failed(read);
    std::vector<SensorEvent> events;
    events.reserve(size / eventBytes);
    std::uint32_t passed = 0;
    for (std::size_t at = 0; at < bytes.size(); at += eventBytes) {
        const std::uint8_t *const e = bytes.data() + at;
        if (e[1] == overflowRow) {
            passed += overflowTime;
            continue;
        }
        const std::uint32_t time = (e[2] & 0x7FU) << 16 | std::uint32_t{e[3]} << 8 | e[4];
        events.push_back({e[0], e[1], (e[2] & 0x80U) != 0, time + passed});
    }
    return events;
}

Result<std::vector<LabelledEventFile>> listEventFiles(const fs::path &folder, PictureSplit split,
                                                      std::size_t most) {
    const std::string wanted = split == PictureSplit::Train ? "train" : "test";
    std::optional<Result<std::vector<LabelledEventFile>>> files;
    bool known = false;
    for (const fs::path &path : entriesOf(folder)) {
        const std::string name = lowerCase(path.filename().string());
        const bool directory = fs::is_directory(path);
        const bool list = !directory && path.extension() == ".txt";
        known = known || (directory && (name == "train" || name == "test")) ||
                (list && (name.starts_with("train") || name.starts_with("test")));
        if (!files && directory && name == wanted)
            files = listClasses(path);
        else if (!files && list && name.starts_with(wanted))
            files = readList(path);
    }
    if (!known)
        return fail(ErrorCode::BadFile,
                    "{}: expected folders Train and Test, or lists train*.txt and test*.txt, of "
                    "event files",
                    folder.string());
    if (!files)
        return std::vector<LabelledEventFile>();
    if (*files && (*files)->size() > most)
        (*files)->resize(most);
    return std::move(*files);
}

}  // namespace fovea
