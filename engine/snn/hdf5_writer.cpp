// SPDX-License-Identifier: Apache-2.0
// Writes HDF5 files as the reference NIR writer does.
#include "engine/snn/hdf5_writer.h"

#include <algorithm>
#include <hdf5.h>

namespace fovea {

namespace {

constexpr std::uint64_t chunkBytes = 1U << 20;
constexpr unsigned packLevel = 4;

Hdf5Handle textType() {
    Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.id(), H5T_VARIABLE);
    H5Tset_cset(type.id(), H5T_CSET_UTF8);
    return type;
}

}  // namespace

Result<Hdf5Writer> Hdf5Writer::create(const std::filesystem::path &path) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    Hdf5Writer writer;
    writer.name_ = path.string();
    writer.file_ =
        Hdf5Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    if (!writer.file_)
        return fail(ErrorCode::Io, "{}: cannot be written", writer.name_);
    return writer;
}

void Hdf5Writer::write(const std::string &path, std::int64_t memoryType, std::int64_t fileType,
                       std::span<const std::uint64_t> sides, const void *values, bool packed) {
    std::vector<hsize_t> size(sides.begin(), sides.end());
    const Hdf5Handle space(
        size.empty() ? H5Screate(H5S_SCALAR)
                     : H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
        H5Sclose);
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.id(), 1);
    const Hdf5Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (packed && !size.empty()) {
        std::vector<hsize_t> chunk = size;
        std::uint64_t bytes = H5Tget_size(fileType);
        for (const hsize_t side : chunk)
            bytes *= side;
        for (hsize_t &side : chunk)
            while (bytes > chunkBytes && side > 1) {
                bytes = bytes / side * ((side + 1) / 2);
                side = (side + 1) / 2;
            }
        H5Pset_chunk(plan.id(), static_cast<int>(chunk.size()), chunk.data());
        H5Pset_deflate(plan.id(), packLevel);
    }
    const Hdf5Handle set(H5Dcreate2(file_.id(), path.c_str(), fileType, space.id(), links.id(),
                                    plan.id(), H5P_DEFAULT),
                         H5Dclose);
    if (!set || H5Dwrite(set.id(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        failed_ = true;
}

void Hdf5Writer::text(const std::string &path, const std::string &value) {
    const char *text = value.c_str();
    const Hdf5Handle type = textType();
    write(path, type.id(), type.id(), {}, &text, false);
}

void Hdf5Writer::texts(const std::string &path, std::span<const std::string> values,
                       std::uint64_t columns) {
    if (values.empty()) {
        const std::uint64_t none = 0;
        write(path, H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, {&none, 1}, nullptr, false);
        return;
    }
    std::vector<const char *> pointers;
    for (const std::string &value : values)
        pointers.push_back(value.c_str());
    const Hdf5Handle type = textType();
    const std::vector<std::uint64_t> sides = {values.size() / columns, columns};
    write(path, type.id(), type.id(), sides, pointers.data(), false);
}

void Hdf5Writer::integers(const std::string &path, std::span<const std::int64_t> values,
                          std::span<const std::uint64_t> sides) {
    write(path, H5T_NATIVE_INT64, H5T_STD_I64LE, sides, values.data(), true);
}

void Hdf5Writer::numbers(const std::string &path, std::span<const double> values,
                         std::span<const std::uint64_t> sides) {
    const bool single = std::all_of(values.begin(), values.end(), [](double value) {
        return static_cast<double>(static_cast<float>(value)) == value;
    });
    write(path, H5T_NATIVE_DOUBLE, single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE, sides, values.data(),
          true);
}

void Hdf5Writer::numbers(const std::string &path, std::span<const float> values,
                         std::span<const std::uint64_t> sides) {
    write(path, H5T_NATIVE_FLOAT, H5T_IEEE_F32LE, sides, values.data(), true);
}

void Hdf5Writer::group(const std::string &path) {
    const Hdf5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.id(), 1);
    const Hdf5Handle made(
        H5Gcreate2(file_.id(), path.c_str(), links.id(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    failed_ |= !made;
}

Result<void> Hdf5Writer::close() {
    failed_ |= H5Fflush(file_.id(), H5F_SCOPE_GLOBAL) < 0;
    file_ = Hdf5Handle();
    if (failed_)
        return fail(ErrorCode::Io, "{}: cannot be written", name_);
    return {};
}

}  // namespace fovea
