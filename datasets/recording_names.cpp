// SPDX-License-Identifier: Apache-2.0
// Names, which of them are taken, and giving a recording another one.
#include "datasets/recording_names.h"

#include "datasets/output_file.h"

#include <system_error>

namespace fovea {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view packedEnd = ".zst";
constexpr std::string_view unfinishedEnd = ".part";
constexpr int mostMissing = 10;  // numbers one after the other

bool isTaken(const fs::path &path) {
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

// Puts `text` in front of ".dat" or ".dat.zst".
fs::path withTail(const fs::path &path, const std::string &text) {
    fs::path stem = path.stem();
    std::string end = path.extension().string();
    if (end == packedEnd) {
        end = stem.extension().string() + end;
        stem = stem.stem();
    }
    return path.parent_path() / fs::path(stem.native() + text + end);
}

}  // namespace

fs::path unfinishedPath(const fs::path &path) {
    return fs::path(path.native() + std::string(unfinishedEnd));
}

fs::path numberedPath(const fs::path &path, int number) {
    return number == 0 ? path : withTail(path, fmt::format("-{}", number));
}

fs::path partPath(const fs::path &path, int part) {
    return withTail(path, fmt::format("-{:03}", part));
}

fs::path packedPath(const fs::path &path, Packing packing) {
    if (packing == Packing::None || path.extension() == packedEnd)
        return path;
    return fs::path(path.native() + std::string(packedEnd));
}

std::vector<fs::path> findParts(const fs::path &path) {
    std::vector<fs::path> parts;
    std::error_code ignored;
    for (int part = 1, missing = 0; missing < mostMissing; ++part) {
        const fs::path plain = partPath(path, part);
        const fs::path packed = packedPath(plain, Packing::Zstd);
        ++missing;
        for (const fs::path &one : {plain, packed, unfinishedPath(plain), unfinishedPath(packed)})
            if (fs::is_regular_file(one, ignored)) {
                parts.push_back(one);
                missing = 0;
                break;
            }
    }
    return parts;
}

std::string nameRefusal(const fs::path &path, IfExists ifExists) {
    const fs::path part = unfinishedPath(path);
    if (isTaken(part) || isTaken(sidecarPath(part)) || isTaken(indexPath(part)))
        return fmt::format(
            "{}: is being recorded, or its recording was interrupted: then it can be "
            "read as it is (fovea info {}); move or remove it, or give another name",
            part.string(), part.string());
    if (ifExists != IfExists::Replace)
        for (const fs::path &one : {path, sidecarPath(path)})
            if (isTaken(one))
                return fmt::format("{}: exists; give another name, nothing is overwritten",
                                   one.string());
    return {};
}

std::string splitRefusal(const fs::path &path, IfExists ifExists) {
    for (fs::path part : findParts(path)) {
        if (part.extension() == unfinishedEnd)
            part.replace_extension();
        if (std::string why = nameRefusal(part, ifExists); !why.empty())
            return why;
    }
    return nameRefusal(path, ifExists);  // it would be opened instead of the parts
}

void removeRecording(const fs::path &path) {
    std::error_code ignored;
    for (const fs::path &one : {path, sidecarPath(path), indexPath(path)})
        fs::remove(one, ignored);
}

Result<void> writeSidecar(const fs::path &path, const Descriptor &descriptor) {
    auto file = OutputFile::create(path);
    if (!file)
        return failed(file);
    auto done = file->write(sidecarText(descriptor));
    if (done)
        done = file->finish();
    std::error_code ignored;
    if (!done)
        fs::remove(path, ignored);
    return done;
}

Result<void> replaceRecording(const fs::path &from, const fs::path &to, Descriptor descriptor) {
    descriptor.name = to.filename().string();
    const fs::path sidecar = sidecarPath(from).native() + ".new";
    if (auto written = writeSidecar(sidecar, descriptor); !written)
        return written;
    std::error_code failure;
    fs::rename(from, to, failure);
    if (!failure)
        fs::rename(sidecar, sidecarPath(to), failure);
    std::error_code ignored;
    if (failure) {
        fs::remove(sidecar, ignored);
        return fail(ErrorCode::Io, "{}: cannot take the name {}: {}", from.string(), to.string(),
                    failure.message());
    }
    fs::remove(sidecarPath(from), ignored);
    placeIndex(indexPath(from), indexPath(to));
    syncFolder(to.parent_path());
    return {};
}

}  // namespace fovea
