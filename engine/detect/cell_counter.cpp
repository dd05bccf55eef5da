// SPDX-License-Identifier: Apache-2.0
// Carry-save counting of packed planes and the step from bits to 2x2 cells.
#include "engine/detect/cell_counter.h"

#include "engine/detect/count_kernels.h"

#include <algorithm>

namespace fovea {

namespace {

using Word = std::uint64_t;
using count_kernels::slices;

struct SumCarry {
    Word sum;
    Word carry;
};

SumCarry fullAdd(Word a, Word b, Word c) {
    const Word u = a ^ b;
    return {u ^ c, (a & b) | (u & c)};
}

}  // namespace

CellCounter::CellCounter(PlaneShape shape)
    : shape_(shape), grid_(shape), slices_(shape.wordStride() * slices, 0) {
    constexpr std::size_t beyond = 128;
    pixels_.assign(shape.words() * 64 + shape.width + beyond, 0);
    row_.assign(grid_.width + beyond, 0);
    lastRow_.assign(shape.width + 2 * beyond, 0);
}

void CellCounter::clear() {
    std::fill(slices_.begin(), slices_.end(), 0);
    planes_ = 0;
}

void CellCounter::add(const Word *words) {
    for (std::size_t i = 0; i < shape_.words(); ++i) {
        Word carry = words[i];
        Word *slice = &slices_[i * slices];
        for (std::size_t k = 0; k < slices; ++k) {
            const Word old = slice[k];
            slice[k] = old ^ carry;
            carry &= old;
        }
    }
    ++planes_;
}

void CellCounter::addEight(std::span<const Word *const, 8> p) {
    for (std::size_t i = 0; i < shape_.words(); ++i) {
        const SumCarry a = fullAdd(p[0][i], p[1][i], p[2][i]);
        const SumCarry b = fullAdd(p[3][i], p[4][i], p[5][i]);
        const SumCarry c = fullAdd(p[6][i], p[7][i], a.sum);
        const Word one = b.sum ^ c.sum;
        const Word carry = b.sum & c.sum;
        const SumCarry d = fullAdd(a.carry, b.carry, c.carry);
        const Word two = d.sum ^ carry;
        const Word twoCarry = d.sum & carry;
        Word *slice = &slices_[i * slices];
        slice[0] = one;
        slice[1] = two;
        slice[2] = d.carry ^ twoCarry;
        slice[3] = d.carry & twoCarry;
    }
    planes_ = 8;
}

void CellCounter::cells(std::span<std::uint8_t> counts) {
    count_kernels::expand(slices_.data(), shape_.words(), pixels_.data());
    for (std::uint32_t y = 0; y < grid_.height; ++y) {
        const std::uint8_t *upper = pixels_.data() + std::size_t{2 * y} * shape_.width;
        const bool whole = 2 * y + 1 < shape_.height;
        const std::uint8_t *lower = whole ? upper + shape_.width : lastRow_.data();
        count_kernels::sumCells(upper, lower, row_.data(), grid_.width);
        std::copy_n(row_.data(), grid_.width, counts.data() + grid_.at(0, y));
        if (shape_.width % 2 != 0)  // The pair's second pixel belongs to the next row.
            counts[grid_.at(grid_.width - 1, y)] =
                static_cast<std::uint8_t>(upper[shape_.width - 1] + lower[shape_.width - 1]);
    }
    const auto twice = [&](std::uint32_t x, std::uint32_t y) {
        std::uint8_t &count = counts[grid_.at(x, y)];
        count = static_cast<std::uint8_t>(2 * count);
    };
    if (shape_.width % 2 != 0)
        for (std::uint32_t y = 0; y < grid_.height; ++y)
            twice(grid_.width - 1, y);
    if (shape_.height % 2 != 0)
        for (std::uint32_t x = 0; x < grid_.width; ++x)
            twice(x, grid_.height - 1);
}

}  // namespace fovea
