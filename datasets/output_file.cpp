// SPDX-License-Identifier: Apache-2.0
// Writing with every refusal of the system turned into a message.
#include "datasets/output_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace fovea {

Error writeError(const std::filesystem::path &path, std::string_view doing, int reason) {
    const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
    std::string why;
    switch (reason) {
    case ENOSPC:
    case EDQUOT:
        why = "the disk is full; make room or take another folder";
        break;
    case EROFS:
    case EACCES:
    case EPERM:
        why = fmt::format("the folder {} is read-only for this user; take another folder", folder);
        break;
    case EFBIG:
        why = "the file has reached its size limit (of this user, see ulimit -f, or of the file "
              "system); split the recording";
        break;
    case ENOENT:
    case ENOTDIR:
    case EIO:
    case ENXIO:
    case ENODEV:
    case ESTALE:
    case EBADF:
        why = fmt::format("the folder {} is gone: it does not exist, was removed, or its disk was "
                          "pulled",
                          folder);
        break;
    default:
        return {ErrorCode::Io,
                fmt::format("{}: {}: {}", path.string(), doing, std::strerror(reason))};
    }
    return {ErrorCode::Io,
            fmt::format("{}: {}: {} ({})", path.string(), doing, why, std::strerror(reason))};
}

bool isGone(const std::filesystem::path &path, int descriptor) {
    struct stat there {};
    struct stat ours {};
    if (::fstat(descriptor, &ours) != 0)
        return true;
    return ::stat(path.c_str(), &there) != 0
               ? errno != EACCES
               : there.st_ino != ours.st_ino || there.st_dev != ours.st_dev;
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), bytes_(other.bytes_),
      path_(std::move(other.path_)) {}

OutputFile &OutputFile::operator=(OutputFile &&other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(bytes_, other.bytes_);
    std::swap(path_, other.path_);
    return *this;
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

Result<OutputFile> OutputFile::create(const std::filesystem::path &path) {
    OutputFile file;
    file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file.descriptor_ < 0) {
        if (errno == EEXIST)
            return fail(ErrorCode::InvalidArgument, "{}: cannot be made: {}", path.string(),
                        std::strerror(errno));
        return tl::make_unexpected(writeError(path, "cannot be made", errno));
    }
    file.path_ = path;
    return file;
}

Result<void> OutputFile::write(std::span<const std::uint8_t> data) {
    while (!data.empty()) {
        const ssize_t done = ::write(descriptor_, data.data(), data.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return tl::make_unexpected(
                writeError(path_, fmt::format("writing at byte {}", bytes_), errno));
        data = data.subspan(static_cast<std::size_t>(done));
        bytes_ += static_cast<std::uint64_t>(done);
    }
    return {};
}

Result<void> OutputFile::write(std::string_view text) {
    return write(std::span(reinterpret_cast<const std::uint8_t *>(text.data()), text.size()));
}

Result<void> OutputFile::truncate(std::uint64_t bytes) {
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0 ||
        ::lseek(descriptor_, static_cast<off_t>(bytes), SEEK_SET) < 0)
        return fail(ErrorCode::Io, "{}: cutting to {} bytes: {}", path_.string(), bytes,
                    std::strerror(errno));
    bytes_ = bytes;
    return {};
}

Result<void> OutputFile::finish() {
    // EINVAL: special files such as /dev/null cannot be synced, which is no loss.
    const bool synced = ::fsync(descriptor_) == 0 || errno == EINVAL;
    const int syncError = errno;
    const bool closed = ::close(std::exchange(descriptor_, -1)) == 0;
    if (!synced || !closed)
        return fail(ErrorCode::Io, "{}: making it safe on the disk: {}", path_.string(),
                    std::strerror(synced ? errno : syncError));
    return {};
}

Result<bool> renameNew(const std::filesystem::path &from, const std::filesystem::path &to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    // Some network file systems know only links.
    if (errno == EINVAL || errno == ENOSYS) {
        if (::link(from.c_str(), to.c_str()) == 0) {
            ::unlink(from.c_str());
            return true;
        }
    }
    if (errno == EEXIST)
        return false;
    return fail(ErrorCode::Io, "{}: cannot be renamed to {}: {}", from.string(), to.string(),
                std::strerror(errno));
}

void syncFolder(const std::filesystem::path &folder) {
    const int descriptor =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    ::fsync(descriptor);
    ::close(descriptor);
}

}  // namespace fovea
