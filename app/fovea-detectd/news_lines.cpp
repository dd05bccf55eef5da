// SPDX-License-Identifier: Apache-2.0
// News from readings of the status.
#include "app/fovea-detectd/news_lines.h"

#include "app/fovea-detectd/status_json.h"

#include <cmath>

namespace fovea {

namespace {

constexpr std::size_t mostNews = 64;

}  // namespace

NewsLines::NewsLines(std::shared_ptr<JsonLinesSink> lines)
    : lines_(std::move(lines)), queue_(mostNews, QueuePolicy::DropNewest), writer_([this] {
          using namespace std::chrono_literals;
          while (!queue_.closed() || queue_.size() > 0)
              if (const std::optional<News> news = queue_.pop(100ms))
                  write(*news);
      }) {}

/// The line writer remembers a failure.
void NewsLines::write(const News &news) {
    if (news.second.is_null())
        (void)lines_->greet();
    else
        (void)lines_->tell(news.first, news.second);
}

NewsLines::~NewsLines() {
    finish();
}

void NewsLines::finish() {
    queue_.close();
    if (writer_.joinable())
        writer_.join();
}

void NewsLines::look(const SessionStatus &status) {
    const auto now = std::chrono::steady_clock::now();
    if (status.source && !std::exchange(greeted_, true))
        (void)queue_.push({"hello", Json()});
    if (status.losses > losses_) {
        losses_ = status.losses;
        lostAt_ = now;
        (void)queue_.push({"lost",
                           {{"reason", status.lossReason},
                            {"losses", status.losses},
                            {"last_plane_unix_time", lastPlaneTime(status)},
                            {"planes", toJson(status.planes)}}});
    }
    if (status.reconnects > reconnects_) {
        reconnects_ = status.reconnects;
        const double seconds = std::chrono::duration<double>(now - lostAt_).count();
        (void)queue_.push({"returned",
                           {{"reconnects", status.reconnects},
                            {"losses", status.losses},
                            {"away_seconds", std::round(seconds * 1e3) / 1e3}}});
    }
}

}  // namespace fovea
