// SPDX-License-Identifier: Apache-2.0
// Label files: MOTChallenge boxes with identities, PKU-Vidar-DVS detection boxes.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// One line of a MOTChallenge file: frame,id,x,y,w,h,score,class,visibility,...
struct MotRow {
    std::uint64_t frame = 0;  ///< as written: plane number in our files, 1-based in the MOT sets
    std::int64_t id = 0;      ///< -1 in files of detections
    Box box;                  ///< display pixels
    float score = 1;          ///< 1 when the line has no 7th column
    float label = -1;         ///< 8th column: class, -1 when not given
    float visibility = -1;    ///< 9th column, -1 when not given

    friend bool operator==(const MotRow &, const MotRow &) = default;
};

/// Lines of 6 to 12 numbers separated by commas or blanks; a byte order mark, empty lines and lines
/// that begin with # are left out. Sorted as in the file. Errors name file and line.
[[nodiscard]] Result<std::vector<MotRow>> readMot(const std::filesystem::path &path);
/// The same from text; `name` is for messages.
[[nodiscard]] Result<std::vector<MotRow>> parseMot(std::string_view text, const std::string &name);

/// "frame,id,x,y,w,h,score,class,-1,-1\n" with two decimals for the box and up to four for the
/// score; the class is -1 where there is none, visibility is not written.
[[nodiscard]] std::string motLine(const MotRow &row);

/// A box of a detection label file.
struct LabelledBox {
    std::optional<double> seconds;  ///< when the line begins with a time
    Box box;
    std::int64_t label = -1;  ///< class, -1 when not given

    friend bool operator==(const LabelledBox &, const LabelledBox &) = default;
};
/// PKU-Vidar-DVS labels in their two forms: lines `x,y,w,h[,class...]`, or lines
/// `seconds x1,y1,x2,y2,class x1,y1,x2,y2,class ...` with corners. (That the second form holds
/// corners is read off its numbers: as sizes they would leave the sensor.)
[[nodiscard]] Result<std::vector<LabelledBox>>
readDetectionLabels(const std::filesystem::path &path);
[[nodiscard]] Result<std::vector<LabelledBox>> parseDetectionLabels(std::string_view text,
                                                                    const std::string &name);

}  // namespace fovea
