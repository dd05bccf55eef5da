// SPDX-License-Identifier: Apache-2.0
// Writing for a moment, with a watch.
#include "datasets/disk_probe.h"

#include "datasets/output_file.h"
#include "datasets/stream_file.h"
#include "engine/core/text.h"

#include <algorithm>
#include <cerrno>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace fovea {

namespace fs = std::filesystem;

namespace {

fs::path folderOf(fs::path path) {
    std::error_code ignored;
    while (!path.empty() && !fs::is_directory(path, ignored) && path != path.root_path())
        path = path.parent_path();
    return path.empty() ? fs::path(".") : path;
}

// Gone in any case.
struct Temporary {
    fs::path path;
    ~Temporary() {
        std::error_code ignored;
        fs::remove(path, ignored);
    }
};

}  // namespace

Result<std::uint64_t> freeBytes(const fs::path &folder) {
    struct statvfs room {};
    const fs::path there = folderOf(folder);
    if (::statvfs(there.c_str(), &room) != 0)
        return tl::make_unexpected(writeError(there / "", "asking for its room", errno));
    return std::uint64_t{room.f_bavail} * room.f_frsize;
}

Result<void> checkRoom(const fs::path &path, PlaneShape shape, double planes) {
    const auto room = freeBytes(path.parent_path());
    if (!room)
        return {};  // the write will tell
    const double needed = planes * static_cast<double>(shape.pixels()) / 8;
    if (needed <= static_cast<double>(*room))
        return {};
    return fail(ErrorCode::Io, "{}: needs {}, {} are free", path.string(), byteText(needed),
                byteText(static_cast<double>(*room)));
}

Result<double> probeDisk(const fs::path &folder, const ProbeProgress &progress,
                         const DiskProbeOptions &options) {
    const auto room = freeBytes(folder);
    if (!room)
        return tl::make_unexpected(room.error());
    const Temporary file{folder / fmt::format(".fovea-probe-{}", ::getpid())};
    StreamFileOptions stream;
    stream.chunkBytes = options.chunkBytes;
    auto out = StreamFile::create(file.path, stream);
    if (!out)
        return failed(out);
    // No zeros: some disks make nothing of them.
    std::vector<std::uint8_t> chunk(options.chunkBytes);
    std::uint64_t state = 1;
    for (std::uint8_t &byte : chunk)
        byte = static_cast<std::uint8_t>((state = state * 6364136223846793005U + 1) >> 56);
    const std::uint64_t most =
        std::max<std::uint64_t>(chunk.size(), std::min(options.bytes, *room / 10));
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    const double limit = std::chrono::duration<double>(options.limit).count();
    std::uint64_t bytes = 0;
    while (bytes < most && seconds() < limit) {
        if (auto done = out->append(chunk); !done)
            return failed(done);
        bytes += chunk.size();
        const double share = static_cast<double>(bytes) / static_cast<double>(most);
        if (!progress(std::max(share, std::min(1.0, seconds() / limit))))
            return fail(ErrorCode::Cancelled, "{}: measuring was stopped", folder.string());
    }
    auto done = out->drain();
    if (done)
        done = out->finish();
    if (!done)
        return failed(done);
    return static_cast<double>(bytes) / std::max(1e-6, seconds());
}

}  // namespace fovea
