// SPDX-License-Identifier: Apache-2.0
// Unpacks a member with zlib, keeping marks from which unpacking can go on.
#include "datasets/zip_member.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <span>
#include <zlib.h>

namespace fovea {

namespace {

constexpr std::size_t localBytes = 30;
constexpr std::uint32_t localMark = 0x04034b50;
constexpr std::uint64_t maxMarks = 64;
constexpr std::uint64_t minMarkDistance = 1 << 20;

// Owns zlib's state; a copy can go on from the same place.
class Inflater {
public:
    Inflater() { good_ = ::inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
    Inflater(const Inflater &other) : taken(other.taken), made(other.made) {
        good_ = ::inflateCopy(&stream_, const_cast<z_stream *>(&other.stream_)) == Z_OK;
        stream_.avail_in = 0;
    }
    Inflater &operator=(const Inflater &) = delete;
    ~Inflater() {
        if (good_)
            ::inflateEnd(&stream_);
    }

    /// Unpacks from `input` to `target`; both shrink by what was used. False on damaged data.
    bool run(std::span<const std::uint8_t> &input, std::span<std::uint8_t> &target) {
        if (!good_ || ended)
            return false;
        stream_.next_in = const_cast<std::uint8_t *>(input.data());
        stream_.avail_in = static_cast<uInt>(input.size());
        stream_.next_out = target.data();
        stream_.avail_out = static_cast<uInt>(target.size());
        const int result = ::inflate(&stream_, Z_NO_FLUSH);
        taken += input.size() - stream_.avail_in;
        made += target.size() - stream_.avail_out;
        input = input.last(stream_.avail_in);
        target = target.last(stream_.avail_out);
        ended = result == Z_STREAM_END;
        return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
    }

    std::uint64_t taken = 0;  ///< packed bytes used
    std::uint64_t made = 0;   ///< bytes unpacked
    bool ended = false;

private:
    z_stream stream_{};
    bool good_ = false;
};

}  // namespace

struct ZipMember::State {
    const FileHandle *file = nullptr;
    ZipEntry entry;
    std::uint64_t dataOffset = 0;

    std::mutex mutex;
    std::unique_ptr<Inflater> now;
    std::vector<std::unique_ptr<Inflater>> marks;  ///< ascending `made`
    std::uint64_t checked = 0;                     ///< bytes in `crc`
    std::uint32_t crc = 0;

    [[nodiscard]] std::string name() const {
        return file->path().string() + ": member " + entry.name;
    }
    [[nodiscard]] std::uint64_t markDistance() const {
        return std::max(minMarkDistance, entry.bytes / maxMarks);
    }
    Result<void> unpack(std::span<std::uint8_t> target);
    Result<void> goTo(std::uint64_t offset);
    Result<void> check(std::uint64_t offset, std::span<const std::uint8_t> bytes);
};

// Adds bytes that follow those checked so far to the checksum and compares it at the end.
Result<void> ZipMember::State::check(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
    if (offset > checked || offset + bytes.size() <= checked)
        return {};
    const auto fresh = bytes.subspan(static_cast<std::size_t>(checked - offset));
    crc = static_cast<std::uint32_t>(
        ::crc32_z(crc, fresh.data(), static_cast<z_size_t>(fresh.size())));
    checked += fresh.size();
    if (checked == entry.bytes && crc != entry.crc)
        return fail(ErrorCode::BadFile, "{}: damaged: checksum {:08x}, expected {:08x}", name(),
                    crc, entry.crc);
    return {};
}

Result<void> ZipMember::State::unpack(std::span<std::uint8_t> target) {
    std::array<std::uint8_t, 16384> packed;
    while (!target.empty()) {
        const std::uint64_t from = now->made;
        const auto bytes = static_cast<std::size_t>(
            std::min<std::uint64_t>(packed.size(), entry.packedBytes - now->taken));
        if (auto got = file->readAt(dataOffset + now->taken, packed.data(), bytes); !got)
            return got;
        std::span<const std::uint8_t> input(packed.data(), bytes);
        // Stop at the next mark, so that marks lie where they are looked for.
        const std::uint64_t toMark = markDistance() - from % markDistance();
        auto part =
            target.first(static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), toMark)));
        const std::span<std::uint8_t> whole = part;
        const bool good = now->run(input, part);
        const std::size_t made = whole.size() - part.size();
        if (!good || (made == 0 && (now->ended || input.size() == bytes)))
            return fail(ErrorCode::BadFile, "{}: damaged after {} of {} bytes", name(), now->made,
                        entry.bytes);
        if (auto sound = check(from, whole.first(made)); !sound)
            return sound;
        target = target.subspan(made);
        if (now->made % markDistance() == 0 && made > 0 &&
            (marks.empty() || marks.back()->made < now->made))
            marks.push_back(std::make_unique<Inflater>(*now));
    }
    return {};
}

Result<void> ZipMember::State::goTo(std::uint64_t offset) {
    const auto after =
        std::upper_bound(marks.begin(), marks.end(), offset,
                         [](std::uint64_t at, const auto &mark) { return at < mark->made; });
    const Inflater *mark = after == marks.begin() ? nullptr : std::prev(after)->get();
    const bool back = now == nullptr || now->made > offset;
    if (back || (mark != nullptr && mark->made > now->made))
        now = mark != nullptr ? std::make_unique<Inflater>(*mark) : std::make_unique<Inflater>();
    std::vector<std::uint8_t> skipped;
    while (now->made < offset) {
        skipped.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(65536, offset - now->made)));
        if (auto got = unpack(skipped); !got)
            return got;
    }
    return {};
}

ZipMember::ZipMember(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipMember::ZipMember(ZipMember &&) noexcept = default;
ZipMember &ZipMember::operator=(ZipMember &&) noexcept = default;
ZipMember::~ZipMember() = default;

Result<ZipMember> ZipMember::open(const FileHandle &file, ZipEntry entry) {
    std::array<std::uint8_t, localBytes> header{};
    if (auto got = file.readAt(entry.headerOffset, header.data(), header.size()); !got)
        return failed(got);
    std::uint32_t mark = 0;
    std::uint16_t nameBytes = 0;
    std::uint16_t extraBytes = 0;
    std::memcpy(&mark, header.data(), sizeof mark);
    std::memcpy(&nameBytes, header.data() + 26, sizeof nameBytes);
    std::memcpy(&extraBytes, header.data() + 28, sizeof extraBytes);
    const std::uint64_t data = entry.headerOffset + localBytes + nameBytes + extraBytes;
    if (mark != localMark || data > file.size() || entry.packedBytes > file.size() - data)
        return fail(ErrorCode::BadFile, "{}: member {}: no data at byte {}", file.path().string(),
                    entry.name, entry.headerOffset);
    auto state = std::make_unique<State>();
    state->file = &file;
    state->entry = std::move(entry);
    state->dataOffset = data;
    return ZipMember(std::move(state));
}

std::uint64_t ZipMember::size() const {
    return state_->entry.bytes;
}

Result<void> ZipMember::readAt(std::uint64_t offset, void *target, std::size_t count) const {
    State &state = *state_;
    if (offset > size() || count > size() - offset)
        return fail(ErrorCode::BadFile, "{}: {} bytes at {} asked, it has {}", state.name(), count,
                    offset, size());
    const std::span bytes(static_cast<std::uint8_t *>(target), count);
    if (!state.entry.deflated) {
        if (auto got = state.file->readAt(state.dataOffset + offset, target, count); !got)
            return got;
        const std::lock_guard lock(state.mutex);
        return state.check(offset, bytes);
    }
    const std::lock_guard lock(state.mutex);
    if (auto there = state.goTo(offset); !there) {
        state.now.reset();
        return there;
    }
    auto got = state.unpack(bytes);
    if (!got)
        state.now.reset();
    return got;
}

}  // namespace fovea
