// SPDX-License-Identifier: Apache-2.0
// PNG sequences and, where OpenCV has them, videos.
#include "app/fovea/picture_writer.h"

#include "app/fovea/pictures.h"
#include "app/output_file.h"

#include <opencv2/imgproc.hpp>
#ifdef FOVEA_HAVE_VIDEO
#include <opencv2/videoio.hpp>
#endif

namespace fovea {

namespace fs = std::filesystem;

namespace {

class PngFolder final : public PictureWriter {
public:
    PngFolder(fs::path folder, bool created) : folder_(std::move(folder)), created_(created) {}
    ~PngFolder() override {
        std::error_code ignored;
        for (const fs::path &file : written_)
            fs::remove(file, ignored);
        if (created_ && !finished_)
            fs::remove(folder_, ignored);
    }

    static Result<std::unique_ptr<PictureWriter>> create(const fs::path &folder) {
        std::error_code error;
        const bool there = fs::exists(folder, error);
        if (there && !fs::is_directory(folder, error))
            return fail(ErrorCode::Io, "{}: is a file; pictures go to a folder, or to .avi or .mp4",
                        folder.string());
        if (there && !fs::is_empty(folder, error))
            return fail(ErrorCode::Io, "{}: the folder is not empty", folder.string());
        if (!there && !fs::create_directories(folder, error))
            return fail(ErrorCode::Io, "{}: {}", folder.string(), error.message());
        return std::make_unique<PngFolder>(folder, !there);
    }

    Result<void> add(const cv::Mat &picture, std::uint64_t plane) override {
        const fs::path file = folder_ / fmt::format("plane_{:08}.png", plane);
        const auto bytes = encodePng(picture);
        if (!bytes)
            return tl::make_unexpected(bytes.error());
        Result<ProgramOutput> output = ProgramOutput::create(file.string());
        if (!output)
            return failed(output);
        if (auto written = output->write(*bytes); !written)
            return written;
        written_.push_back(file);
        return output->finish();
    }

    Result<void> finish() override {
        finished_ = true;
        written_.clear();
        return {};
    }

private:
    fs::path folder_;
    bool created_;
    bool finished_ = false;
    std::vector<fs::path> written_;
};

#ifdef FOVEA_HAVE_VIDEO

class Video final : public PictureWriter {
public:
    explicit Video(const fs::path &path) : name_(path.string()), file_(path) {}

    Result<void> open(PlaneShape shape, double framesPerSecond) {
        const bool mp4 = file_.path().extension() == ".mp4";
        const int code = mp4 ? cv::VideoWriter::fourcc('m', 'p', '4', 'v')
                             : cv::VideoWriter::fourcc('M', 'J', 'P', 'G');
        const cv::Size size(static_cast<int>(shape.width), static_cast<int>(shape.height));
        try {
            writer_.open(file_.path().string(), code, framesPerSecond, size, true);
        } catch (const cv::Exception &error) {
            return fail(ErrorCode::Unsupported, "{}: {}", name_, error.what());
        }
        if (!writer_.isOpened())
            return fail(ErrorCode::Unsupported,
                        "{}: no video of {} can be written here; .avi and folders always work",
                        name_, toString(shape));
        return {};
    }

    Result<void> add(const cv::Mat &picture, std::uint64_t) override {
        cv::Mat colour = picture;
        try {
            if (picture.channels() == 1)
                cv::cvtColor(picture, colour, cv::COLOR_GRAY2BGR);
            writer_.write(colour);
        } catch (const cv::Exception &error) {
            return fail(ErrorCode::Io, "{}: {}", name_, error.what());
        }
        return {};
    }

    Result<void> finish() override {
        writer_.release();
        std::error_code error;
        if (fs::file_size(file_.path(), error) == 0 || error)
            return fail(ErrorCode::Io, "{}: the video could not be written", name_);
        return file_.commit();
    }

private:
    std::string name_;
    UnfinishedFile file_;
    cv::VideoWriter writer_;
};

Result<std::unique_ptr<PictureWriter>> makeVideo(const fs::path &path, PlaneShape shape,
                                                 double framesPerSecond) {
    auto video = std::make_unique<Video>(path);
    if (auto opened = video->open(shape, framesPerSecond); !opened)
        return failed(opened);
    return video;
}

#else

Result<std::unique_ptr<PictureWriter>> makeVideo(const fs::path &path, PlaneShape, double) {
    return fail(ErrorCode::Unsupported, "{}: this build writes no videos; name a folder instead",
                path.string());
}

#endif

}  // namespace

bool isVideo(const fs::path &path) {
    return path.extension() == ".avi" || path.extension() == ".mp4";
}

Result<std::unique_ptr<PictureWriter>> makePictureWriter(const std::string &path, PlaneShape shape,
                                                         double framesPerSecond,
                                                         std::span<const fs::path> inputs) {
    const fs::path target = path;
    if (!isVideo(target))
        return PngFolder::create(target);
    if (auto checked = checkOutput(target, inputs); !checked)
        return failed(checked);
    return makeVideo(target, shape, framesPerSecond);
}

}  // namespace fovea
