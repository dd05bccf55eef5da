// SPDX-License-Identifier: Apache-2.0
// Weighs options against descriptors and checks both against the file.
#include "datasets/open_recording.h"

#include "datasets/raw_planes.h"

#include <algorithm>
#include <array>
#include <cmath>

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
        info_.format = options_.format == FileFormat::Auto ? FileFormat::Raw : options_.format;
        info_.rateAssumed = !options_.rateHz;
        info_.rateHz = options_.rateHz.value_or(assumedRateHz);
        return openRaw();
    }

private:
    [[nodiscard]] std::string name() const { return info_.path.string(); }

    Result<OpenedRecording> openRaw() {
        if (!options_.shape)
            return fail(ErrorCode::Usage,
                        "{}: a header-less recording needs its shape: give one, for example "
                        "400x250, or put a descriptor {} beside it; {}",
                        name(), sidecarPath(info_.path).filename().string(),
                        guessText(file_.size()));
        info_.shape = *options_.shape;
        info_.flip = options_.flip.value_or(true);
        const RawLayout layout{
            info_.shape, info_.format == FileFormat::RawWithHead ? rowHeadBits : 0, info_.flip};
        info_.storedPlanes = layout.planesIn(file_.size());
        if (info_.storedPlanes == 0)
            return fail(ErrorCode::BadFile, "{}: {} bytes, but one plane of {} pixels takes {}; {}",
                        name(), file_.size(), toString(info_.shape), layout.bytesOf(1),
                        guessText(file_.size()));
        const std::uint64_t rest = file_.size() - layout.bytesOf(info_.storedPlanes);
        if (rest > 0)
            info_.warnings.push_back(fmt::format(
                "the last {} bytes are no whole plane of {} pixels ({} bytes) and are left out",
                rest, toString(info_.shape), layout.bytesOf(1)));
        return OpenedRecording{std::move(info_), makeRawPlanes(std::move(file_), layout)};
    }

    FileHandle file_;
    const SpikeFileOptions &options_;
    SpikeFileInfo info_;
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
    auto file = FileHandle::open(path);
    if (!file)
        return failed(file);
    return Opening(std::move(*file), options).run();
}

}  // namespace fovea
