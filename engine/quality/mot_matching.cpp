// SPDX-License-Identifier: Apache-2.0
// Pairs in a frame and identities over all frames.
#include "engine/quality/mot_matching.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::size_t none = AssignmentSolver::none;

double exactIou(const Box &a, const Box &b) {
    const double w = std::min(double{a.x} + double{a.w}, double{b.x} + double{b.w}) -
                     std::max(double{a.x}, double{b.x});
    const double h = std::min(double{a.y} + double{a.h}, double{b.y} + double{b.h}) -
                     std::max(double{a.y}, double{b.y});
    if (w <= 0 || h <= 0)
        return 0;
    const double shared = w * h;
    return shared / (double{a.w} * double{a.h} + double{b.w} * double{b.h} - shared);
}

}  // namespace

void MotMatcher::fillOverlaps(std::span<const MotBox> objects,
                              std::span<const MotBox> predictions) {
    overlaps_.resize(objects.size() * predictions.size());
    for (std::size_t i = 0; i < objects.size(); ++i)
        for (std::size_t k = 0; k < predictions.size(); ++k) {
            const double overlap = exactIou(objects[i].box, predictions[k].box);
            overlaps_[i * predictions.size() + k] = overlap;
            if (overlap >= minIou_)
                ++together_[objects[i].id][predictions[k].id];
        }
}

void MotMatcher::take(std::size_t object, std::size_t prediction, const MotBox &truth,
                      std::int64_t id) {
    objectPartner_[object] = prediction;
    predictionTaken_[prediction] = 1;
    Object &memory = objects_[truth.id];
    ++matches_;
    distances_ += 1 - overlaps_[object * predictionTaken_.size() + prediction];
    if (memory.matchedEver && memory.partner != id)
        ++switches_;
    if (memory.matchedEver && !memory.matchedLast)
        ++fragmentations_;
    memory.partner = id;
    memory.matchedEver = true;
}

void MotMatcher::keepPairs(std::span<const MotBox> objects, std::span<const MotBox> predictions) {
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const auto known = objects_.find(objects[i].id);
        if (known == objects_.end() || !known->second.matchedEver)
            continue;
        for (std::size_t k = 0; k < predictions.size(); ++k)
            if (predictions[k].id == known->second.partner && predictionTaken_[k] == 0 &&
                overlaps_[i * predictions.size() + k] >= minIou_) {
                take(i, k, objects[i], predictions[k].id);
                break;
            }
    }
}

void MotMatcher::matchRest(std::span<const MotBox> objects, std::span<const MotBox> predictions) {
    constexpr double apart = 1e4;
    freeObjects_.clear();
    freePredictions_.clear();
    for (std::size_t i = 0; i < objects.size(); ++i)
        if (objectPartner_[i] == none)
            freeObjects_.push_back(i);
    for (std::size_t k = 0; k < predictions.size(); ++k)
        if (predictionTaken_[k] == 0)
            freePredictions_.push_back(k);
    if (freeObjects_.empty() || freePredictions_.empty())
        return;
    const bool swap = freeObjects_.size() > freePredictions_.size();
    const auto &rows = swap ? freePredictions_ : freeObjects_;
    const auto &columns = swap ? freeObjects_ : freePredictions_;
    const auto overlap = [&](std::size_t row, std::size_t column) {
        const std::size_t object = swap ? columns[column] : rows[row];
        const std::size_t prediction = swap ? rows[row] : columns[column];
        return overlaps_[object * predictions.size() + prediction];
    };
    costs_.resize(rows.size() * columns.size());
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < columns.size(); ++c)
            costs_[r * columns.size() + c] = overlap(r, c) >= minIou_ ? 1 - overlap(r, c) : apart;
    const auto best = solver_.solve(costs_, rows.size(), columns.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (best[r] == none || overlap(r, best[r]) < minIou_)
            continue;
        const std::size_t object = swap ? columns[best[r]] : rows[r];
        const std::size_t prediction = swap ? rows[r] : columns[best[r]];
        take(object, prediction, objects[object], predictions[prediction].id);
    }
}

void MotMatcher::add(std::span<const MotBox> objects, std::span<const MotBox> predictions) {
    objectPartner_.assign(objects.size(), none);
    predictionTaken_.assign(predictions.size(), 0);
    fillOverlaps(objects, predictions);
    keepPairs(objects, predictions);
    matchRest(objects, predictions);
    for (std::size_t i = 0; i < objects.size(); ++i)
        objects_[objects[i].id].matchedLast = objectPartner_[i] != none;
}

std::uint64_t MotMatcher::bestIdentityPairs() const {
    std::vector<std::int64_t> ids;
    for (const auto &[object, partners] : together_)
        for (const auto &[prediction, frames] : partners)
            ids.push_back(prediction);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const std::size_t rows = together_.size();
    // Every object may also stay without a partner.
    const std::size_t columns = ids.size() + rows;
    std::vector<double> costs(rows * columns, 0.0);
    std::size_t row = 0;
    for (const auto &[object, partners] : together_) {
        for (const auto &[prediction, frames] : partners) {
            const auto at = std::lower_bound(ids.begin(), ids.end(), prediction) - ids.begin();
            costs[row * columns + static_cast<std::size_t>(at)] = -static_cast<double>(frames);
        }
        ++row;
    }
    AssignmentSolver solver;
    const auto best = solver.solve(costs, rows, columns);
    double pairs = 0;
    for (std::size_t r = 0; r < rows; ++r)
        pairs -= costs[r * columns + best[r]];
    return static_cast<std::uint64_t>(pairs);
}

}  // namespace fovea
