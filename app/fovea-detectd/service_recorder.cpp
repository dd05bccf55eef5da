// SPDX-License-Identifier: Apache-2.0
// The service's recording: begun and ended by the configuration.
#include "app/fovea-detectd/service_recorder.h"

#include "app/options.h"
#include "app/recorder_options.h"

#include <filesystem>
#include <spdlog/spdlog.h>

namespace fovea {

namespace {

constexpr std::size_t queueBlocks = 32;
constexpr std::chrono::seconds endLimit{1};

}  // namespace

Result<void> checkRecord(const Config &config) {
    const std::string &file = config.record.file;
    if (file.empty())
        return {};
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
        return fail(ErrorCode::Usage, "record.file: found '{}', but there is no folder {}", file,
                    folder.string());
    if (std::filesystem::is_directory(file, ignored))
        return fail(ErrorCode::Usage, "record.file: '{}' is a folder; allowed: a file", file);
    if (std::filesystem::exists(file, ignored) && !std::filesystem::is_regular_file(file, ignored))
        return fail(ErrorCode::Usage,
                    "record.file: '{}' is no regular file, recordings cannot go "
                    "there",
                    file);
    return {};
}

std::optional<Output> ServiceRecorder::begin(const Config &config) {
    source_ = config.source;
    return make(config.record);
}

std::optional<Output> ServiceRecorder::make(const RecordConfig &wanted) {
    wanted_ = wanted;
    id_ = 0;
    if (wanted_.file.empty())
        return std::nullopt;
    auto options = recorderOptions(recordSettings(wanted_), source_, wanted_.file,
                                   fmt::format("fovea-detectd {}", version()));
    const std::lock_guard lock(mutex_);
    if (!options) {
        error_ = options.error().message;
        return std::nullopt;
    }
    sink_ = std::make_shared<RecorderSink>(std::move(*options));
    active_ = true;
    error_.clear();
    // A recording waits for its reader; a camera does not.
    return Output{sink_, queueBlocks, source_.kind == "file"};
}

void ServiceRecorder::take(const RecordConfig &wanted) {
    if (active_ && wanted == wanted_)
        return;
    if (!active_) {
        const std::lock_guard lock(mutex_);
        error_.clear();  // of the one before, and told
    }
    end("as configured");
    auto output = make(wanted);
    if (!output)
        return;
    if (auto added = session_.addOutput(std::move(*output)); added) {
        id_ = *added;
    } else {
        const std::lock_guard lock(mutex_);
        active_ = false;
        error_ = added.error().message;
        spdlog::error("recording: {}", error_);
    }
}

void ServiceRecorder::watch(const SessionStatus &status) {
    const bool lost = status.losses > losses_;
    losses_ = status.losses;
    if (!active_)
        return;
    for (const SinkStatus &output : status.sinks) {
        if (id_ == 0 && output.name == sink_->name())
            id_ = output.id;
        if (output.id == id_ && (output.finished || !output.error.empty())) {
            tell(output);
            return;
        }
    }
    if (lost && wanted_.onLost == "close")
        end("the camera was lost");
}

void ServiceRecorder::end(const char *why) {
    if (!active_)
        return;
    Result<void> done;
    if (id_ != 0)
        done = session_.removeOutput(id_, endLimit);
    const std::lock_guard lock(mutex_);
    active_ = false;
    error_ = done ? std::string() : done.error().message;
    if (done)
        spdlog::info("recording ended: {} ({} planes)", why, sink_->status().planes);
    else
        spdlog::error("recording ended: {}: {}", why, error_);
}

// It ended by itself.
void ServiceRecorder::tell(const SinkStatus &output) {
    const std::lock_guard lock(mutex_);
    active_ = false;
    error_ = output.error;
    if (!error_.empty())
        spdlog::error("recording stopped: {}", error_);
}

Json ServiceRecorder::json() const {
    const std::lock_guard lock(mutex_);
    if (!sink_)
        return error_.empty() ? Json() : Json{{"active", false}, {"error", error_}};
    const RecorderStatus now = sink_->status();
    return Json{{"active", active_},      {"file", now.path.string()},
                {"planes", now.planes},   {"bytes", now.bytes},
                {"packing", now.packing}, {"full_in", active_ ? fullIn(now) : std::string()},
                {"error", error_}};
}

}  // namespace fovea
