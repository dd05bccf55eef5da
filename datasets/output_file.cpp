// SPDX-License-Identifier: Apache-2.0
// Writing with every refusal of the system turned into a message.
#include "datasets/output_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace fovea {

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
    if (file.descriptor_ < 0)
        return fail(errno == EEXIST ? ErrorCode::InvalidArgument : ErrorCode::Io,
                    "{}: cannot be made: {}", path.string(), std::strerror(errno));
    file.path_ = path;
    return file;
}

Result<void> OutputFile::write(std::span<const std::uint8_t> data) {
    while (!data.empty()) {
        const ssize_t done = ::write(descriptor_, data.data(), data.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail(ErrorCode::Io, "{}: writing at byte {}: {}", path_.string(), bytes_,
                        std::strerror(errno));
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
