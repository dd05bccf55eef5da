// SPDX-License-Identifier: Apache-2.0
// Weighs options against descriptors and checks both against the file.
#include "datasets/open_recording.h"

#include "datasets/npz_planes.h"
#include "datasets/raw_planes.h"
#include "datasets/wire_planes.h"
#include "datasets/zstd_blocks.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

constexpr double assumedRateHz = 40000;

Result<void> checkOptions(const SpikeFileOptions &options) {
    if (options.shape && !options.shape->valid())
        return fail(ErrorCode::Usage, "shape {}: expected sides of 1 to {} pixels",
                    toString(*options.shape), PlaneShape::maxSide);
    if (options.rateHz && !(*options.rateHz > 0 && *options.rateHz <= Descriptor::maxRateHz))
        return fail(ErrorCode::Usage,
                    "rate {}: expected more than 0 and at most {} planes per "
                    "second",
                    *options.rateHz, Descriptor::maxRateHz);
    return {};
}

/// What a file is that people mistake for a recording; empty when it may be one.
std::string_view otherKind(const std::array<std::uint8_t, 4> &magic) {
    using Magic = std::array<std::uint8_t, 4>;
    if (magic == Magic{0x89, 'P', 'N', 'G'})
        return "a PNG picture";
    if (magic == Magic{0xfd, '7', 'z', 'X'})
        return "compressed by xz; unpack it first";
    if (magic == Magic{0x1f, 0x8b, 8, 0} || magic == Magic{0x1f, 0x8b, 8, 8})
        return "compressed by gzip; unpack it first";
    return {};
}

std::string guessText(std::uint64_t bytes) {
    const auto guesses = guessShapes(bytes);
    if (guesses.empty())
        return "no known camera's planes fit it without a rest";
    std::string text = "its length fits ";
    for (std::size_t i = 0; i < guesses.size(); ++i)
        text += fmt::format("{}{}{} ({} planes)", i == 0 ? "" : ", ", toString(guesses[i].shape),
                            guesses[i].format == FileFormat::RawWithHead ? " with format head" : "",
                            guesses[i].planes);
    return text;
}

// Collects what is known about one file; each step may add warnings.
class Opening {
public:
    Opening(FileHandle file, const SpikeFileOptions &options)
        : file_(std::move(file)), options_(options) {
        info_.path = file_.path();
        info_.fileBytes = file_.size();
    }

    Result<OpenedRecording> run() {
        if (file_.size() == 0)
            return fail(ErrorCode::BadFile, "{}: the file is empty", name());
        if (auto good = readDescriptor(); !good)
            return failed(good);
        if (auto good = chooseFormat(); !good)
            return failed(good);
        info_.rateHz =
            choose(options_.rateHz, told_ ? told_->rateHz : std::nullopt, "rate", assumedRateHz);
        info_.rateAssumed = !options_.rateHz && !(told_ && told_->rateHz);
        const bool headerless = info_.format == FileFormat::Raw ||
                                info_.format == FileFormat::RawWithHead ||
                                info_.format == FileFormat::Zstd;
        info_.flip = choose(options_.flip, told_ ? told_->flip : std::nullopt, "flip", headerless);
        auto opened = info_.format == FileFormat::Npz     ? openNpzFile()
                      : info_.format == FileFormat::M1k40 ? openWire()
                      : info_.format == FileFormat::Zstd  ? openPacked()
                                                          : openRaw();
        return opened;
    }

private:
    [[nodiscard]] std::string name() const { return info_.path.string(); }
    template <class... Args> void warn(fmt::format_string<Args...> text, Args &&...args) {
        info_.warnings.push_back(fmt::format(text, std::forward<Args>(args)...));
    }
    // The option, else what the descriptor says, else `assumed`.
    template <class T>
    T choose(const std::optional<T> &option, const std::optional<T> &said, std::string_view what,
             T assumed) {
        if (option && said && *option != *said)
            warn("{} {} was given, {} says {}: the given one is used", what, *option,
                 told_->path.filename().string(), *said);
        return option ? *option : said.value_or(assumed);
    }

    Result<void> readDescriptor() {
        if (!options_.useDescriptor)
            return {};
        auto found = findDescriptor(info_.path);
        if (found) {
            info_.descriptor = std::move(*found);
            told_ = info_.descriptor ? &*info_.descriptor : nullptr;
            return {};
        }
        if (!options_.shape)
            return failed(found);
        warn("the descriptor is left out: {}", found.error().message);
        return {};
    }

    Result<void> chooseFormat() {
        const FileFormat said = told_ ? told_->format : FileFormat::Auto;
        info_.format = options_.format;
        if (info_.format == FileFormat::Auto)
            info_.format = said;
        else if (said != FileFormat::Auto && said != info_.format)
            warn("format {} was given, {} says {}: the given one is used", toString(info_.format),
                 told_->path.filename().string(), toString(said));
        if (info_.format != FileFormat::Auto)
            return {};
        std::array<std::uint8_t, 4> magic{};
        if (file_.size() >= magic.size())
            if (auto got = file_.readAt(0, magic.data(), magic.size()); !got)
                return got;
        if (const auto kind = otherKind(magic); !kind.empty() && told_ == nullptr)
            return fail(ErrorCode::BadFile, "{}: is {} (--format raw reads it all the same)",
                        name(), kind);
        const bool zip = magic == std::array<std::uint8_t, 4>{'P', 'K', 3, 4};
        if (zip || info_.path.extension() == ".npz")
            info_.format = FileFormat::Npz;
        else if (looksLikeZstd(magic) && info_.path.native().find(".zst") != std::string::npos)
            info_.format = FileFormat::Zstd;
        else
            info_.format = mayBeWire() && looksLikeWire(file_, wireLayout()) ? FileFormat::M1k40
                                                                             : FileFormat::Raw;
        return {};
    }

    [[nodiscard]] std::optional<PlaneShape> toldShape() const {
        if (options_.shape)
            return options_.shape;
        return told_ ? std::optional(told_->shape) : std::nullopt;
    }
    [[nodiscard]] WireLayout wireLayout() const {
        const auto shape = toldShape();
        return {shape && shape->width == WireLayout::width ? shape->height : 1000};
    }
    // Another camera's shape rules a wire dump out.
    [[nodiscard]] bool mayBeWire() const {
        const auto shape = toldShape();
        return (!shape || shape->width == WireLayout::width) && wireLayout().valid();
    }

    Result<OpenedRecording> openNpzFile() {
        auto npz = openNpz(std::move(file_), info_.flip);
        if (!npz)
            return failed(npz);
        if (options_.shape && *options_.shape != npz->shape)
            return fail(ErrorCode::Usage, "{}: shape {} was given, the file says {}", name(),
                        toString(*options_.shape), toString(npz->shape));
        if (told_ && told_->sidecar && told_->shape != npz->shape)
            warn("{} says {}, the file says {}: the file is believed",
                 told_->path.filename().string(), toString(told_->shape), toString(npz->shape));
        info_.shape = npz->shape;
        info_.storedPlanes = npz->planes;
        info_.label = npz->label;
        info_.labelName = std::move(npz->labelName);
        return OpenedRecording{std::move(info_), std::move(npz->store)};
    }

    Result<OpenedRecording> openWire() {
        const WireLayout layout = wireLayout();
        if ((options_.shape && options_.shape->width != WireLayout::width) || !layout.valid())
            return fail(ErrorCode::Usage,
                        "{}: shape {} for format m1k40, expected width {} and an even height up "
                        "to {}",
                        name(), toString(*toldShape()), WireLayout::width, WireLayout::maxHeight);
        auto index = indexWire(file_, layout);
        if (!index)
            return failed(index);
        info_.shape = {WireLayout::width, layout.height};
        info_.storedPlanes = index->frames;
        info_.gaps = std::move(index->gaps);
        if (index->leadingBytes > 0)
            warn("the first {} bytes are no whole frame and are left out", index->leadingBytes);
        if (!info_.gaps.empty())
            warn("{} bytes are missing or damaged in {} places: the frames there are lost",
                 index->lostBytes, info_.gaps.size());
        if (index->trailingBytes > 0)
            warn("the last {} bytes are no whole frame and are left out", index->trailingBytes);
        return OpenedRecording{
            std::move(info_),
            makeWirePlanes(std::move(file_), layout, info_.flip, std::move(index->runs))};
    }

    Result<PlaneShape> neededShape() {
        if (const auto shape = toldShape())
            return *shape;
        return fail(ErrorCode::Usage,
                    "{}: a header-less recording needs its shape: give one, for example "
                    "400x250, or put a descriptor {} beside it; {}",
                    name(), sidecarPath(info_.path).filename().string(), guessText(file_.size()));
    }

    Result<OpenedRecording> openPacked() {
        const auto shape = neededShape();
        if (!shape)
            return tl::make_unexpected(shape.error());
        info_.shape = *shape;
        const RawLayout layout{info_.shape, 0, info_.flip};
        auto found = findZstdBlocks(file_, layout);
        if (!found)
            return failed(found);
        info_.storedPlanes = found->storedPlanes;
        if (told_ && told_->sidecar)
            takePlanes();
        if (found->lostBytes > 0)
            warn("{} bytes belong to no whole block and are left out", found->lostBytes);
        return OpenedRecording{std::move(info_),
                               makeZstdPlanes(std::move(file_), layout, std::move(found->blocks))};
    }

    Result<OpenedRecording> openRaw() {
        const auto shape = neededShape();
        if (!shape)
            return tl::make_unexpected(shape.error());
        info_.shape = *shape;
        const RawLayout layout{
            info_.shape, info_.format == FileFormat::RawWithHead ? rowHeadBits : 0, info_.flip};
        info_.storedPlanes = layout.planesIn(file_.size());
        if (info_.storedPlanes == 0)
            return fail(ErrorCode::BadFile, "{}: {} bytes, but one plane of {} pixels takes {}; {}",
                        name(), file_.size(), toString(info_.shape), layout.bytesOf(1),
                        guessText(file_.size()));
        if (info_.storedPlanes > Descriptor::maxPlanes)
            return fail(ErrorCode::BadFile, "{}: {} planes of {} pixels, expected at most {}",
                        name(), info_.storedPlanes, toString(info_.shape), Descriptor::maxPlanes);
        if (told_ && told_->shape != info_.shape)
            warn("shape {} was given, {} says {}: the given one is used", toString(info_.shape),
                 told_->path.filename().string(), toString(told_->shape));
        else if (told_ && told_->sidecar)
            takePlanes();
        warnOfRest(layout);
        return OpenedRecording{std::move(info_), makeRawPlanes(std::move(file_), layout)};
    }

    // Number of planes and gaps from the sidecar, as far as the file bears them out.
    void takePlanes() {
        const std::string sidecar = told_->path.filename().string();
        const std::uint64_t fits = info_.storedPlanes;
        const std::uint64_t said = told_->planes.value_or(fits);
        if (!told_->closed)
            warn(
                "{} says that the recording was not closed: the writer was interrupted or the disk "
                "took no more, its last planes may be missing",
                sidecar);
        if (said > fits)
            warn("{} says {} planes, the file holds {}: it was cut", sidecar, said, fits);
        else if (said > 0)
            info_.storedPlanes = said;
        const auto beyond =
            std::find_if(told_->gaps.begin(), told_->gaps.end(),
                         [&](const RecordingGap &gap) { return gap.before > info_.storedPlanes; });
        info_.gaps.assign(told_->gaps.begin(), beyond);
        if (beyond != told_->gaps.end() && said <= fits)
            warn("{} has {} gaps behind the last plane: they are left out", sidecar,
                 told_->gaps.end() - beyond);
        std::uint64_t lost = 0;
        for (const RecordingGap &gap : info_.gaps)
            lost += gap.planes;
        if (lost / 10 > info_.storedPlanes)
            warn("{} says that {} planes were lost and {} are here: it may be wrong", sidecar, lost,
                 info_.storedPlanes);
        if (said == 0)
            warn("{} says 0 planes, the file holds {}", sidecar, fits);
    }

    void warnOfRest(const RawLayout &layout) {
        const std::uint64_t rest = file_.size() - layout.bytesOf(info_.storedPlanes);
        if (rest == 0)
            return;
        const bool part = rest < layout.bytesOf(1);
        warn("the last {} bytes are {} and are left out", rest,
             part ? fmt::format("no whole plane of {} pixels ({} bytes)", toString(info_.shape),
                                layout.bytesOf(1))
                  : "behind the planes that the descriptor counts");
        const RawLayout other{info_.shape, layout.headBits == 0 ? rowHeadBits : 0, layout.flip};
        if (part && other.planesIn(file_.size()) > 0 &&
            other.bytesOf(other.planesIn(file_.size())) == file_.size())
            warn("without a rest the file is {} planes of format {}", other.planesIn(file_.size()),
                 other.headBits == 0 ? "raw" : "head");
    }

    FileHandle file_;
    const SpikeFileOptions &options_;
    SpikeFileInfo info_;
    const Descriptor *told_ = nullptr;  ///< points into info_ until that is moved away
};

}  // namespace

std::vector<ShapeGuess> guessShapes(std::uint64_t fileBytes) {
    struct Known {
        PlaneShape shape;
        FileFormat format;
    };
    constexpr std::array<Known, 5> known{{{{400, 250}, FileFormat::Raw},
                                          {{1000, 1000}, FileFormat::Raw},
                                          {{800, 500}, FileFormat::Raw},
                                          {{400, 250}, FileFormat::RawWithHead},
                                          {{250, 250}, FileFormat::Raw}}};
    std::vector<ShapeGuess> guesses;
    for (const Known &one : known) {
        const RawLayout layout{one.shape, one.format == FileFormat::RawWithHead ? rowHeadBits : 0,
                               true};
        const std::uint64_t planes = layout.planesIn(fileBytes);
        if (planes > 0 && layout.bytesOf(planes) == fileBytes)
            guesses.push_back({one.shape, one.format, planes});
    }
    return guesses;
}

Result<OpenedRecording> openRecording(const std::filesystem::path &path,
                                      const SpikeFileOptions &options) {
    if (auto good = checkOptions(options); !good)
        return failed(good);
    auto file = FileHandle::open(path, options.stop);
    if (!file)
        return failed(file);
    auto opened = Opening(std::move(*file), options).run();
    // What was told instead may only be due to the stop.
    if (options.stop.stop_requested())
        return fail(ErrorCode::Cancelled, "{}: opening was stopped", path.string());
    return opened;
}

}  // namespace fovea
