// SPDX-License-Identifier: Apache-2.0
// Bounded reading of HDF5 groups.
#include "engine/snn/hdf5_reader.h"

#include <algorithm>
#include <array>
#include <hdf5.h>
#include <type_traits>

namespace fovea {

static_assert(std::is_same_v<hid_t, std::int64_t>);

namespace {

constexpr std::uint64_t maxText = 1U << 20;
constexpr std::uint64_t partValues = 1U << 17;  // read at once

/// What the library says about wrong files goes to our messages, not to stderr.
void silence() {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

herr_t addName(hid_t, const char *name, const H5L_info_t *, void *names) {
    static_cast<std::vector<std::string> *>(names)->emplace_back(name);
    return 0;
}

}  // namespace

Result<Hdf5Group> Hdf5Group::openFile(const std::filesystem::path &path) {
    silence();
    std::error_code error;
    const std::uint64_t bytes = std::filesystem::file_size(path, error);
    if (error)
        return fail(ErrorCode::BadFile, "{}: {}", path.string(), error.message());
    Hdf5Group root;
    root.file_ = path.string();
    root.fileBytes_ = bytes;
    const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file)
        return fail(ErrorCode::BadFile, "{}: not an HDF5 file, or damaged", root.file_);
    root.handle_ = Hdf5Handle(H5Gopen2(file.id(), "/", H5P_DEFAULT), H5Gclose);
    if (!root.handle_)
        return fail(ErrorCode::BadFile, "{}: has no root group", root.file_);
    return root;
}

std::string Hdf5Group::where(const std::string &name) const {
    return fmt::format("{}: {}/{}", file_, path_, name);
}

std::optional<int> Hdf5Group::kind(const std::string &name) const {
    H5L_info_t link{};
    H5O_info_t object{};
    if (name.empty() || name == "." || H5Lexists(handle_.id(), name.c_str(), H5P_DEFAULT) <= 0 ||
        H5Lget_info(handle_.id(), name.c_str(), &link, H5P_DEFAULT) < 0 ||
        link.type != H5L_TYPE_HARD ||
        H5Oget_info_by_name2(handle_.id(), name.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return std::nullopt;
    return object.type;
}

bool Hdf5Group::has(const std::string &name) const {
    return kind(name).has_value();
}

bool Hdf5Group::isGroup(const std::string &name) const {
    return kind(name) == H5O_TYPE_GROUP;
}

bool Hdf5Group::isText(const std::string &name) const {
    if (kind(name) != H5O_TYPE_DATASET)
        return false;
    const Hdf5Handle set(H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
    const Hdf5Handle type(set ? H5Dget_type(set.id()) : -1, H5Tclose);
    return type && H5Tget_class(type.id()) == H5T_STRING;
}

Result<Hdf5Group> Hdf5Group::group(const std::string &name) const {
    if (!isGroup(name))
        return fail(ErrorCode::BadFile, "{}: there is no such group", where(name));
    Hdf5Group inner;
    inner.file_ = file_;
    inner.path_ = path_ + "/" + name;
    inner.fileBytes_ = fileBytes_;
    inner.handle_ = Hdf5Handle(H5Gopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Gclose);
    if (!inner.handle_)
        return fail(ErrorCode::BadFile, "{}: the group cannot be opened", where(name));
    return inner;
}

Result<std::vector<std::string>> Hdf5Group::names() const {
    std::vector<std::string> all;
    H5G_info_t info{};
    hsize_t at = 0;
    // A link takes more than 8 bytes of the file: more than that is no honest count.
    if (H5Gget_info(handle_.id(), &info) < 0 || info.nlinks > fileBytes_ / 8 ||
        H5Literate(handle_.id(), H5_INDEX_NAME, H5_ITER_INC, &at, addName, &all) < 0)
        return fail(ErrorCode::BadFile, "{}: the group's list of names is damaged", where());
    std::sort(all.begin(), all.end());
    return all;
}

Result<Hdf5Handle> Hdf5Group::dataset(const std::string &name) const {
    if (kind(name) != H5O_TYPE_DATASET)
        return fail(ErrorCode::BadFile, "{}: there is no such dataset", where(name));
    Hdf5Handle set(H5Dopen2(handle_.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!set)
        return fail(ErrorCode::BadFile, "{}: the dataset cannot be opened", where(name));
    const Hdf5Handle plan(H5Dget_create_plist(set.id()), H5Pclose);
    if (!plan || H5Pget_external_count(plan.id()) > 0 || H5Pget_layout(plan.id()) == H5D_VIRTUAL)
        return fail(ErrorCode::BadFile, "{}: data in other files is not read", where(name));
    if (H5Pget_layout(plan.id()) == H5D_CHUNKED) {
        std::array<hsize_t, H5S_MAX_RANK> sides{};
        const int rank = H5Pget_chunk(plan.id(), static_cast<int>(sides.size()), sides.data());
        std::uint64_t left = (fileBytes_ + allowance) / 16;
        for (int i = 0; i < rank; ++i)
            left = sides[static_cast<std::size_t>(i)] == 0
                       ? 0
                       : left / sides[static_cast<std::size_t>(i)];
        if (rank < 0 || left == 0)
            return fail(ErrorCode::BadFile, "{}: a piece of the dataset is larger than the file",
                        where(name));
    }
    return set;
}

Result<std::vector<std::uint64_t>> Hdf5Group::sidesOf(const Hdf5Handle &set,
                                                      const std::string &name) const {
    const Hdf5Handle space(H5Dget_space(set.id()), H5Sclose);
    std::array<hsize_t, H5S_MAX_RANK> sides{};
    const int rank = space ? H5Sget_simple_extent_dims(space.id(), sides.data(), nullptr) : -1;
    if (rank < 0 || H5Sget_simple_extent_type(space.id()) == H5S_NULL)
        return fail(ErrorCode::BadFile, "{}: has no shape", where(name));
    std::vector<std::uint64_t> shape(sides.begin(), sides.begin() + rank);
    std::uint64_t left = SIZE_MAX;
    for (const std::uint64_t side : shape)
        left = side == 0 ? left : left / side;
    if (left == 0)
        return fail(ErrorCode::BadFile, "{}: its size is beyond any memory", where(name));
    return shape;
}

Result<std::vector<std::string>> Hdf5Group::texts(const std::string &name,
                                                  std::uint64_t columns) const {
    auto set = dataset(name);
    if (!set)
        return failed(set);
    auto sides = sidesOf(*set, name);
    if (!sides)
        return failed(sides);
    const std::uint64_t count = Hdf5Array<char>{*sides, {}}.elements();
    if (count == 0)
        return std::vector<std::string>{};  // of whatever type: the reference writes it as numbers
    const Hdf5Handle type(H5Dget_type(set->id()), H5Tclose);
    if (!type || H5Tget_class(type.id()) != H5T_STRING)
        return fail(ErrorCode::BadFile, "{}: expected text", where(name));
    const bool scalar = sides->empty() && columns == 1;
    if (!scalar && (sides->empty() || sides->size() > 2 ||
                    (sides->size() == 2 ? sides->back() : 1) != columns))
        return fail(ErrorCode::BadFile, "{}: expected {} texts a row", where(name), columns);
    const std::uint64_t width =
        H5Tis_variable_str(type.id()) > 0 ? sizeof(char *) : H5Tget_size(type.id());
    if (width == 0 || width > maxText || count > (fileBytes_ + allowance) / 64 / width)
        return fail(ErrorCode::BadFile, "{}: {} texts of {} bytes are more than the file holds",
                    where(name), count, width);
    std::vector<std::string> all;
    if (H5Tis_variable_str(type.id()) > 0) {
        std::vector<char *> pointers(count, nullptr);
        const bool read =
            H5Dread(set->id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) >= 0;
        for (char *text : pointers) {
            all.emplace_back(text != nullptr ? text : "");
            if (text != nullptr)
                H5free_memory(text);
        }
        if (!read)
            all.clear();
    } else {
        std::vector<char> bytes(count * width);
        if (H5Dread(set->id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0)
            for (std::uint64_t i = 0; i < count; ++i) {
                const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(i * width);
                const auto to = from + static_cast<std::ptrdiff_t>(width);
                std::string text(from, std::find(from, to, '\0'));
                text.erase(text.find_last_not_of(' ') + 1);
                all.push_back(std::move(text));
            }
    }
    if (all.size() != count)
        return fail(ErrorCode::BadFile, "{}: the text cannot be read", where(name));
    return all;
}

Result<std::string> Hdf5Group::text(const std::string &name) const {
    auto all = texts(name, 1);
    if (!all)
        return failed(all);
    if (all->size() != 1)
        return fail(ErrorCode::BadFile, "{}: expected one text", where(name));
    return std::move(all->front());
}

template <class T>
Result<Hdf5Array<T>> Hdf5Group::numbers(const std::string &name, bool join) const {
    auto set = dataset(name);
    if (!set)
        return failed(set);
    auto sides = sidesOf(*set, name);
    if (!sides)
        return failed(sides);
    Hdf5Array<T> array{std::move(*sides), {}};
    const std::uint64_t count = array.elements();
    const Hdf5Handle type(H5Dget_type(set->id()), H5Tclose);
    const H5T_class_t kind = type ? H5Tget_class(type.id()) : H5T_NO_CLASS;
    if (kind != H5T_INTEGER && kind != H5T_FLOAT)
        return fail(ErrorCode::BadFile, "{}: expected numbers", where(name));
    const Hdf5Handle space(H5Dget_space(set->id()), H5Sclose);
    const hid_t wanted = std::is_same_v<T, float> ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
    const std::uint64_t most = (fileBytes_ + allowance) / sizeof(T);
    // Rows of the first side at a time, so that many equal numbers never lie in memory.
    const std::uint64_t rows = array.sides.empty() ? 1 : array.sides[0];
    const std::uint64_t row = rows == 0 ? 0 : count / rows;
    const std::uint64_t step = row == 0 ? 1 : std::max<std::uint64_t>(1, partValues / row);
    if (row > most || (!join && count > most))
        return fail(ErrorCode::BadFile, "{}: {} numbers are more than a file of {} bytes may hold",
                    where(name), count, fileBytes_);
    std::vector<T> part;
    for (std::uint64_t from = 0; count > 0 && from < rows; from += step) {
        const std::uint64_t now = std::min(step, rows - from);
        part.resize(now * row);
        std::vector<hsize_t> start(array.sides.size(), 0);
        std::vector<hsize_t> size(array.sides.begin(), array.sides.end());
        if (!size.empty()) {
            start[0] = from;
            size[0] = now;
            H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(),
                                nullptr);
        }
        // Of the same shape as in the file: else the library goes from number to number.
        const Hdf5Handle memory(
            H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr), H5Sclose);
        if (H5Dread(set->id(), wanted, memory.id(), space.id(), H5P_DEFAULT, part.data()) < 0)
            return fail(ErrorCode::BadFile, "{}: the numbers cannot be read", where(name));
        if (join && from == 0)
            array.values.assign(1, part[0]);
        const bool equal =
            join && array.values.size() == 1 &&
            std::all_of(part.begin(), part.end(), [&](T v) { return v == array.values[0]; });
        if (equal)
            continue;
        if (join && count > most)
            return fail(ErrorCode::BadFile,
                        "{}: {} numbers are more than a file of {} bytes may hold", where(name),
                        count, fileBytes_);
        if (join) {
            array.values.resize(from * row, array.values[0]);
            join = false;
        }
        array.values.insert(array.values.end(), part.begin(), part.end());
    }
    return array;
}

Result<Hdf5Array<float>> Hdf5Group::floats(const std::string &name, bool join) const {
    return numbers<float>(name, join);
}

Result<Hdf5Array<double>> Hdf5Group::doubles(const std::string &name, bool join) const {
    return numbers<double>(name, join);
}

}  // namespace fovea
