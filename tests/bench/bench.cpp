// SPDX-License-Identifier: Apache-2.0
// The cases of `fovea bench` under Google Benchmark, with its options and statistics.
#include "app/bench/bench_case.h"

#include <benchmark/benchmark.h>

namespace {

void runCase(benchmark::State &state, const fovea::BenchCase &one) {
    fovea::TilePool pool(static_cast<unsigned>(state.range(0)));
    auto pass = one.prepare(one, pool);
    if (!pass) {
        state.SkipWithError(pass.error().message.c_str());
        return;
    }
    double planes = 0;
    for (auto _ : state) {
        const auto done = (*pass)();
        if (!done) {
            state.SkipWithError(done.error().message.c_str());
            return;
        }
        planes += static_cast<double>(*done);
    }
    using benchmark::Counter;
    state.counters["planes/s"] = Counter(planes, Counter::kIsRate);
    state.counters["realtime"] = Counter(planes / one.planeRateHz, Counter::kIsRate);
    state.counters["bytes/s"] =
        Counter(planes * one.bytesPerPlane, Counter::kIsRate, Counter::kIs1024);
}

}  // namespace

int main(int argc, char **argv) {
    for (const fovea::BenchCase &one : fovea::benchCases())
        benchmark::RegisterBenchmark(one.name.c_str(),
                                     [one](benchmark::State &state) { runCase(state, one); })
            ->ArgName("threads")
            ->Arg(1)
            ->Arg(2)
            ->MeasureProcessCPUTime()
            ->MinTime(0.3);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
