// SPDX-License-Identifier: Apache-2.0
// Members of a zip archive (stored or deflated) with random access to their unpacked bytes.
#pragma once

#include "datasets/file_handle.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fovea {

/// An entry of the archive's directory, checked against the size of the file.
struct ZipEntry {
    std::string name;
    bool deflated = false;
    std::uint32_t crc = 0;
    std::uint64_t packedBytes = 0;
    std::uint64_t bytes = 0;
    std::uint64_t headerOffset = 0;  ///< of its local header
};

/// Reads the directory at the end of the archive. Encrypted members and methods other than stored
/// and deflated are BadFile, archives in parts or of more than 65,535 members too.
[[nodiscard]] Result<std::vector<ZipEntry>> readZipDirectory(const FileHandle &file);

/// Unpacked bytes of one member. Going back in a deflated member costs unpacking from the last
/// of 64 evenly spaced marks (together 3 MiB); going on costs nothing extra.
///
/// Threads: any; readers of a deflated member wait for each other.
class ZipMember {
public:
    /// `file` must outlive the member.
    [[nodiscard]] static Result<ZipMember> open(const FileHandle &file, ZipEntry entry);
    ZipMember(ZipMember &&) noexcept;
    ZipMember &operator=(ZipMember &&) noexcept;
    ~ZipMember();

    [[nodiscard]] std::uint64_t size() const;
    /// BadFile when the packed data is damaged or ends early, or when its checksum, taken the first
    /// time that the member was read to its end without leaving anything out, is wrong.
    [[nodiscard]] Result<void> readAt(std::uint64_t offset, void *target, std::size_t count) const;

private:
    struct State;
    explicit ZipMember(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace fovea
