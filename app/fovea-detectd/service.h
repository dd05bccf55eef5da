// SPDX-License-Identifier: Apache-2.0
// The detection service: a session, its JSON lines, its pages, from start to signal.
#pragma once

#include "app/exit_code.h"
#include "app/fovea-detectd/http_server.h"
#include "app/fovea-detectd/json_lines_sink.h"
#include "app/fovea-detectd/metrics.h"
#include "app/fovea-detectd/news_lines.h"
#include "app/fovea-detectd/readiness.h"
#include "app/fovea-detectd/service_recorder.h"
#include "app/fovea-detectd/status_json.h"
#include "app/interrupts.h"

#include <functional>
#include <mutex>
#include <thread>

namespace fovea {

struct ServiceOptions {
    std::string configFile;                ///< for messages and the status page
    bool stay = false;                     ///< go on answering after the source has ended
    std::function<Result<Config>()> load;  ///< reads the configuration again (SIGHUP)
};

/// What the configuration must hold for a service beside what every program checks; makes its
/// source, but opens nothing. Error: Usage, or what the source says.
[[nodiscard]] Result<void> checkService(const Config &config, SourceCatalog &catalog);

/// One run of the service.
///
/// Threads: run belongs to the thread that made it.
class Service {
public:
    Service(Config config, ServiceOptions options, SourceCatalog &catalog, Clock &clock);
    ~Service();
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    /// Runs until the source ends, a signal comes or the output fails. Errors are printed.
    [[nodiscard]] ExitCode run(const Interrupts &interrupts);

private:
    [[nodiscard]] Result<void> open();
    void addPages();
    [[nodiscard]] std::vector<Output> makeOutputs();
    /// Until there is a reason to end.
    void watch(const Interrupts &interrupts);
    void logWhenOpen(const SessionStatus &status);
    void reload();
    void logRefused(const SessionStatus &status);
    [[nodiscard]] ExitCode end(bool interrupted);
    [[nodiscard]] ServiceState state();

    const Config config_;
    const ServiceOptions options_;
    Clock &clock_;
    const Clock::TimePoint begin_;
    Readiness readiness_;
    std::shared_ptr<LineWriter> writer_;
    std::shared_ptr<JsonLinesSink> lines_;
    const std::shared_ptr<MetricsSink> metrics_ = std::make_shared<MetricsSink>();
    std::string refused_;  ///< the newest settings that the engine refused, as logged
    std::mutex mutex_;     ///< of what reloading changes
    std::uint64_t reloads_ = 0;
    std::string reloadError_;
    bool openLogged_ = false;
    std::unique_ptr<NewsLines> news_;
    Session session_;
    ServiceRecorder recorder_{session_};
    HttpServer http_;  ///< last: its pages use all of the above
};

}  // namespace fovea
