// SPDX-License-Identifier: Apache-2.0
// PNG encoding and box drawing.
#include "app/fovea/pictures.h"

#include "app/output_file.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <opencv2/imgproc.hpp>
#include <png.h>

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

struct Encoding {
    std::vector<unsigned char> bytes;
    std::string error;
};

// libpng is C: no exception may pass it, and it leaves by longjmp.
void append(png_structp png, png_bytep data, png_size_t size) {
    auto &bytes = static_cast<Encoding *>(png_get_io_ptr(png))->bytes;
    bool enough = true;
    try {
        bytes.insert(bytes.end(), data, data + size);
    } catch (const std::bad_alloc &) {
        enough = false;
    }
    if (!enough)
        png_error(png, "not enough memory");
}

void stop(png_structp png, png_const_charp message) {
    static_cast<Encoding *>(png_get_error_ptr(png))->error = message;
    png_longjmp(png, 1);
}

/// False when `encoding` tells why not. Nothing here has a destructor that a jump could leave out.
bool encode(const cv::Mat &picture, Encoding &encoding) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoding, stop, nullptr);
    png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
    if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_set_write_fn(png, &encoding, append, nullptr);
    const bool deep = picture.depth() == CV_16U;
    png_set_IHDR(png, info, static_cast<png_uint_32>(picture.cols),
                 static_cast<png_uint_32>(picture.rows), deep ? 16 : 8,
                 picture.channels() == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Twice the speed of the default for a tenth more bytes.
    png_set_compression_level(png, 1);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_write_info(png, info);
    png_set_bgr(png);
    png_set_swap(png);
    for (int row = 0; row < picture.rows; ++row)
        png_write_row(png, picture.ptr(row));
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    return true;
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
    Encoding encoding;
    if (encode(picture, encoding))
        return std::move(encoding.bytes);
    return fail(ErrorCode::Io, "PNG of {}x{}: {}", picture.cols, picture.rows,
                encoding.error.empty() ? "not enough memory" : encoding.error);
}

Result<void> writePng(const std::string &path, const cv::Mat &picture,
                      std::span<const std::filesystem::path> inputs) {
    constexpr std::array<std::string_view, 8> others = {".jpg", ".jpeg", ".gif", ".bmp",
                                                        ".tif", ".tiff", ".pgm", ".webp"};
    const std::string extension = std::filesystem::path(path).extension().string();
    if (std::find(others.begin(), others.end(), extension) != others.end())
        return fail(ErrorCode::Usage, "{}: found {}, expected .png: pictures are PNG", path,
                    extension);
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
