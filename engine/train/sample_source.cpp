// SPDX-License-Identifier: Apache-2.0
// Threads that run a few batches ahead.
#include "engine/train/sample_source.h"

#include "engine/core/random.h"

#include <algorithm>
#include <numeric>

namespace fovea {

namespace {

constexpr std::size_t ahead = 4;  // batches a thread

}  // namespace

BatchLoader::BatchLoader(const SampleSource &source, const Settings &settings)
    : source_(source), settings_(settings), order_(source.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
    if (settings_.shuffle) {
        Random random(settings_.seed);
        for (std::size_t i = order_.size(); i > 1; --i)
            std::swap(order_[i - 1], order_[random.below(i)]);
    }
    ready_.resize(batches());
    for (std::size_t i = 0; i < std::max<std::size_t>(settings_.threads, 1); ++i)
        threads_.emplace_back([this] { work(); });
}

BatchLoader::~BatchLoader() {
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread &thread : threads_)
        thread.join();
}

std::size_t BatchLoader::batches() const {
    const bool rest = order_.size() % settings_.batch >= settings_.parts;
    return order_.size() / settings_.batch + (rest ? 1 : 0);
}

std::unique_ptr<SampleBatch> BatchLoader::next() {
    if (given_ == ready_.size())
        return nullptr;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_[given_] != nullptr; });
    auto batch = std::move(ready_[given_++]);
    lock.unlock();
    changed_.notify_all();
    return batch;
}

void BatchLoader::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] {
            return stopped_ || wanted_ == ready_.size() ||
                   wanted_ < given_ + ahead * threads_.size() + 1;
        });
        if (stopped_ || wanted_ == ready_.size())
            return;
        const std::size_t index = wanted_++;
        lock.unlock();
        auto batch = make(index);
        lock.lock();
        ready_[index] = std::move(batch);
        changed_.notify_all();
    }
}

std::unique_ptr<SampleBatch> BatchLoader::make(std::size_t index) const {
    auto batch = std::make_unique<SampleBatch>();
    const std::size_t first = index * settings_.batch;
    const std::size_t all = std::min(settings_.batch, order_.size() - first);
    const std::size_t begin = all * settings_.part / settings_.parts;
    const std::size_t end = all * (settings_.part + 1) / settings_.parts;
    batch->count = end - begin;
    batch->share = static_cast<double>(batch->count) / static_cast<double>(all);
    const std::size_t steps = std::max<std::size_t>(source_.steps(), 1);
    const std::size_t elements = source_.inputShape().elements();
    batch->inputs.resize(steps * batch->count * elements);
    batch->targets.resize(batch->count * source_.targetSize());
    std::vector<float> input(steps * elements);
    for (std::size_t i = 0; i < batch->count; ++i) {
        const std::size_t sample = order_[first + begin + i];
        source_.fill(
            sample, randomAt(settings_.seed, 0xF111, sample), input,
            std::span(batch->targets).subspan(i * source_.targetSize(), source_.targetSize()));
        for (std::size_t t = 0; t < steps; ++t)
            std::copy_n(input.begin() + static_cast<std::ptrdiff_t>(t * elements), elements,
                        batch->inputs.begin() +
                            static_cast<std::ptrdiff_t>((t * batch->count + i) * elements));
    }
    return batch;
}

}  // namespace fovea
