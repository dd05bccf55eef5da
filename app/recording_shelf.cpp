// SPDX-License-Identifier: Apache-2.0
// Recordings on disk as the window sees them.
#include "app/recording_shelf.h"

#include "app/catalog.h"
#include "app/recorder_options.h"
#include "datasets/disk_probe.h"
#include "datasets/recorder.h"
#include "datasets/spike_file.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace fovea {
namespace {

namespace fs = std::filesystem;

constexpr int deepest = 4;
constexpr std::size_t mostFiles = 1000;

std::vector<PlaneSpan> gapsOf(const SpikeFileInfo &info) {
    std::vector<PlaneSpan> gaps;
    std::uint64_t lost = 0;
    for (const RecordingGap &gap : info.gaps) {
        const std::uint64_t begin = gap.before + lost;
        gaps.push_back({begin, begin + gap.planes});
        lost += gap.planes;
    }
    return gaps;
}

bool isRecording(const fs::path &path) {
    static constexpr std::array<std::string_view, 5> known{".dat", ".npz", ".bin", ".raw", ".zst"};
    const std::string extension = path.extension().string();
    return path.filename().string().front() != '.' &&
           std::find(known.begin(), known.end(), extension) != known.end();
}

class DiskShelf final : public RecordingShelf {
public:
    Result<RecordingLook> look(const SourceConfig &source, std::uint32_t middlePlanes) override {
        const Result<SpikeFileOptions> options = spikeFileOptions(source);
        if (!options)
            return tl::make_unexpected(options.error());
        Result<SpikeFile> file = SpikeFile::open(source.path, *options);
        if (!file)
            return failed(file);
        const SpikeFileInfo &info = file->info();
        RecordingLook look{info.shape,   info.planes,   info.rateHz,
                           gapsOf(info), info.warnings, nullptr};
        const auto count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(info.planes, middlePlanes));
        if (count == 0)
            return look;
        auto block = std::make_shared<SpikeBlock>(info.shape, count);
        const std::uint64_t first = (info.planes - count) / 2;
        if (Result<void> read = file->read(first, first + count, *block); !read)
            return failed(read);
        look.middle = std::move(block);
        return look;
    }

    std::vector<RecordingGuess> guesses(const fs::path &file) override {
        std::error_code failure;
        const std::uintmax_t bytes = fs::file_size(file, failure);
        std::vector<RecordingGuess> result;
        if (!failure)
            for (const ShapeGuess &guess : guessShapes(bytes))
                result.push_back({guess.shape, std::string(toString(guess.format)), guess.planes});
        return result;
    }

    Result<std::vector<fs::path>> find(const fs::path &folder) override {
        std::vector<fs::path> found;
        std::error_code failure;
        fs::recursive_directory_iterator place(
            folder, fs::directory_options::skip_permission_denied, failure);
        if (failure)
            return fail(ErrorCode::Io, "{}: {}", folder.string(), failure.message());
        while (place != fs::recursive_directory_iterator() && found.size() < mostFiles) {
            std::error_code odd;  // a file that cannot be asked is none of ours
            if (place->is_directory(odd)) {
                if (place.depth() + 1 >= deepest || place->path().filename().string()[0] == '.')
                    place.disable_recursion_pending();
            } else if (place->is_regular_file(odd) && isRecording(place->path())) {
                found.push_back(place->path());
            }
            place.increment(failure);
            if (failure)
                break;
        }
        if (found.empty())
            return fail(ErrorCode::NoDevice,
                        "{}: no recording in this folder (.dat, .npz, .bin, .raw)",
                        folder.string());
        std::sort(found.begin(), found.end());
        return found;
    }

    PreflightInput budget(const Config &config, const SourceInfo &source,
                          const fs::path &folder) override {
        return preflightInput(config, source, folder / "recording.dat");
    }

    Result<double> diskSpeed(const fs::path &folder) override {
        DiskProbeOptions options;
        options.limit = std::chrono::milliseconds{250};
        options.bytes = std::uint64_t{64} << 20;
        fs::path there = folder;  // or the nearest above it; recording makes what is missing
        for (std::error_code odd; !fs::is_directory(there, odd) && there.has_relative_path();)
            there = there.parent_path();
        return probeDisk(
            there, [](double) { return true; }, options);
    }

    Result<Recorder> recorder(const Config &config, const fs::path &file,
                              const std::string &createdBy) override {
        auto options =
            recorderOptions(recordSettings(config.record), config.source, file, createdBy);
        if (!options)
            return failed(options);
        const auto sink = std::make_shared<RecorderSink>(std::move(*options));
        return Recorder{sink, [sink] { return sink->recordings(); },
                        [sink] { return roomText(sink->status()); }};
    }
};

}  // namespace

std::unique_ptr<RecordingShelf> makeRecordingShelf() {
    return std::make_unique<DiskShelf>();
}

}  // namespace fovea
