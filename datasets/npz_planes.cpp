// SPDX-License-Identifier: Apache-2.0
// Reads npy members of an npz archive and packs bytes to bits.
#include "datasets/npz_planes.h"

#include "datasets/zip_member.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace fovea {

namespace {

constexpr std::uint64_t checkedBytes = 32 << 20;
constexpr std::size_t maxHeaderBytes = 65536;

// What follows `'key':` in the text of a Python dict, without leading blanks.
std::string_view valueOf(std::string_view dict, std::string_view key) {
    const std::size_t at = dict.find(fmt::format("'{}':", key));
    if (at == std::string_view::npos)
        return {};
    dict.remove_prefix(at + key.size() + 3);
    dict.remove_prefix(std::min(dict.size(), dict.find_first_not_of(' ')));
    return dict;
}

bool parseSides(std::string_view text, std::vector<std::uint64_t> &sides) {
    if (!text.starts_with('('))
        return false;
    text.remove_prefix(1);
    while (sides.size() <= 8) {
        text.remove_prefix(std::min(text.size(), text.find_first_not_of(" ,")));
        if (text.starts_with(')'))
            return true;
        std::uint64_t side = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), side);
        if (parsed.ec != std::errc{})
            return false;
        text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
        sides.push_back(side);
    }
    return false;
}

// Eight bytes of 0 or 1 become eight bits, the first byte the lowest.
std::uint8_t packEight(std::uint64_t bytes) {
    return static_cast<std::uint8_t>((bytes * 0x0102040810204080ULL) >> 56);
}

class NpzPlanes final : public PlaneStore {
public:
    NpzPlanes(std::unique_ptr<FileHandle> file, ZipMember spikes, std::size_t headerBytes,
              PlaneShape shape, bool flip)
        : file_(std::move(file)), spikes_(std::move(spikes)), headerBytes_(headerBytes),
          shape_(shape), flip_(flip) {}

    Result<std::uint32_t> read(std::uint64_t first, std::uint32_t count, std::uint64_t *words,
                               RowOrder order) const override {
        const bool flip = flip_ && order == RowOrder::Display;
        // Whole planes would be too much for a file that lies about its size.
        const std::uint32_t step = std::clamp(131072 / shape_.width, 1U, shape_.height);
        std::vector<std::uint8_t> rows(std::size_t{step} * shape_.width);
        for (std::uint32_t i = 0; i < count; ++i, words += shape_.wordStride()) {
            std::memset(words, 0, shape_.wordStride() * 8);
            for (std::uint32_t y = 0; y < shape_.height; y += step)
                if (auto got = readRows(first + i, y, flip, rows, words); !got)
                    return failed(got);
        }
        return count;
    }

private:
    Result<void> readRows(std::uint64_t plane, std::uint32_t y, bool flip,
                          std::span<std::uint8_t> rows, std::uint64_t *words) const {
        const std::size_t width = shape_.width;
        const std::size_t count = std::min<std::size_t>(rows.size() / width, shape_.height - y);
        const std::uint64_t offset = headerBytes_ + plane * shape_.pixels() + y * width;
        if (auto got = spikes_.readAt(offset, rows.data(), count * width); !got)
            return got;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t to = flip ? shape_.height - 1 - y - i : y + i;
            if (!packRow(rows.data() + i * width, words, to * width))
                return fail(ErrorCode::BadFile,
                            "{}: spk: plane {} row {} has a value above 1, expected 0 or 1",
                            file_->path().string(), plane, y + i);
        }
        return {};
    }

    bool packRow(const std::uint8_t *row, std::uint64_t *words, std::size_t bit) const {
        std::uint64_t seen = 0;
        for (std::size_t x = 0; x < shape_.width; x += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, row + x, std::min<std::size_t>(8, shape_.width - x));
            seen |= eight;
            const std::uint64_t bits = packEight(eight & 0x0101010101010101ULL);
            const std::size_t at = bit + x;
            words[at / 64] |= bits << (at % 64);
            if (at % 64 > 56 && (bits >> (64 - at % 64)) != 0)
                words[at / 64 + 1] |= bits >> (64 - at % 64);
        }
        return (seen & ~0x0101010101010101ULL) == 0;
    }

    std::unique_ptr<FileHandle> file_;  ///< the member points to it
    ZipMember spikes_;
    std::size_t headerBytes_;
    PlaneShape shape_;
    bool flip_;
};

struct Array {
    ZipMember member;
    NpyHeader header;
};

Result<Array> openArray(const FileHandle &file, const ZipEntry &entry) {
    auto member = ZipMember::open(file, entry);
    if (!member)
        return failed(member);
    std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(entry.bytes, 10)), '\0');
    const std::string name = file.path().string() + ": " + entry.name;
    if (auto got = member->readAt(0, head.data(), head.size()); !got)
        return failed(got);
    // Version 1 says the length of the text in the bytes 8 and 9.
    std::size_t length = 10;
    if (head.size() == 10)
        length += static_cast<std::uint8_t>(head[8]) + 256U * static_cast<std::uint8_t>(head[9]);
    head.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>({entry.bytes, length, maxHeaderBytes})));
    if (auto got = member->readAt(0, head.data(), head.size()); !got)
        return failed(got);
    auto header = parseNpyHeader(head, name);
    if (!header)
        return failed(header);
    return Array{std::move(*member), std::move(*header)};
}

const ZipEntry *find(const std::vector<ZipEntry> &entries, std::string_view name) {
    const auto at = std::find_if(entries.begin(), entries.end(),
                                 [&](const ZipEntry &entry) { return entry.name == name; });
    return at == entries.end() ? nullptr : &*at;
}

// One number; other types are not understood and left out.
std::optional<std::int64_t> readLabel(const FileHandle &file, const ZipEntry &entry) {
    auto array = openArray(file, entry);
    std::int64_t value = 0;
    if (!array || array->header.type != "<i8" || array->member.size() != array->header.bytes + 8 ||
        !array->member.readAt(array->header.bytes, &value, 8))
        return std::nullopt;
    return value;
}

// A NumPy text ("<U10": four bytes a letter) as UTF-8.
std::string readLabelName(const FileHandle &file, const ZipEntry &entry) {
    constexpr std::uint64_t maxBytes = 4096;
    std::string text;
    auto array = openArray(file, entry);
    if (!array || !array->header.type.starts_with("<U") ||
        array->member.size() > array->header.bytes + maxBytes)
        return text;
    std::vector<char32_t> letters(
        static_cast<std::size_t>(array->member.size() - array->header.bytes) / 4);
    if (!array->member.readAt(array->header.bytes, letters.data(), letters.size() * 4))
        return text;
    for (const char32_t letter : letters) {
        const auto low = [&](int shift) {
            return static_cast<char>(0x80 | (letter >> shift & 0x3F));
        };
        if (letter == 0 || letter > 0x10FFFF)
            break;
        if (letter < 0x80)
            text += static_cast<char>(letter);
        else if (letter < 0x800)
            text += {static_cast<char>(0xC0 | letter >> 6), low(0)};
        else if (letter < 0x10000)
            text += {static_cast<char>(0xE0 | letter >> 12), low(6), low(0)};
        else
            text += {static_cast<char>(0xF0 | letter >> 18), low(12), low(6), low(0)};
    }
    return text;
}

Result<PlaneShape> spikeShape(const std::string &name, const Array &spikes) {
    const NpyHeader &header = spikes.header;
    const bool bytes = header.type == "|u1" || header.type == "|b1" || header.type == "|i1";
    const auto &sides = header.shape;
    const bool sized = sides.size() == 3 && sides[0] >= 1 && sides[1] >= 1 && sides[2] >= 1 &&
                       sides[1] <= PlaneShape::maxSide && sides[2] <= PlaneShape::maxSide;
    if (!bytes || header.columnsFirst || !sized)
        return fail(ErrorCode::BadFile,
                    "{}: spk: type {}, {} dimensions{}, expected |u1 with planes x height x width "
                    "(each at least 1, sides up to {}) in C order",
                    name, header.type, sides.size(), header.columnsFirst ? ", Fortran order" : "",
                    PlaneShape::maxSide);
    const std::uint64_t data = spikes.member.size() - header.bytes;
    const PlaneShape shape{static_cast<std::uint32_t>(sides[2]),
                           static_cast<std::uint32_t>(sides[1])};
    if (data % shape.pixels() != 0 || data / shape.pixels() != sides[0])
        return fail(ErrorCode::BadFile, "{}: spk: {} bytes, expected {} planes of {} bytes", name,
                    data, sides[0], shape.pixels());
    return shape;
}

}  // namespace

Result<NpyHeader> parseNpyHeader(std::string_view bytes, const std::string &name) {
    NpyHeader header;
    if (bytes.size() < 10 || !bytes.starts_with("\x93NUMPY\x01"))
        return fail(ErrorCode::BadFile, "{}: not a NumPy array of format version 1", name);
    const std::size_t length =
        static_cast<std::uint8_t>(bytes[8]) + 256U * static_cast<std::uint8_t>(bytes[9]);
    if (length > bytes.size() - 10)
        return fail(ErrorCode::BadFile, "{}: header of {} bytes, only {} are there", name, length,
                    bytes.size() - 10);
    header.bytes = 10 + length;
    const std::string_view dict = bytes.substr(10, length);
    std::string_view type = valueOf(dict, "descr");
    const std::string_view order = valueOf(dict, "fortran_order");
    header.columnsFirst = order.starts_with("True");
    if (type.starts_with('\''))
        header.type = type.substr(1, std::min<std::size_t>(16, type.find('\'', 1) - 1));
    if (header.type.empty() || (!header.columnsFirst && !order.starts_with("False")) ||
        !parseSides(valueOf(dict, "shape"), header.shape))
        return fail(ErrorCode::BadFile, "{}: header without descr, fortran_order or shape", name);
    return header;
}

Result<NpzRecording> openNpz(FileHandle opened, bool flip) {
    auto file = std::make_unique<FileHandle>(std::move(opened));
    const std::string name = file->path().string();
    auto entries = readZipDirectory(*file);
    if (!entries)
        return failed(entries);
    const ZipEntry *entry = find(*entries, "spk.npy");
    if (entry == nullptr)
        return fail(ErrorCode::BadFile, "{}: no array spk in the archive", name);
    auto spikes = openArray(*file, *entry);
    if (!spikes)
        return failed(spikes);
    auto shape = spikeShape(name, *spikes);
    if (!shape)
        return failed(shape);
    NpzRecording recording;
    recording.shape = *shape;
    recording.planes = spikes->header.shape[0];
    if (const ZipEntry *label = find(*entries, "label.npy"))
        recording.label = readLabel(*file, *label);
    if (const ZipEntry *text = find(*entries, "label_name.npy"))
        recording.labelName = readLabelName(*file, *text);
    const bool check = spikes->member.size() <= checkedBytes;
    recording.store = std::make_unique<NpzPlanes>(std::move(file), std::move(spikes->member),
                                                  spikes->header.bytes, *shape, flip);
    std::vector<std::uint64_t> plane(shape->wordStride());
    for (std::uint64_t i = 0; check && i < recording.planes; ++i)
        if (auto sound = recording.store->read(i, 1, plane.data(), RowOrder::Display); !sound)
            return failed(sound);
    return recording;
}

}  // namespace fovea
