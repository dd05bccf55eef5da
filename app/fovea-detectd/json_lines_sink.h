// SPDX-License-Identifier: Apache-2.0
// Detections as JSON lines, with what a reader needs to trust them.
#pragma once

#include "app/fovea-detectd/line_writer.h"
#include "app/frame_json.h"
#include "engine/core/frame_sink.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace fovea {

/// Writes one "hello" line with the full state, then a "detections" line for each result, a "gap"
/// line where results were lost on the way here, and an "end" line; between them what it is told
/// (NewsLines). README.md shows each.
///
/// Sequence numbers of "detections" and "gap" lines leave no hole: what is missing was said.
/// Threads: any.
class JsonLinesSink final : public FrameSink {
public:
    /// What the service knows at the time of the call; called from greet, consume and finish.
    struct Texts {
        std::function<Json()> hello;
        /// Nothing while planes are still on their way: the ledger is not final then.
        std::function<std::optional<Json>()> end;
        /// How many results the session has made.
        std::function<std::uint64_t()> results;
    };
    JsonLinesSink(std::shared_ptr<LineWriter> writer, Texts texts);

    [[nodiscard]] std::string name() const override { return "json-lines"; }
    /// Writes the first line now instead of with the first result; later calls do nothing.
    [[nodiscard]] Result<void> greet();
    /// Writes a line of another type, if the last one is not written yet.
    [[nodiscard]] Result<void> tell(std::string_view type, const Json &content);
    [[nodiscard]] Result<void> consume(const FrameResult &frame) override;
    /// Writes the last line, once. Call it again when everything has stopped: a session that is
    /// stopped in a hurry finishes its outputs before its last planes are counted.
    [[nodiscard]] Result<void> finish() override;

private:
    [[nodiscard]] Result<void> greetOnce();
    [[nodiscard]] Result<void> reportGap(std::uint64_t upTo);
    [[nodiscard]] Result<void> write(std::string_view type, const Json &rest);

    const std::shared_ptr<LineWriter> writer_;
    const Texts texts_;
    std::mutex mutex_;  ///< of everything below, and of the writer
    bool greeted_ = false;
    bool ended_ = false;
    std::uint64_t next_ = 0;  ///< sequence number that comes next
    std::uint64_t lost_ = 0;
};

}  // namespace fovea
