// SPDX-License-Identifier: Apache-2.0
// A walk through the found boxes of each class, best score first.
#include "engine/quality/average_precision.h"

#include <algorithm>

namespace fovea {

namespace {

struct TrueBox {
    Box box;
    bool taken = false;
};
using TrueBoxes = std::map<std::uint64_t, std::vector<TrueBox>>;  ///< by frame

bool take(TrueBoxes &truth, const ScoredBox &found, double minIou) {
    const auto frame = truth.find(found.frame);
    if (frame == truth.end())
        return false;
    const auto overlap = [&](const TrueBox &one) { return iou(one.box, found.box); };
    const auto best = std::max_element(
        frame->second.begin(), frame->second.end(),
        [&](const TrueBox &a, const TrueBox &b) { return overlap(a) < overlap(b); });
    if (best->taken || static_cast<double>(overlap(*best)) < minIou)
        return false;
    return best->taken = true;
}

/// `right`: of the found boxes by falling score, which are right.
double areaBelow(const std::vector<bool> &right, std::uint64_t objects) {
    std::vector<double> precision;
    double hits = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        hits += right[i] ? 1 : 0;
        precision.push_back(hits / static_cast<double>(i + 1));
    }
    for (std::size_t i = precision.size(); i > 1; --i)
        precision[i - 2] = std::max(precision[i - 2], precision[i - 1]);
    double sum = 0;
    for (std::size_t i = 0; i < right.size(); ++i)
        sum += right[i] ? precision[i] : 0;
    return objects > 0 ? sum / static_cast<double>(objects) : 0;
}

PrecisionScore::Class judge(TrueBoxes &truth, std::vector<ScoredBox> &found, double minIou) {
    PrecisionScore::Class score;
    for (const auto &[frame, boxes] : truth)
        score.objects += boxes.size();
    std::stable_sort(found.begin(), found.end(),
                     [](const ScoredBox &a, const ScoredBox &b) { return a.score > b.score; });
    std::vector<bool> right;
    for (const ScoredBox &one : found)
        right.push_back(take(truth, one, minIou));
    score.found = static_cast<std::uint64_t>(std::count(right.begin(), right.end(), true));
    score.wrong = right.size() - score.found;
    score.precision = areaBelow(right, score.objects);
    return score;
}

}  // namespace

PrecisionScore evaluatePrecision(std::span<const ScoredBox> truth, std::span<const ScoredBox> found,
                                 double minIou) {
    std::map<int, TrueBoxes> trueBoxes;
    std::map<int, std::vector<ScoredBox>> foundBoxes;
    for (const ScoredBox &one : truth)
        trueBoxes[one.label][one.frame].push_back({one.box});
    for (const ScoredBox &one : found) {
        foundBoxes[one.label].push_back(one);
        trueBoxes.try_emplace(one.label);
    }
    PrecisionScore score;
    std::size_t classes = 0;
    for (auto &[label, boxes] : trueBoxes) {
        const PrecisionScore::Class own = judge(boxes, foundBoxes[label], minIou);
        score.classes[label] = own;
        if (own.objects == 0)
            continue;
        score.mean += own.precision;
        ++classes;
    }
    if (classes > 0)
        score.mean /= static_cast<double>(classes);
    return score;
}

}  // namespace fovea
