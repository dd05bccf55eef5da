// SPDX-License-Identifier: Apache-2.0
// One video, written by a module that is loaded when somebody asks for one: the libraries behind it
// are a hundred, and each start of the program would wait for them.
#pragma once

#include <string>

namespace cv {
class Mat;
template <typename T> class Size_;
}  // namespace cv

namespace fovea {

/// Threads: one at a time. Errors of OpenCV are thrown as cv::Exception.
class VideoFile {
public:
    VideoFile() = default;
    VideoFile(const VideoFile &) = delete;
    VideoFile &operator=(const VideoFile &) = delete;
    virtual ~VideoFile() = default;
    /// False when this system has no such codec ("MJPG", "mp4v") or takes no such size.
    [[nodiscard]] virtual bool open(const std::string &path, const char *codec,
                                    double framesPerSecond, const cv::Size_<int> &size) = 0;
    /// Grey or BGR, 8 bits a channel, of the size that was opened.
    virtual void write(const cv::Mat &picture) = 0;
    virtual void close() = 0;
};

using MakeVideoFile = VideoFile *();
constexpr const char *videoModule = "fovea_video.so";
constexpr const char *makeVideoFileName = "foveaMakeVideoFile";

}  // namespace fovea
