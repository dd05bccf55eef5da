// SPDX-License-Identifier: Apache-2.0
// Putting the parts of the service together, and taking them apart in time.
#include "app/fovea-detectd/service.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <spdlog/spdlog.h>

namespace fovea {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds watchInterval{50};
/// Counting is quick; so many results only pile up when the machine stands still.
constexpr std::size_t metricsQueue = 1024;
/// How long a reader gets to take the last lines after a signal; the session's own limit is longer.
constexpr milliseconds lastLines{300};
/// And the disk to take the last planes of a recording.
constexpr milliseconds lastPlanes{1200};

std::atomic<bool> reloadWanted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

void wishReload(int) {
    reloadWanted = true;
}

HttpReply jsonReply(unsigned status, const Json &json) {
    return {status, "application/json", toLine(json) + "\n"};
}

ExitCode report(Error error, const Config &config) {
    if (config.source.kind == "file")
        error = asInputError(std::move(error));
    printError("fovea-detectd", error.message);
    return exitCode(error.code);
}

}  // namespace

Result<void> checkService(const Config &config, SourceCatalog &catalog) {
    if (auto address = checkLoopbackAddress(config.service.address); !address)
        return address;
    const std::string &output = config.service.output;
    const std::filesystem::path folder = std::filesystem::path(output).parent_path();
    std::error_code ignored;
    if (output != "-" && !folder.empty() && !std::filesystem::is_directory(folder, ignored))
        return fail(ErrorCode::Usage, "service.output: found '{}', but there is no folder {}",
                    output, folder.string());
    if (std::filesystem::is_directory(output, ignored))
        return fail(ErrorCode::Usage, "service.output: '{}' is a folder; allowed: - or a file",
                    output);
    if (auto record = checkRecord(config); !record)
        return record;
    auto source = catalog.make(config.source);
    return source ? Result<void>{} : failed(source);
}

Service::Service(Config config, ServiceOptions options, SourceCatalog &catalog, Clock &clock)
    : config_(std::move(config)), options_(std::move(options)), clock_(clock), begin_(clock.now()),
      readiness_(Readiness::limitFor(config_)), session_(catalog, clock) {}

Service::~Service() {
    http_.stop();
    if (writer_)
        writer_->giveUpAt(LineWriter::TimePoint{});
    (void)session_.stop();
    news_.reset();
}

ExitCode Service::run(const Interrupts &interrupts) {
    if (auto opened = open(); !opened) {
        printError("fovea-detectd", opened.error().message);
        return exitCode(opened.error().code);
    }
    std::signal(SIGHUP, wishReload);
    if (auto started = session_.start(config_, makeOutputs()); !started)
        return report(std::move(started.error()), config_);
    watch(interrupts);
    return end(interrupts.requested());
}

Result<void> Service::open() {
    if (!config_.service.output.empty()) {
        auto writer = LineWriter::open(config_.service.output);
        if (!writer)
            return failed(writer);
        writer_ = std::move(*writer);
    }
    addPages();
    if (auto started = http_.start(config_.service.address, config_.service.port); !started)
        return started;
    spdlog::info("status at {}/v1/status", http_.url());
    return {};
}

void Service::addPages() {
    http_.route("/healthz", [] { return HttpReply{200, "text/plain", "ok\n"}; });
    http_.route("/readyz", [this] {
        const ReadyState now = readiness_.check(session_.status(), clock_.now());
        return HttpReply{now.ready ? 200U : 503U, "text/plain",
                         now.ready ? "ready\n" : "not ready: " + now.reason + "\n"};
    });
    http_.route("/metrics", [this] {
        return HttpReply{200, "text/plain; version=0.0.4; charset=utf-8",
                         metrics_->text(session_.status())};
    });
    http_.route("/v1/status", [this] {
        return jsonReply(200, statusJson(state(), session_.status(), *session_.config()));
    });
}

std::vector<Output> Service::makeOutputs() {
    // A file waits for its readers; a camera does not, and says what they missed.
    const bool lossless = config_.source.kind == "file";
    std::vector<Output> outputs{{metrics_, metricsQueue, lossless}};
    if (auto recording = recorder_.begin(config_))
        outputs.push_back(std::move(*recording));
    if (!writer_)
        return outputs;
    JsonLinesSink::Texts texts;
    texts.hello = [this] { return helloJson(state(), session_.status(), *session_.config()); };
    texts.end = [this] { return endJson(session_.status()); };
    texts.results = [this] { return session_.status().results; };
    lines_ = std::make_shared<JsonLinesSink>(writer_, std::move(texts));
    news_ = std::make_unique<NewsLines>(lines_);
    outputs.push_back({lines_, config_.service.queueResults, lossless});
    return outputs;
}

void Service::watch(const Interrupts &interrupts) {
    bool ended = false;
    while (!interrupts.wait(watchInterval)) {
        const SessionStatus status = session_.status();
        (void)readiness_.check(status, clock_.now());
        logWhenOpen(status);
        logRefused(status);
        recorder_.watch(status);
        if (news_)
            news_->look(status);
        if (reloadWanted.exchange(false))
            reload();
        if (writer_ && writer_->failed())
            return;
        if (!status.finished || ended)
            continue;
        ended = true;
        if (!options_.stay || !status.source)
            return;
        spdlog::info("the source has ended; staying");
    }
}

void Service::logWhenOpen(const SessionStatus &status) {
    if (!status.source || std::exchange(openLogged_, true))
        return;
    const SourceInfo &source = *status.source;
    spdlog::info("{}: {} at {} planes/s", source.name, toString(source.shape), source.planeRateHz);
    for (const std::string &warning : source.warnings)
        spdlog::warn("{}: {}", source.name, warning);
}

/// The engine refuses some settings only when it meets the source: its old ones go on.
void Service::logRefused(const SessionStatus &status) {
    const std::string refused = status.settingsError ? status.settingsError->message : "";
    if (std::exchange(refused_, refused) != refused && !refused.empty())
        spdlog::error("the engine goes on with its old settings: {}", refused);
}

void Service::reload() {
    Result<Config> config = options_.load();
    const Result<void> taken = config ? session_.apply(*config) : failed(config);
    if (taken)
        recorder_.take(config->record);
    const std::lock_guard lock(mutex_);
    if (!taken) {
        reloadError_ = taken.error().message;
        spdlog::error("the old configuration stays: {}", reloadError_);
        return;
    }
    reloadError_.clear();
    ++reloads_;
    spdlog::info("configuration taken over; changes of source and service act at the next start");
}

ExitCode Service::end(bool interrupted) {
    if (interrupted)
        spdlog::info("ending as asked");
    if (writer_ && interrupted)
        writer_->giveUpAt(std::chrono::steady_clock::now() + lastLines);
    const Result<void> stopped = session_.stop(lastPlanes);
    if (news_)
        news_->finish();
    if (lines_)
        (void)lines_->finish();  // the writer remembers a failure
    http_.stop();
    const SessionStatus status = session_.status();
    if (!status.planes.balanced()) {
        printError("fovea-detectd",
                   stopped ? "planes are not accounted for" : stopped.error().message);
        return ExitCode::Failed;
    }
    spdlog::info("{} planes received, {} delivered, {} dropped, {} results", status.planes.received,
                 status.planes.delivered, status.planes.droppedTotal(), status.results);
    if (writer_ && writer_->readerLeft())
        return ExitCode::BrokenPipe;
    if (interrupted) {
        if (!stopped)
            spdlog::warn("{}", stopped.error().message);
        return ExitCode::Ok;
    }
    if (status.error)
        return report(*status.error, config_);
    if (!stopped) {  // an output could not take what it was given
        printError("fovea-detectd", stopped.error().message);
        return exitCode(stopped.error().code);
    }
    return ExitCode::Ok;
}

ServiceState Service::state() {
    ServiceState state;
    state.url = http_.url();
    state.configFile = options_.configFile;
    state.uptimeSeconds = std::chrono::duration<double>(clock_.now() - begin_).count();
    const SessionStatus status = session_.status();
    state.ready = readiness_.check(status, clock_.now());
    state.recording = recorder_.json();
    const std::lock_guard lock(mutex_);
    state.reloads = reloads_;
    state.reloadError = reloadError_;
    if (state.reloadError.empty() && status.settingsError)
        state.reloadError = status.settingsError->message;
    return state;
}

}  // namespace fovea
