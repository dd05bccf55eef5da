// SPDX-License-Identifier: Apache-2.0
// A graphics processor that the CPU plays: as late, as out of order and as faulty as it may be.
#pragma once

#include "engine/core/random.h"
#include "engine/cuda/device.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace fovea::test {

/// How the pretended device behaves.
struct DeviceHabits {
    /// 0: nothing is done before somebody waits for it, and then only what must be. Else the seed
    /// of when streams go on by themselves.
    std::uint64_t seed = 0;
    long failAt = -1;  ///< this call and all that follow fail; -1: none does
};

/// Runs kernels by a plain loop over their threads. Whoever forgets to wait, or uses a buffer anew
/// too early, gets wrong results: work is put off as long as it may be. Memory comes from malloc,
/// exactly as much as asked for, so the address sanitizer watches the kernels.
///
/// Threads: see Device.
class DeferredDevice final : public Device {
public:
    explicit DeferredDevice(DeviceHabits habits = {}, long *calls = nullptr)
        : habits_(habits), random_(habits.seed), calls_(calls != nullptr ? calls : &ownCalls_) {}
    ~DeferredDevice() override {
        runAll();
        if (!memory_.empty() || !events_.empty() || !graphs_.empty())
            std::abort();  // somebody kept what he was given
    }

    const char *name() const override { return "pretended device"; }

    DeviceStatus allocate(std::size_t bytes, void **memory) override {
        *memory = nullptr;
        if (fails())
            return failure();
        if (posix_memalign(memory, 256, bytes) != 0)
            return {"no memory"};
        std::memset(*memory, 0, bytes);
        memory_.insert(*memory);
        return {};
    }
    DeviceStatus allocatePinned(std::size_t bytes, void **memory) override {
        const DeviceStatus status = allocate(bytes, memory);
        if (status.ok())
            std::memset(*memory, 0xA5, bytes);
        return status;
    }
    void release(void *memory) override {
        if (memory == nullptr)
            return;
        runAll();
        memory_.erase(memory);
        std::free(memory);
    }
    void releasePinned(void *memory) override { release(memory); }

    DeviceStatus copy(DeviceStream stream, void *target, const void *source,
                      std::size_t bytes) override {
        return put(stream, [=] { std::memcpy(target, source, bytes); });
    }
    DeviceStatus clear(DeviceStream stream, void *target, std::size_t bytes) override {
        return put(stream, [=] { std::memset(target, 0, bytes); });
    }
    DeviceStatus launch(const DeviceKernel &kernel, const void *body,
                        std::uint64_t threads) override {
        const auto *bytes = static_cast<const unsigned char *>(body);
        std::vector<unsigned char> copy(bytes, bytes + kernel.bodyBytes);
        // From the last thread to the first: threads must not build on each other.
        const auto work = [copy, &kernel, threads] {
            for (std::uint64_t thread = threads; thread-- > 0;)
                kernel.onHost(copy.data(), thread, thread + 1);
        };
        if (!capturing_)
            return put(DeviceStream::Compute, work);
        if (fails())
            return failure();
        captured_.push_back(work);
        return {};
    }

    DeviceStatus makeEvent(DeviceEvent **event) override {
        *event = nullptr;
        if (fails())
            return failure();
        *event = reinterpret_cast<DeviceEvent *>(new Place);
        events_.insert(*event);
        return {};
    }
    void release(DeviceEvent *event) override {
        if (event == nullptr)
            return;
        runAll();
        events_.erase(event);
        delete placeOf(event);
    }
    DeviceStatus record(DeviceStream stream, DeviceEvent *event) override {
        if (fails())
            return failure();
        *placeOf(event) = {stream, of(stream).put};
        return {};
    }
    DeviceStatus waitFor(DeviceStream stream, DeviceEvent *event) override {
        const Place place = *placeOf(event);
        return put(stream, [this, place] { runUpTo(place); });
    }
    DeviceStatus finish(DeviceEvent *event) override {
        if (fails())
            return failure();
        runUpTo(*placeOf(event));
        return {};
    }
    DeviceStatus finishAll() override {
        if (fails())
            return failure();
        runAll();
        return {};
    }

    DeviceStatus beginGraph() override {
        capturing_ = true;
        captured_.clear();
        return fails() ? failure() : DeviceStatus{};
    }
    DeviceStatus endGraph(DeviceGraph **graph) override {
        capturing_ = false;
        *graph = nullptr;
        if (fails())
            return failure();
        auto *made = new std::vector<Work>(std::move(captured_));
        *graph = reinterpret_cast<DeviceGraph *>(made);
        graphs_.insert(*graph);
        return {};
    }
    DeviceStatus run(DeviceGraph *graph) override {
        for (const Work &work : *worksOf(graph))
            if (const DeviceStatus status = put(DeviceStream::Compute, work); !status.ok())
                return status;
        return {};
    }
    void release(DeviceGraph *graph) override {
        if (graph == nullptr)
            return;
        graphs_.erase(graph);
        delete worksOf(graph);
    }

private:
    using Work = std::function<void()>;
    struct Queue {
        std::deque<Work> works;
        std::uint64_t put = 0;
        std::uint64_t done = 0;
        bool running = false;
    };
    struct Place {
        DeviceStream stream = DeviceStream::Upload;
        std::uint64_t count = 0;  ///< works before it
    };

    static Place *placeOf(DeviceEvent *event) { return reinterpret_cast<Place *>(event); }
    static std::vector<Work> *worksOf(DeviceGraph *graph) {
        return reinterpret_cast<std::vector<Work> *>(graph);
    }
    Queue &of(DeviceStream stream) { return queues_[static_cast<std::size_t>(stream)]; }
    bool fails() { return (*calls_)++ >= habits_.failAt && habits_.failAt >= 0; }
    static DeviceStatus failure() { return {"this failure was asked for"}; }

    DeviceStatus put(DeviceStream stream, Work work) {
        if (fails())
            return failure();
        of(stream).works.push_back(std::move(work));
        ++of(stream).put;
        while (habits_.seed != 0 && random_.below(3) != 0)
            runOne(queues_[random_.below(deviceStreamCount)]);
        return {};
    }
    bool runOne(Queue &queue) {
        if (queue.works.empty() || queue.running)
            return false;
        queue.running = true;
        const Work work = std::move(queue.works.front());
        queue.works.pop_front();
        work();
        ++queue.done;
        queue.running = false;
        return true;
    }
    void runUpTo(Place place) {
        while (of(place.stream).done < place.count && runOne(of(place.stream))) {
        }
    }
    void runAll() {
        for (Queue &queue : queues_)
            while (runOne(queue)) {
            }
    }

    DeviceHabits habits_;
    Random random_;
    long ownCalls_ = 0;
    long *calls_;
    Queue queues_[deviceStreamCount];
    bool capturing_ = false;
    std::vector<Work> captured_;
    std::set<void *> memory_;
    std::set<DeviceEvent *> events_;
    std::set<DeviceGraph *> graphs_;
};

}  // namespace fovea::test
