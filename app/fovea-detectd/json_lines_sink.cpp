// SPDX-License-Identifier: Apache-2.0
// The lines that the service writes.
#include "app/fovea-detectd/json_lines_sink.h"

#include "app/fovea-detectd/wall_clock.h"

namespace fovea {

JsonLinesSink::JsonLinesSink(std::shared_ptr<LineWriter> writer, Texts texts)
    : writer_(std::move(writer)), texts_(std::move(texts)) {}

Result<void> JsonLinesSink::write(std::string_view type, const Json &rest) {
    Json line{{"schema", jsonSchema}, {"type", type}, {"unix_time", unixTime()}};
    line.update(rest);
    return writer_->write(toLine(line));
}

Result<void> JsonLinesSink::greet() {
    const std::lock_guard lock(mutex_);
    return greetOnce();
}

Result<void> JsonLinesSink::tell(std::string_view type, const Json &content) {
    const std::lock_guard lock(mutex_);
    if (ended_)
        return fail(ErrorCode::Cancelled, "the last line is written");
    if (auto greeted = greetOnce(); !greeted)
        return greeted;
    return write(type, content);
}

Result<void> JsonLinesSink::greetOnce() {
    if (greeted_)
        return {};
    greeted_ = true;
    return write("hello", texts_.hello());
}

Result<void> JsonLinesSink::reportGap(std::uint64_t upTo) {
    if (upTo <= next_)
        return {};
    const std::uint64_t missing = upTo - next_;
    const Json gap{{"sequence", next_}, {"results", missing}};
    lost_ += missing;
    next_ = upTo;
    return write("gap", gap);
}

Result<void> JsonLinesSink::consume(const FrameResult &frame) {
    const std::lock_guard lock(mutex_);
    if (ended_)
        return fail(ErrorCode::Cancelled, "the last line is written");
    if (auto greeted = greetOnce(); !greeted)
        return greeted;
    if (auto reported = reportGap(frame.sequence); !reported)
        return reported;
    next_ = frame.sequence + 1;
    return write("detections", toJson(frame, FrameJson::Live));
}

Result<void> JsonLinesSink::finish() {
    const std::lock_guard lock(mutex_);
    if (writer_->failed() || ended_)
        return {};  // a failure is known; a line after a cut one would be read as part of it
    const std::optional<Json> rest = texts_.end();
    if (!rest)
        return {};
    ended_ = true;
    if (auto greeted = greetOnce(); !greeted)
        return greeted;
    if (auto reported = reportGap(texts_.results()); !reported)
        return reported;
    Json end{{"results", next_}, {"results_lost", lost_}};
    end.update(*rest);
    return write("end", end);
}

}  // namespace fovea
