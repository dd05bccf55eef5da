// SPDX-License-Identifier: Apache-2.0
// Reading HDF5 files that nobody vouches for.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fovea {

/// An HDF5 handle with what closes it.
class Hdf5Handle {
public:
    Hdf5Handle() = default;
    Hdf5Handle(std::int64_t id, int (*close)(std::int64_t)) : id_(id), close_(close) {}
    Hdf5Handle(Hdf5Handle &&other) noexcept
        : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Hdf5Handle &operator=(Hdf5Handle &&other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Hdf5Handle() {
        if (id_ >= 0)
            close_(id_);
    }
    [[nodiscard]] std::int64_t id() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }

private:
    std::int64_t id_ = -1;
    int (*close_)(std::int64_t) = nullptr;
};

/// An array of numbers in C order; no sides: one number.
template <class T> struct Hdf5Array {
    std::vector<std::uint64_t> sides;
    std::vector<T> values;  ///< one number when all are equal and equal ones were to be joined
    [[nodiscard]] std::uint64_t elements() const {
        std::uint64_t count = 1;
        for (const std::uint64_t side : sides)
            count *= side;
        return count;
    }
};

/// One group of an open file. Only hard links are followed; every size is checked against the
/// file's size plus 64 MiB before anything is allocated. Errors are BadFile and begin with
/// "file: /path/of/the/object".
///
/// Threads: one at a time, for all files together (the library has one state).
class Hdf5Group {
public:
    static constexpr std::uint64_t allowance = std::uint64_t{64} << 20;

    /// The root group of a file that exists and is an HDF5 file.
    [[nodiscard]] static Result<Hdf5Group> openFile(const std::filesystem::path &path);

    [[nodiscard]] Result<Hdf5Group> group(const std::string &name) const;
    /// Names of all links, sorted.
    [[nodiscard]] Result<std::vector<std::string>> names() const;
    [[nodiscard]] bool has(const std::string &name) const;
    /// It is there and holds a string or strings.
    [[nodiscard]] bool isText(const std::string &name) const;
    [[nodiscard]] bool isGroup(const std::string &name) const;

    [[nodiscard]] Result<std::string> text(const std::string &name) const;
    /// A list of strings, fixed or variable, with `columns` columns; none when it has no elements.
    [[nodiscard]] Result<std::vector<std::string>> texts(const std::string &name,
                                                         std::uint64_t columns) const;
    /// Any number type. `join`: equal numbers become one.
    [[nodiscard]] Result<Hdf5Array<float>> floats(const std::string &name, bool join = false) const;
    [[nodiscard]] Result<Hdf5Array<double>> doubles(const std::string &name,
                                                    bool join = false) const;
    /// "file: /path/name", for messages.
    [[nodiscard]] std::string where(const std::string &name = {}) const;

private:
    Hdf5Group() = default;
    [[nodiscard]] std::optional<int> kind(const std::string &name) const;
    [[nodiscard]] Result<Hdf5Handle> dataset(const std::string &name) const;
    [[nodiscard]] Result<std::vector<std::uint64_t>> sidesOf(const Hdf5Handle &dataset,
                                                             const std::string &name) const;
    template <class T>
    [[nodiscard]] Result<Hdf5Array<T>> numbers(const std::string &name, bool join) const;

    std::string file_;
    std::string path_;
    std::uint64_t fileBytes_ = 0;
    Hdf5Handle handle_;
};

}  // namespace fovea
