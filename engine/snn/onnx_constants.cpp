// SPDX-License-Identifier: Apache-2.0
// Numbers from raw bytes, lists and files beside the model.
#include "engine/snn/onnx_constants.h"

#include "engine/core/text.h"
#include "engine/snn/signal_shape.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

namespace fovea {

static_assert(std::endian::native == std::endian::little, "raw numbers are taken as they are");

namespace {

constexpr std::uint64_t spareBytes = std::uint64_t{16} << 20;

std::size_t bytesOf(std::int64_t type) {
    switch (type) {
    case OnnxTensor::Float:
    case OnnxTensor::Int32:
        return 4;
    case OnnxTensor::Int64:
    case OnnxTensor::Double:
        return 8;
    case OnnxTensor::Int8:
    case OnnxTensor::Bool:
        return 1;
    default:
        return 0;
    }
}

template <class Number> double numberAt(const std::uint8_t *bytes) {
    Number value{};
    std::memcpy(&value, bytes, sizeof(value));
    return static_cast<double>(value);
}

double decode(std::int64_t type, const std::uint8_t *bytes) {
    switch (type) {
    case OnnxTensor::Float:
        return numberAt<float>(bytes);
    case OnnxTensor::Int32:
        return numberAt<std::int32_t>(bytes);
    case OnnxTensor::Int64:
        return numberAt<std::int64_t>(bytes);
    case OnnxTensor::Double:
        return numberAt<double>(bytes);
    default:
        return numberAt<std::int8_t>(bytes);
    }
}

}  // namespace

std::uint64_t OnnxConstant::count() const {
    std::uint64_t product = 1;
    for (const std::int64_t side : sides)
        product *= static_cast<std::uint64_t>(side);
    return product;
}

OnnxConstants::OnnxConstants(ByteFile &file) : file_(file), budget_(file.size() + spareBytes) {}

Result<OnnxConstant> OnnxConstants::open(const OnnxTensor &tensor) {
    OnnxConstant constant;
    constant.sides = tensor.sides;
    constant.stored = &tensor;
    constant.integral = tensor.type != OnnxTensor::Float && tensor.type != OnnxTensor::Double;
    if (bytesOf(tensor.type) == 0)
        return fail(ErrorCode::Unsupported,
                    "'{}': numbers of type {}, supported are float (1), double (11), int8 (3), "
                    "int32 (6), int64 (7), bool (9)",
                    tensor.name, tensor.type);
    std::uint64_t count = 1;
    for (const std::int64_t side : tensor.sides) {
        if (side < 0 || static_cast<std::uint64_t>(side) > SignalShape::maxElements)
            return fail(ErrorCode::BadFile, "'{}': a side of {}, allowed are 0 to {}", tensor.name,
                        side, SignalShape::maxElements);
        count *= static_cast<std::uint64_t>(side);
        if (count > SignalShape::maxElements)
            return fail(ErrorCode::BadFile, "'{}': more than {} numbers", tensor.name,
                        SignalShape::maxElements);
    }
    if (!tensor.external && !tensor.raw) {
        // Each number of a list takes at least one byte.
        std::uint64_t bytes = 0;
        for (const FileRange &range : tensor.packed)
            bytes += range.size();
        if (bytes < count)
            return fail(ErrorCode::BadFile, "'{}': {} numbers, but {} bytes", tensor.name, count,
                        bytes);
        return constant;
    }
    const auto where = place(tensor);
    if (!where)
        return tl::make_unexpected(where.error());
    if (where->range.size() != count * bytesOf(tensor.type))
        return fail(ErrorCode::BadFile, "'{}': {} numbers of {} bytes, but {} bytes", tensor.name,
                    count, bytesOf(tensor.type), where->range.size());
    return constant;
}

Result<OnnxConstants::Place> OnnxConstants::place(const OnnxTensor &tensor) {
    if (tensor.external)
        return external(tensor);
    return Place{&file_, *tensor.raw};
}

Result<OnnxConstants::Place> OnnxConstants::external(const OnnxTensor &tensor) {
    const auto told = [&](const char *key) {
        const auto found = tensor.externalData.find(key);
        return found == tensor.externalData.end() ? std::string() : found->second;
    };
    const auto refuse = [&](const std::string &why) {
        return fail(ErrorCode::BadFile, "'{}': its file '{}' {}", tensor.name, told("location"),
                    why);
    };
    // Only files in the model's own folder or below: links are followed before that is decided.
    std::error_code unknown;
    const auto folder = std::filesystem::weakly_canonical(
        std::filesystem::absolute(file_.path()).parent_path(), unknown);
    const std::filesystem::path name = told("location");
    if (name.empty() || name.is_absolute())
        return refuse("must have a relative name");
    const auto path = std::filesystem::weakly_canonical(folder / name, unknown);
    const auto [end, _] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    if (unknown || end != folder.end())
        return refuse("does not lie in the model's folder");
    auto found = beside_.find(path);
    if (found == beside_.end()) {
        auto opened = ByteFile::open(path);
        if (!opened)
            return refuse("is not there, or no regular file");
        budget_ += opened->size();
        found = beside_.emplace(path, std::move(*opened)).first;
    }
    const std::uint64_t size = found->second.size();
    const std::string from = told("offset");
    const std::string length = told("length");
    const auto offset =
        from.empty() ? std::optional<std::uint64_t>(0) : parseNumber<std::uint64_t>(from);
    if (!offset || *offset > size)
        return refuse(fmt::format("has {} bytes, the offset is '{}'", size, from));
    const auto bytes =
        length.empty() ? std::optional(size - *offset) : parseNumber<std::uint64_t>(length);
    if (!bytes || *bytes > size - *offset)
        return refuse(fmt::format("has {} bytes, '{}' at {} are wanted", size, length, *offset));
    return Place{&found->second, {*offset, *offset + *bytes}};
}

Result<void> OnnxConstants::spend(std::uint64_t count) {
    spent_ += count * sizeof(float);
    if (spent_ > budget_)
        return fail(ErrorCode::BadFile,
                    "its layers take more numbers than the file holds ({} MiB allowed)",
                    budget_ >> 20U);
    return {};
}

Result<void> OnnxConstants::readFixed(ByteFile &file, FileRange range, std::int64_t type,
                                      const Put &put) {
    const std::size_t each = bytesOf(type);
    std::vector<std::uint8_t> part(each * 4096);
    for (std::uint64_t at = range.begin; at + each <= range.end && file.good();) {
        const std::uint64_t count = std::min<std::uint64_t>(4096, (range.end - at) / each);
        file.read(at, part.data(), count * each);
        for (std::uint64_t k = 0; k < count; ++k)
            put(decode(type, part.data() + k * each));
        at += count * each;
    }
    return file.status();
}

Result<void> OnnxConstants::readAll(const OnnxTensor &tensor, const Put &put) {
    if (tensor.raw || tensor.external) {
        auto where = place(tensor);
        return where ? readFixed(*where->file, where->range, tensor.type, put)
                     : Result<void>(failed(where));
    }
    for (const FileRange &range : tensor.packed) {
        if (tensor.packedField == 4 || tensor.packedField == 10) {
            const auto type = tensor.packedField == 4 ? OnnxTensor::Float : OnnxTensor::Double;
            if (auto read = readFixed(file_, range, type, put); !read)
                return read;
            continue;
        }
        WireReader list(file_, range);
        while (!list.atEnd())
            put(static_cast<double>(static_cast<std::int64_t>(list.varint())));
    }
    return file_.status();
}

template <class Number>
Result<void> OnnxConstants::fill(const OnnxConstant &constant, std::vector<Number> &values) {
    const auto columns = static_cast<std::size_t>(constant.transposed ? constant.sides[1] : 1);
    const std::size_t rows = values.size() / std::max<std::size_t>(columns, 1);
    std::size_t seen = 0;
    auto read = readAll(*constant.stored, [&](double value) {
        if (seen < values.size())
            values[constant.transposed ? seen % rows * columns + seen / rows : seen] =
                static_cast<Number>(value);
        ++seen;
    });
    if (read && seen != values.size())
        return fail(ErrorCode::BadFile, "'{}': {} numbers are there, {} are wanted",
                    constant.stored->name, seen, values.size());
    return read;
}

Result<std::vector<float>> OnnxConstants::floats(const OnnxConstant &constant) {
    const std::uint64_t count = constant.count();
    if (auto within = spend(count); !within)
        return failed(within);
    std::vector<float> values(count);
    Result<void> done;
    if (constant.stored == nullptr)
        std::transform(constant.values.begin(), constant.values.end(), values.begin(),
                       [](double value) { return static_cast<float>(value); });
    else
        done = fill(constant, values);
    if (!done)
        return failed(done);
    return values;
}

Result<std::vector<double>> OnnxConstants::numbers(const OnnxConstant &constant) {
    if (constant.count() > maxSmall)
        return fail(ErrorCode::Unsupported, "a constant of {} numbers is not computed with",
                    constant.count());
    if (constant.stored == nullptr)
        return constant.values;
    std::vector<double> values(constant.count());
    if (auto done = fill(constant, values); !done)
        return failed(done);
    return values;
}

}  // namespace fovea
