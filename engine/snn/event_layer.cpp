// SPDX-License-Identifier: Apache-2.0
// Packing weights by rows, listing what fired, adding.
#include "engine/snn/event_layer.h"

#include <algorithm>
#include <bit>

namespace fovea {

using event_kernels::Segment;

namespace {

void setSums(SumBlock &block, const float *sums) {
    block.sums = sums;
}
void setSums(SumBlock &block, const std::int32_t *sums) {
    block.integers = sums;
}

template <class Weight>
using SumOf = std::conditional_t<std::is_same_v<Weight, std::int8_t>, std::int32_t, float>;

}  // namespace

/// What fired at the places that a row of outputs sees.
struct EventLayer::Lists {
    struct Part {
        std::size_t begin = 0, count = 0;
    };
    std::vector<std::uint32_t> numbers;
    std::vector<Part> parts;  ///< [row of the kernel][place of a row][step]
    std::vector<Segment> segments;
    std::vector<std::uint64_t> words;

    /// All channels, for every output of row `row`.
    void listRow(const ConvForm &form, const SpikeGrid &in, std::size_t sample, std::size_t row);
    /// The segments of one output and step; of a layer without groups.
    std::span<const Segment> gather(const ConvForm &form, const SpikeGrid &in,
                                    const SeenPlaces &seen, std::size_t step);
    /// The same for one group, listed for this output alone.
    std::span<const Segment> gatherGroup(const ConvForm &form, const SpikeGrid &in,
                                         const SeenPlaces &seen, std::size_t sample,
                                         std::size_t step, std::size_t group);
};

void EventLayer::Lists::listRow(const ConvForm &form, const SpikeGrid &in, std::size_t sample,
                                std::size_t row) {
    const std::size_t width = form.in.width;
    parts.resize(form.kernel.height * width * in.steps);
    const std::size_t most = parts.size() * form.in.channels + event_kernels::spare;
    if (numbers.size() < most)
        numbers.resize(most);
    std::size_t used = 0;
    Part *part = parts.data();
    for (std::size_t ky = 0; ky < form.kernel.height; ++ky) {
        // Above the top the difference wraps and is beyond the side.
        const std::size_t y = row * form.stride.height + ky * form.dilation.height - form.top;
        for (std::size_t i = 0; i < width * in.steps; ++i, ++part) {
            *part = {used, 0};
            if (y >= form.in.height)
                continue;
            part->count =
                event_kernels::listBits(in.at(sample, y * width + i / in.steps, i % in.steps),
                                        in.words(), 0, numbers.data() + used);
            used += part->count;
        }
    }
}

std::span<const Segment> EventLayer::Lists::gather(const ConvForm &form, const SpikeGrid &in,
                                                   const SeenPlaces &seen, std::size_t step) {
    segments.clear();
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const std::size_t ky = seen.tap(i) / form.kernel.width;
        const std::size_t x = seen.pixel(i) % form.in.width;
        const Part &part = parts[(ky * form.in.width + x) * in.steps + step];
        if (part.count > 0)
            segments.push_back(
                {numbers.data() + part.begin, part.count, seen.tap(i) * form.in.channels});
    }
    return segments;
}

std::span<const Segment> EventLayer::Lists::gatherGroup(const ConvForm &form, const SpikeGrid &in,
                                                        const SeenPlaces &seen, std::size_t sample,
                                                        std::size_t step, std::size_t group) {
    const std::size_t inputs = form.groupInputs();
    const std::size_t first = group * inputs;
    const std::size_t begin = first / 64;
    const std::size_t end = (first + inputs + 63) / 64;
    words.resize(end - begin);
    const std::size_t most = seen.size() * inputs + event_kernels::spare;
    if (numbers.size() < most)
        numbers.resize(most);
    std::size_t used = 0;
    segments.clear();
    for (std::size_t i = 0; i < seen.size(); ++i) {
        std::copy_n(in.at(sample, seen.pixel(i), step) + begin, words.size(), words.begin());
        words.front() &= ~std::uint64_t{0} << (first % 64);
        if (const std::size_t rest = (first + inputs) % 64; rest != 0)
            words.back() &= (std::uint64_t{1} << rest) - 1;
        std::uint32_t *list = numbers.data() + used;
        const std::size_t count = event_kernels::listBits(
            words.data(), words.size(), static_cast<std::uint32_t>(begin * 64), list);
        if (count > 0)
            segments.push_back({list, count, seen.tap(i) * inputs - first});
        used += count;
    }
    return segments;
}

EventLayer::EventLayer(const ConvForm &form, const QuantisedWeights &weights)
    : form_(form), blocks_(WeightBlock::cut(form)) {
    if (weights.check.precision == Precision::Int8)
        pack(bytes_, weights);
    else
        pack(bfloats_, weights);
}

template <class Weight>
void EventLayer::pack(AlignedVector<Weight> &to, const QuantisedWeights &from) {
    to.resize(blocks_.back().end(form_));
    const std::size_t inputs = form_.groupInputs();
    for (const WeightBlock &block : blocks_)
        for (std::size_t o = 0; o < block.width; ++o)
            for (std::size_t c = 0; c < inputs; ++c)
                for (std::size_t tap = 0; tap < form_.taps(); ++tap) {
                    const float weight = o < block.outputs
                                             ? from.weights[(block.first + o) * form_.rows() +
                                                            c * form_.taps() + tap]
                                             : 0.0F;
                    Weight *row = to.data() + block.weights + (tap * inputs + c) * block.width;
                    if constexpr (std::is_same_v<Weight, std::int8_t>)
                        event_kernels::put(row, o, static_cast<std::int8_t>(weight));
                    else
                        event_kernels::put(
                            row, o,
                            static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(weight) >> 16));
                }
}

template <class Weight, class Sum>
void EventLayer::addBlock(const AlignedVector<Weight> &weights, const WeightBlock &block,
                          std::span<const Segment> segments, Sum *sums, bool fetch) const {
    const bool far = fetch && WeightBlock::far(weights.size() * sizeof(Weight));
    event_kernels::addRows(
        event_kernels::Rows<Weight>{weights.data() + block.weights, block.width, far}, segments,
        sums);
}

template <class Weight>
void EventLayer::runRow(const AlignedVector<Weight> &weights, const SpikeGrid &in, std::size_t row,
                        SumBlock block, SumSink &sink) const {
    thread_local SeenPlaces seen;
    thread_local Lists lists;
    thread_local AlignedVector<SumOf<Weight>> sums;
    const std::size_t pitch = WeightBlock::pitch(form_);
    const std::size_t each = in.steps * pitch;
    const std::size_t most = WeightBlock::nearPlaces(form_, in.steps);
    if (sums.size() < most * each)
        sums.resize(most * each);
    block.channels = form_.out.channels;
    block.pixelStride = each;
    block.stepStride = in.steps == 1 ? 0 : pitch;
    setSums(block, sums.data());
    if (form_.groups == 1)
        lists.listRow(form_, in, block.sample, row);
    for (std::size_t x = 0; x < form_.out.width; x += block.pixels) {
        block.pixels = std::min(most, form_.out.width - x);
        auto *to = sums.data();
        for (std::size_t p = 0; p < block.pixels; ++p) {
            seen.find(form_, row, x + p);
            for (std::size_t t = 0; t < in.steps; ++t, to += pitch) {
                std::span<const Segment> segments;
                for (std::size_t b = 0; b < blocks_.size(); ++b) {
                    if (form_.groups > 1 && (b == 0 || blocks_[b].group != blocks_[b - 1].group))
                        segments =
                            lists.gatherGroup(form_, in, seen, block.sample, t, blocks_[b].group);
                    else if (b == 0)
                        segments = lists.gather(form_, in, seen, t);
                    addBlock(weights, blocks_[b], segments, to + blocks_[b].first, true);
                }
            }
        }
        block.pixel = row * form_.out.width + x;
        sink.take(block);
    }
}

template <class Weight>
void EventLayer::runLinear(const AlignedVector<Weight> &weights, const SpikeGrid &in,
                           SumBlock block, SumSink &sink, TilePool *pool) {
    const std::size_t lists = in.batch * in.steps;
    const std::size_t most = lists * form_.rows() + event_kernels::spare;
    if (numbers_.size() < most)
        numbers_.resize(most);
    samples_.resize(lists);
    std::size_t used = 0;
    for (std::size_t i = 0; i < lists; ++i) {
        const std::size_t begin = used;
        for (std::size_t tap = 0; tap < form_.taps(); ++tap)
            used += event_kernels::listBits(in.at(i / in.steps, tap, i % in.steps), in.words(),
                                            static_cast<std::uint32_t>(tap * form_.in.channels),
                                            numbers_.data() + used);
        samples_[i] = {numbers_.data() + begin, used - begin, 0};
    }
    shareOut(pool, blocks_.size(), 1, [&, block](std::size_t first, std::size_t last) {
        thread_local AlignedVector<SumOf<Weight>> sums;
        if (sums.size() < in.steps * WeightBlock::mostOutputs)
            sums.resize(in.steps * WeightBlock::mostOutputs);
        SumBlock own = block;
        own.stepStride = in.steps == 1 ? 0 : WeightBlock::mostOutputs;
        setSums(own, sums.data());
        for (std::size_t b = first; b < last; ++b) {
            const WeightBlock &one = blocks_[b];
            own.channel = one.first;
            own.channels = one.outputs;
            own.scale = block.scale + one.first;
            own.bias = block.bias + one.first;
            for (own.sample = 0; own.sample < in.batch; ++own.sample) {
                // The first one fetches rows into the cache for the others.
                for (std::size_t t = 0; t < in.steps; ++t)
                    addBlock(weights, one, std::span(&samples_[own.sample * in.steps + t], 1),
                             sums.data() + t * WeightBlock::mostOutputs, own.sample == 0 && t == 0);
                sink.take(own);
            }
        }
    });
}

template <class Weight>
void EventLayer::runAll(const AlignedVector<Weight> &weights, const SpikeGrid &in, SumBlock block,
                        SumSink &sink, TilePool *pool) {
    if (form_.linear) {
        runLinear(weights, in, block, sink, pool);
        return;
    }
    const std::size_t height = form_.out.height;
    shareOut(pool, in.batch * height, 1, [&, block](std::size_t first, std::size_t last) {
        SumBlock own = block;
        for (std::size_t i = first; i < last; ++i) {
            own.sample = i / height;
            runRow(weights, in, i % height, own, sink);
        }
    });
}

void EventLayer::run(const SpikeGrid &in, const float *scale, const float *bias, SumSink &sink,
                     TilePool *pool) {
    SumBlock block;
    block.scale = scale;
    block.bias = bias;
    if (!bytes_.empty())
        runAll(bytes_, in, block, sink, pool);
    else
        runAll(bfloats_, in, block, sink, pool);
}

}  // namespace fovea
