// SPDX-License-Identifier: Apache-2.0
// Videos by OpenCV.
#include "app/fovea/video/video_file.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

namespace fovea {

namespace {

class OpenCvVideo final : public VideoFile {
public:
    bool open(const std::string &path, const char *codec, double framesPerSecond,
              const cv::Size &size) override {
        const int code = cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]);
        return writer_.open(path, code, framesPerSecond, size, true);
    }

    void write(const cv::Mat &picture) override {
        if (picture.channels() == 1)
            cv::cvtColor(picture, colour_, cv::COLOR_GRAY2BGR);
        writer_.write(picture.channels() == 1 ? colour_ : picture);
    }

    void close() override { writer_.release(); }

private:
    cv::VideoWriter writer_;
    cv::Mat colour_;
};

}  // namespace

}  // namespace fovea

extern "C" fovea::VideoFile *foveaMakeVideoFile() {
    return new fovea::OpenCvVideo;
}
