// SPDX-License-Identifier: Apache-2.0
// Opening and reading with every refusal of the system turned into a message.
#include "datasets/file_handle.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace fovea {

FileHandle::FileHandle(FileHandle &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_),
      path_(std::move(other.path_)), stop_(std::move(other.stop_)) {}

FileHandle &FileHandle::operator=(FileHandle &&other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(size_, other.size_);
    std::swap(path_, other.path_);
    std::swap(stop_, other.stop_);
    return *this;
}

FileHandle::~FileHandle() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

Result<FileHandle> FileHandle::open(const std::filesystem::path &path, std::stop_token stop) {
    FileHandle file;
    file.stop_ = std::move(stop);
    // O_NONBLOCK: opening a pipe without a writer must not wait.
    file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file.descriptor_ < 0) {
        const ErrorCode code =
            errno == ENOENT || errno == ENOTDIR ? ErrorCode::NoDevice : ErrorCode::Io;
        return fail(code, "{}: cannot be opened: {}", path.string(), std::strerror(errno));
    }
    struct stat status {};
    if (::fstat(file.descriptor_, &status) != 0)
        return fail(ErrorCode::Io, "{}: {}", path.string(), std::strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::BadFile, "{}: is a folder, expected one recording file",
                    path.string());
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::BadFile, "{}: is a pipe or device, expected a regular file",
                    path.string());
    file.size_ = static_cast<std::uint64_t>(status.st_size);
    file.path_ = path;
    return file;
}

Result<void> FileHandle::readAt(std::uint64_t offset, void *target, std::size_t count) const {
    auto *bytes = static_cast<char *>(target);
    std::size_t done = 0;
    while (done < count) {
        if (stop_.stop_requested())
            return fail(ErrorCode::Cancelled, "{}: reading was stopped", path_.string());
        const ssize_t got =
            ::pread(descriptor_, bytes + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(ErrorCode::Io, "{}: reading at byte {}: {}", path_.string(), offset + done,
                        std::strerror(errno));
        if (got == 0)
            return fail(ErrorCode::BadFile, "{}: ends at byte {}, expected {} more", path_.string(),
                        offset + done, count - done);
        done += static_cast<std::size_t>(got);
    }
    return {};
}

Result<void> FileHandle::readAt(std::uint64_t offset, std::span<Part> parts) const {
    if (stop_.stop_requested())
        return fail(ErrorCode::Cancelled, "{}: reading was stopped", path_.string());
    std::array<iovec, 64> places{};
    std::size_t all = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        places[i] = {parts[i].target, parts[i].bytes};
        all += parts[i].bytes;
    }
    const ssize_t got = ::preadv(descriptor_, places.data(), static_cast<int>(parts.size()),
                                 static_cast<off_t>(offset));
    if (got >= 0 && static_cast<std::size_t>(got) == all)
        return {};
    // Interrupted, or there is an error to tell.
    for (const Part &part : parts) {
        if (auto read = readAt(offset, part.target, part.bytes); !read)
            return read;
        offset += part.bytes;
    }
    return {};
}

Result<std::string> readText(const std::filesystem::path &path, std::size_t limit) {
    auto file = FileHandle::open(path);
    if (!file)
        return failed(file);
    if (file->size() > limit)
        return fail(ErrorCode::BadFile, "{}: {} bytes, expected at most {}", path.string(),
                    file->size(), limit);
    std::string text(static_cast<std::size_t>(file->size()), '\0');
    if (auto read = file->readAt(0, text.data(), text.size()); !read)
        return failed(read);
    return text;
}

}  // namespace fovea
