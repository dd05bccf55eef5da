// SPDX-License-Identifier: Apache-2.0
// Scores of a shape moved by a few cells, first along x, then along y.
#include "engine/track/shape_fit.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace fovea {

namespace {

constexpr std::int8_t unit = 16;  ///< value of a cell that is surely the member's

/// Place of the best of the scores, between cells; nothing when they hardly differ.
template <std::size_t Count>
std::optional<float> peak(const std::array<float, Count> &scores, float least) {
    constexpr auto middle = static_cast<float>(Count / 2);
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    const auto at = static_cast<std::size_t>(best);
    const float lowest = *std::min_element(scores.begin(), scores.end());
    if (scores[at] - lowest < std::max(1.0F, least))
        return std::nullopt;
    float between = 0;
    if (at > 0 && at + 1 < scores.size()) {
        const float curve = scores[at - 1] - 2 * scores[at] + scores[at + 1];
        if (curve < 0)
            between = 0.5F * (scores[at - 1] - scores[at + 1]) / curve;
    }
    return static_cast<float>(best) - middle + std::clamp(between, -0.5F, 0.5F);
}

}  // namespace

void ShapeFit::begin(const Occupancy &occupancy) {
    occupancy_ = occupancy;
    claims_.assign(occupancy.cells.size(), 0);
    values_.resize(occupancy.cells.size());
    count_ = 0;
}

void ShapeFit::claim(const Member &member, int members) {
    for (const CellPlace &cell : member.placed.cells)
        if (occupancy_.inside(cell.x, cell.y)) {
            std::uint8_t &claims = claims_[occupancy_.at(cell.x, cell.y)];
            claims = static_cast<std::uint8_t>(claims + members);
        }
}

void ShapeFit::add(const ObjectShape &shape, float x, float y, float turn, float look) {
    if (members_.size() == count_)
        members_.emplace_back();
    Member &member = members_[count_++];
    shape.place(x, y, turn, occupancy_.cellSize, member.placed);
    member.look = look;
    constexpr auto far = CellPlace{1 << 30, 1 << 30};
    member.low = far;
    member.high = {-far.x, -far.y};
    for (const CellPlace &cell : member.placed.cells) {
        member.low = {std::min(member.low.x, cell.x), std::min(member.low.y, cell.y)};
        member.high = {std::max(member.high.x, cell.x + 1), std::max(member.high.y, cell.y + 1)};
    }
    claim(member, 1);
}

/// Values the cells that any trial place of the member may cover.
void ShapeFit::lookAround(const Member &member) {
    constexpr float clear = 0.02F;  // between two looks, of the member's
    constexpr float alike = 0.12F;
    const float look = member.look;
    const bool tells = look > 0 && !occupancy_.rates.empty();
    const auto cut = [](std::int32_t value, std::uint32_t most) {
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>(value, 0, static_cast<std::int64_t>(most)));
    };
    const std::size_t right = cut(member.high.x + reach, occupancy_.width);
    const std::size_t bottom = cut(member.high.y + reach, occupancy_.height);
    for (std::size_t y = cut(member.low.y - reach, occupancy_.height); y < bottom; ++y)
        for (std::size_t x = cut(member.low.x - reach, occupancy_.width); x < right; ++x) {
            const std::size_t at = y * occupancy_.stride + x;
            std::int8_t &value = values_[at];
            if (occupancy_.cells[at] == 0) {
                value = -unit;
                continue;
            }
            value = claims_[at] == 0 ? unit : 0;
            if (!tells)
                continue;
            const float mine = std::abs(occupancy_.rates[at] - look);
            const float off = mine / (alike * look);
            const auto like =
                static_cast<std::int8_t>(unit * std::clamp(1.25F - off * off, -0.5F, 1.0F));
            if (claims_[at] == 0)
                value = like;
            float others = 1e9F;
            for (std::size_t i = 0; i < count_; ++i)
                if (members_[i].look > 0 && std::abs(members_[i].look - look) > 2 * clear * look)
                    others = std::min(others, std::abs(occupancy_.rates[at] - members_[i].look));
            if (others < 1e9F && std::abs(others - mine) > clear * look)
                value = mine < others ? std::max<std::int8_t>(0, like) : std::int8_t{0};
        }
}

/// Where others may cover the member, their mean rate tells who is in front.
float ShapeFit::seen(const Member &member, int dx, int dy) const {
    std::size_t alone = 0;
    std::size_t contested = 0;
    float sum = 0;
    for (const CellPlace &cell : member.placed.cells) {
        if (!occupancy_.inside(cell.x + dx, cell.y + dy))
            continue;
        const std::size_t at = occupancy_.at(cell.x + dx, cell.y + dy);
        if (occupancy_.cells[at] == 0)
            continue;
        if (claims_[at] == 0) {
            ++alone;
        } else if (!occupancy_.rates.empty()) {
            ++contested;
            sum += occupancy_.rates[at];
        }
    }
    if (contested > 0 && member.look > 0) {
        const float rate = sum / static_cast<float>(contested);
        const bool mine =
            std::all_of(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(count_),
                        [&](const Member &other) {
                            return &other == &member ||
                                   std::abs(rate - member.look) < std::abs(rate - other.look);
                        });
        alone += mine ? contested : 0;
    }
    return static_cast<float>(alone) /
           static_cast<float>(std::max<std::size_t>(1, member.placed.cells.size()));
}

/// Of the cells that no other member may cover; where they are few, of all.
float ShapeFit::rate(const Member &member, int dx, int dy) {
    const std::size_t few = std::max<std::size_t>(20, member.placed.cells.size() / 10);
    for (const bool all : {false, true}) {
        rates_.clear();
        for (const CellPlace &cell : member.placed.cells) {
            if (!occupancy_.inside(cell.x + dx, cell.y + dy))
                continue;
            const std::size_t at = occupancy_.at(cell.x + dx, cell.y + dy);
            if (occupancy_.cells[at] != 0 && (all || claims_[at] == 0) && !occupancy_.rates.empty())
                rates_.push_back(occupancy_.rates[at]);
        }
        if (rates_.size() < few)
            continue;
        const auto middle = rates_.begin() + static_cast<std::ptrdiff_t>(rates_.size() / 2);
        std::nth_element(rates_.begin(), middle, rates_.end());
        return *middle;
    }
    return 0;
}

float ShapeFit::score(const Member &member, int dx, int dy) const {
    int sum = 0;
    for (const CellPlace &cell : member.placed.cells)
        if (occupancy_.inside(cell.x + dx, cell.y + dy))
            sum += values_[occupancy_.at(cell.x + dx, cell.y + dy)];
    return static_cast<float>(sum) / unit;
}

ShapeOffset ShapeFit::find(std::size_t index) {
    const Member &member = members_[index];
    const float size = occupancy_.cellSize;
    ShapeOffset offset;
    claim(member, -1);  // What the others claim counts.
    lookAround(member);
    std::array<float, 2 * reach + 1> scores{};
    int movedX = 0;
    int movedY = 0;
    for (int d = -reach; d <= reach; ++d)
        scores[static_cast<std::size_t>(d + reach)] = score(member, d, 0);
    if (const auto found = peak(scores, static_cast<float>(member.high.y - member.low.y))) {
        offset.x = *found * size + member.placed.restX;
        movedX = static_cast<int>(std::lround(*found));
    }
    for (int d = -reach; d <= reach; ++d)
        scores[static_cast<std::size_t>(d + reach)] = score(member, movedX, d);
    if (const auto found = peak(scores, static_cast<float>(member.high.x - member.low.x))) {
        offset.y = *found * size + member.placed.restY;
        movedY = static_cast<int>(std::lround(*found));
    }
    offset.seen = seen(member, movedX, movedY);
    offset.rate = rate(member, movedX, movedY);
    claim(member, 1);
    return offset;
}

}  // namespace fovea
