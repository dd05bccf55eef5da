// SPDX-License-Identifier: Apache-2.0
// Writing HDF5 files as the reference NIR writer does.
#pragma once

#include "engine/snn/hdf5_reader.h"

namespace fovea {

/// A new file under construction; what fails is told by close().
///
/// Threads: as Hdf5Group.
class Hdf5Writer {
public:
    [[nodiscard]] static Result<Hdf5Writer> create(const std::filesystem::path &path);

    /// Paths are absolute; groups above are made as needed.
    void text(const std::string &path, const std::string &value);
    void texts(const std::string &path, std::span<const std::string> values, std::uint64_t columns);
    /// Little-endian 64-bit integers; no sides: one number.
    void integers(const std::string &path, std::span<const std::int64_t> values,
                  std::span<const std::uint64_t> sides);
    /// 32-bit when that holds every number exactly, else 64-bit; packed when there is a side.
    void numbers(const std::string &path, std::span<const double> values,
                 std::span<const std::uint64_t> sides);
    void numbers(const std::string &path, std::span<const float> values,
                 std::span<const std::uint64_t> sides);
    void group(const std::string &path);
    /// Flushes; Io when anything failed.
    [[nodiscard]] Result<void> close();

private:
    Hdf5Writer() = default;
    void write(const std::string &path, std::int64_t memoryType, std::int64_t fileType,
               std::span<const std::uint64_t> sides, const void *values, bool packed);

    std::string name_;
    Hdf5Handle file_;
    bool failed_ = false;
};

}  // namespace fovea
