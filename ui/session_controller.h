// SPDX-License-Identifier: Apache-2.0
// The Session as Qt objects see it: polled, never waited for.
#pragma once

#include "engine/pipeline/session.h"
#include "ui/background.h"

#include <QTimer>
#include <functional>
#include <optional>

namespace fovea {

/// Owns the Session; starts and stops it off the GUI thread and asks it for news 60 times a second.
///
/// Threads: GUI.
class SessionController final : public QObject {
    Q_OBJECT
public:
    SessionController(SourceCatalog &catalog, Clock &clock, QObject *parent = nullptr);
    ~SessionController() override;

    /// Closes what is open and opens `source` with the other settings as they are. When calls come
    /// faster than sources open, the last one wins.
    void open(const SourceConfig &source);
    /// Stops; `then` is called when it is done.
    void close(std::function<void()> then = {});

    [[nodiscard]] const Config &config() const { return config_; }
    /// New settings; the part of the source is kept except pace, loop and range.
    void change(const Config &config);

    [[nodiscard]] Session &session() { return *session_; }
    [[nodiscard]] const SessionStatus &status() const { return status_; }
    /// The open source, nothing while none is.
    [[nodiscard]] const std::optional<SourceInfo> &source() const { return source_; }
    /// The newest frame, null before the first one of this source.
    [[nodiscard]] const FrameResultPtr &frame() const { return frame_; }
    [[nodiscard]] bool restarting() const { return restarting_; }
    /// Pictures drawn a second, by the window's own count.
    void countShown() { ++shown_; }
    [[nodiscard]] double shownRateHz() const { return shownRate_; }

signals:
    void opening(const fovea::SourceConfig &source);
    void opened(const fovea::SourceInfo &info);
    void failed(const QString &message);
    void lost(const QString &reason);
    /// Why the newest attempt to open the lost camera again failed.
    void stillLost(const QString &reason);
    void cameBack();
    void frameArrived(const fovea::FrameResultPtr &frame);
    void statusChanged(const fovea::SessionStatus &status);
    /// Each poll: for what moves with time.
    void polled();

private:
    void restart();
    [[nodiscard]] bool applied(const Config &config);
    void poll();
    void readStatus();
    void measureShown();

    std::unique_ptr<Session> session_;
    Config config_;
    SessionStatus status_;
    std::optional<SourceInfo> source_;
    FrameResultPtr frame_;
    bool restarting_ = false;
    bool wanted_ = false;    ///< a source should be open
    bool again_ = false;     ///< settings changed while restarting
    bool reported_ = false;  ///< the failure of this source was told
    bool lost_ = false;
    QString attempt_;  ///< told by stillLost()
    std::function<void()> whenClosed_;
    QTimer timer_;
    int polls_ = 0;
    int shown_ = 0;
    double shownRate_ = 0;
    std::chrono::steady_clock::time_point shownSince_{};
    Background background_;
};

}  // namespace fovea
