// SPDX-License-Identifier: Apache-2.0
// Where training gets its samples, and threads that make them before they are wanted.
#pragma once

#include "engine/snn/signal_shape.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fovea {

/// A finite set, or an endless one of which an epoch shows so many.
///
/// Threads: fill() from any number at once.
class SampleSource {
public:
    virtual ~SampleSource() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual SignalShape inputShape() const = 0;
    /// Steps of the input, 0: one input for all steps.
    [[nodiscard]] virtual std::size_t steps() const = 0;
    /// Values of what is wanted: 1 is a class.
    [[nodiscard]] virtual std::size_t targetSize() const = 0;
    /// Sample `index`; all that is drawn depends on `seed` only. `input` is steps x elements.
    virtual void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
                      std::span<float> target) const = 0;
};

/// Inputs steps x batch x elements (batch x elements without steps), targets batch x values.
struct SampleBatch {
    std::size_t count = 0;
    double share = 1;  ///< of all samples of the batch, in training by several processes
    std::vector<float> inputs;
    std::vector<float> targets;
};

/// The samples of an epoch in an order drawn from `seed` (or as they come), the last batch may be
/// smaller, and is left out when it has no sample for each part. The same seed gives the same
/// batches, whatever the number of threads.
///
/// Threads: next() from one.
class BatchLoader {
public:
    struct Settings {
        std::size_t batch = 32;
        std::uint64_t seed = 1;
        bool shuffle = true;
        std::size_t threads = 1;
        std::size_t part = 0;   ///< of every batch, that is given: of `parts`, for training by
        std::size_t parts = 1;  ///< several processes
    };
    BatchLoader(const SampleSource &source, const Settings &settings);
    ~BatchLoader();
    BatchLoader(const BatchLoader &) = delete;
    BatchLoader &operator=(const BatchLoader &) = delete;

    [[nodiscard]] std::size_t batches() const;
    /// Null when all are given.
    [[nodiscard]] std::unique_ptr<SampleBatch> next();

private:
    void work();
    [[nodiscard]] std::unique_ptr<SampleBatch> make(std::size_t index) const;

    const SampleSource &source_;
    Settings settings_;
    std::vector<std::uint32_t> order_;
    std::size_t given_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t wanted_ = 0;  ///< next batch that nobody makes yet
    bool stopped_ = false;
    std::vector<std::unique_ptr<SampleBatch>> ready_;  ///< by number
    std::vector<std::thread> threads_;
};

}  // namespace fovea
