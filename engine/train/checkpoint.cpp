// SPDX-License-Identifier: Apache-2.0
// Mark, count; then length and name, count and numbers; a sum of all bytes at the end.
#include "engine/train/checkpoint.h"

#include "engine/core/random.h"
#include "engine/train/train_network.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cstring>
#include <fstream>

namespace fovea {

namespace {

constexpr std::uint64_t mark = 0x31544B4356464F46;  // "FOFVCKT1", little-endian

std::uint64_t sumOf(const std::string &bytes) {
    std::uint64_t sum = bytes.size();
    for (const char byte : bytes)
        sum = mixBits(sum ^ static_cast<std::uint8_t>(byte));
    return sum;
}

void put(std::string &bytes, std::uint64_t number) {
    bytes.append(reinterpret_cast<const char *>(&number), sizeof number);
}

/// Takes what is there; `good` falls when more is asked for.
class Reader {
public:
    explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        take(&value, 1, sizeof value);
        return value;
    }
    template <class Container> Container take(std::uint64_t count) {
        Container values;
        if (count > (bytes_.size() - at_) / sizeof values[0]) {
            good_ = false;
            return values;
        }
        values.resize(count);
        take(values.data(), count, sizeof values[0]);
        return values;
    }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool ended() const { return at_ == bytes_.size(); }

private:
    void take(void *target, std::size_t count, std::size_t size) {
        if (count * size > bytes_.size() - at_) {
            good_ = false;
            return;
        }
        std::memcpy(target, bytes_.data() + at_, count * size);
        at_ += count * size;
    }
    std::string bytes_;
    std::size_t at_ = 0;
    bool good_ = true;
};

}  // namespace

Result<void> writeCheckpoint(const Checkpoint &checkpoint, const std::filesystem::path &path) {
    std::string bytes;
    put(bytes, mark);
    put(bytes, checkpoint.size());
    for (const auto &[name, values] : checkpoint) {
        put(bytes, name.size());
        bytes += name;
        put(bytes, values.size());
        bytes.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(double));
    }
    put(bytes, sumOf(bytes));
    std::filesystem::path part = path;
    part += ".part";
    std::ofstream out(part, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    std::error_code renamed;
    if (out)
        std::filesystem::rename(part, path, renamed);
    if (!out || renamed)
        return fail(ErrorCode::Io, "{}: cannot be written: {}", path.string(),
                    renamed ? renamed.message() : std::strerror(errno));
    return {};
}

Result<Checkpoint> readCheckpoint(const std::filesystem::path &path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return fail(ErrorCode::BadFile, "{}: cannot be opened", path.string());
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto damaged = [&](std::string_view what) {
        return fail(ErrorCode::BadFile, "{}: no whole checkpoint: {}", path.string(), what);
    };
    if (bytes.size() < 3 * sizeof(std::uint64_t))
        return damaged("it is too short");
    std::uint64_t sum = 0;
    std::memcpy(&sum, bytes.data() + bytes.size() - sizeof sum, sizeof sum);
    bytes.resize(bytes.size() - sizeof sum);
    if (sum != sumOf(bytes))
        return damaged("its sum is wrong");
    Reader reader(std::move(bytes));
    if (reader.number() != mark)
        return damaged("its mark is wrong");
    Checkpoint checkpoint;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && reader.good(); ++i) {
        const auto name = reader.take<std::string>(reader.number());
        checkpoint[name] = reader.take<std::vector<double>>(reader.number());
    }
    if (!reader.good() || !reader.ended())
        return damaged("lengths that it does not hold");
    return checkpoint;
}

bool adoptNumbers(const at::Tensor &target, const Checkpoint &from, const std::string &name) {
    const auto found = from.find(name);
    if (found == from.end() || found->second.size() != static_cast<std::size_t>(target.numel()))
        return false;
    const at::NoGradGuard still;
    at::Tensor values = at::empty(target.sizes(), at::kDouble);
    std::copy(found->second.begin(), found->second.end(), values.data_ptr<double>());
    at::Tensor(target).copy_(values);
    return true;
}

}  // namespace fovea
