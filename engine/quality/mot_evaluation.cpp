// SPDX-License-Identifier: Apache-2.0
// Frame by frame matching, then one global map of identities.
#include "engine/quality/mot_evaluation.h"

#include "engine/quality/mot_matching.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fovea {

namespace {

using Rows = std::vector<MotBox>;

Result<Rows> sorted(std::span<const MotBox> boxes, float minConfidence, const char *what) {
    Rows rows;
    rows.reserve(boxes.size());
    for (const MotBox &row : boxes) {
        const Box &b = row.box;
        if (!std::isfinite(b.x) || !std::isfinite(b.y) || !std::isfinite(b.w) ||
            !std::isfinite(b.h))
            return fail(ErrorCode::InvalidArgument, "{}: frame {}, id {}: the box is not finite",
                        what, row.frame, row.id);
        if (row.confidence >= minConfidence)
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const MotBox &a, const MotBox &b) {
        return a.frame != b.frame ? a.frame < b.frame : a.id < b.id;
    });
    const auto twice =
        std::adjacent_find(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
            return a.frame == b.frame && a.id == b.id;
        });
    if (twice != rows.end())
        return fail(ErrorCode::InvalidArgument, "{}: frame {} has id {} twice", what, twice->frame,
                    twice->id);
    return rows;
}

/// The largest number that divides all frames.
std::uint64_t gridOf(const Rows &rows) {
    std::uint64_t step = 0;
    for (const MotBox &row : rows)
        step = std::gcd(step, row.frame);
    return std::max<std::uint64_t>(step, 1);
}

std::span<const MotBox> takeFrame(const Rows &rows, std::size_t &at, std::uint64_t frame) {
    const std::size_t begin = at;
    while (at < rows.size() && rows[at].frame == frame)
        ++at;
    return std::span(rows).subspan(begin, at - begin);
}

double ratio(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

void setRatios(MotScore &s, double distances) {
    s.misses = s.objects - s.matches;
    s.falsePositives = s.predictions - s.matches;
    const auto errors = static_cast<double>(s.misses + s.falsePositives + s.switches);
    s.mota = s.objects == 0 ? 0 : 1 - errors / static_cast<double>(s.objects);
    s.motp = s.matches == 0 ? 0 : distances / static_cast<double>(s.matches);
    s.recall = ratio(s.matches, s.objects);
    s.precision = ratio(s.matches, s.predictions);
    s.idRecall = ratio(s.idTruePositives, s.objects);
    s.idPrecision = ratio(s.idTruePositives, s.predictions);
    s.idf1 = ratio(2 * s.idTruePositives, s.objects + s.predictions);
}

}  // namespace

Result<MotScore> evaluateMot(std::span<const MotBox> truth, std::span<const MotBox> tracks,
                             const MotSettings &settings) {
    if (!(settings.minIou > 0 && settings.minIou <= 1))
        return fail(ErrorCode::InvalidArgument, "minimum IoU {}: allowed is above 0, to 1",
                    settings.minIou);
    if (settings.every == 0)
        return fail(ErrorCode::InvalidArgument, "every 0 frames: allowed is 1 or more");
    Result<Rows> truthRows = sorted(truth, 0.5F, "truth");
    if (!truthRows)
        return failed(truthRows);
    Result<Rows> trackRows = sorted(tracks, -std::numeric_limits<float>::infinity(), "tracks");
    if (!trackRows)
        return failed(trackRows);

    MotScore score;
    score.trackStep = gridOf(*trackRows);
    MotMatcher matcher(settings.minIou);
    for (std::size_t t = 0, k = 0; t < truthRows->size() || k < trackRows->size();) {
        constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
        const std::uint64_t frame = std::min(t < truthRows->size() ? (*truthRows)[t].frame : last,
                                             k < trackRows->size() ? (*trackRows)[k].frame : last);
        const auto objects = takeFrame(*truthRows, t, frame);
        const auto predictions = takeFrame(*trackRows, k, frame);
        if (frame % settings.every != 0)
            continue;
        ++score.frames;
        score.objects += objects.size();
        score.predictions += predictions.size();
        matcher.add(objects, predictions);
    }
    score.matches = matcher.matches();
    score.switches = matcher.switches();
    score.fragmentations = matcher.fragmentations();
    score.idTruePositives = matcher.bestIdentityPairs();
    setRatios(score, matcher.distances());
    return score;
}

}  // namespace fovea
