// SPDX-License-Identifier: Apache-2.0
// PNG encoding and box drawing through OpenCV.
#include "app/fovea/pictures.h"

#include "app/output_file.h"

#include <array>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace fovea {

namespace {

/// Colours that people with colour blindness can tell apart (Okabe and Ito 2008), as BGR.
cv::Scalar colourOf(std::uint32_t id) {
    static const std::array<cv::Scalar, 7> colours = {
        cv::Scalar(0, 159, 230),  cv::Scalar(233, 180, 86), cv::Scalar(115, 158, 0),
        cv::Scalar(66, 228, 240), cv::Scalar(178, 114, 0),  cv::Scalar(0, 94, 213),
        cv::Scalar(167, 121, 204)};
    return colours[id % colours.size()];
}

}  // namespace

cv::Mat asMat(const Picture &picture) {
    // OpenCV has no view of constant memory; nobody here writes through it.
    return {static_cast<int>(picture.shape.height), static_cast<int>(picture.shape.width), CV_8UC1,
            const_cast<std::uint8_t *>(picture.grey.data())};
}

cv::Mat asMat(const DeepPicture &picture) {
    return {static_cast<int>(picture.shape.height), static_cast<int>(picture.shape.width), CV_16UC1,
            const_cast<std::uint16_t *>(picture.grey.data())};
}

cv::Mat drawTracks(const Picture &picture, std::span<const Track> tracks) {
    cv::Mat colour;
    cv::cvtColor(asMat(picture), colour, cv::COLOR_GRAY2BGR);
    for (const Track &track : tracks) {
        const cv::Rect box(cvRound(track.box.x), cvRound(track.box.y), cvRound(track.box.w),
                           cvRound(track.box.h));
        cv::rectangle(colour, box, colourOf(track.id), track.coasting ? 1 : 2);
        cv::putText(colour, std::to_string(track.id), {box.x + 2, std::max(box.y - 3, 10)},
                    cv::FONT_HERSHEY_SIMPLEX, 0.4, colourOf(track.id), 1, cv::LINE_AA);
    }
    return colour;
}

Result<std::vector<unsigned char>> encodePng(const cv::Mat &picture) {
    std::vector<unsigned char> bytes;
    try {
        if (cv::imencode(".png", picture, bytes))
            return bytes;
    } catch (const cv::Exception &error) {
        return fail(ErrorCode::Io, "PNG of {}x{}: {}", picture.cols, picture.rows, error.what());
    }
    return fail(ErrorCode::Io, "PNG of {}x{} could not be encoded", picture.cols, picture.rows);
}

Result<void> writePng(const std::string &path, const cv::Mat &picture,
                      std::span<const std::filesystem::path> inputs) {
    const auto bytes = encodePng(picture);
    if (!bytes)
        return tl::make_unexpected(bytes.error());
    Result<ProgramOutput> file = ProgramOutput::create(path, inputs);
    if (!file)
        return failed(file);
    if (auto written = file->write(*bytes); !written)
        return written;
    return file->finish();
}

}  // namespace fovea
