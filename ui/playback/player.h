// SPDX-License-Identifier: Apache-2.0
// What the transport keys mean: jumps, marks, speeds, backwards.
#pragma once

#include "ui/playback/speed_ladder.h"
#include "ui/session_controller.h"

#include <chrono>
#include <functional>
#include <optional>

namespace fovea {

/// Turns wishes of a person into commands for the Session, which does the playing. Speed, loop and
/// range are settings; they go the way of all settings, through SessionController::change().
///
/// Threads: GUI.
class Player final : public QObject {
    Q_OBJECT
public:
    explicit Player(SessionController &controller, QObject *parent = nullptr);

    /// The open source can be played like a film.
    [[nodiscard]] bool playable() const { return status_.has_value(); }
    [[nodiscard]] const std::optional<Playback::Status> &status() const { return status_; }
    /// Plane that the picture shows, or that was asked for and is on its way.
    [[nodiscard]] std::uint64_t plane() const;
    [[nodiscard]] double planeRateHz() const;
    [[nodiscard]] SpeedLadder ladder() const;
    /// Multiple of real time; negative backwards, 0 as fast as possible.
    [[nodiscard]] double speed() const;
    [[nodiscard]] bool playing() const;
    /// The picture of a live camera is held still; the camera and a recording go on.
    [[nodiscard]] bool held() const { return held_; }

public slots:
    void playPause();
    void pause();
    void step(qint64 planes);
    void jump(double milliseconds);
    void seek(quint64 plane);
    void toStart();
    void toEnd();
    void shuttle(int direction);
    void setSpeed(double speed);
    void slower();
    void faster();
    void markA();
    void markB();
    void clearMarks();
    void setLoop(bool loop);
    void setEveryPlane(bool everyPlane);

signals:
    /// Position, pace or marks changed, or the source did.
    void changed();

private:
    void poll();
    void run(bool backwards);
    void setRange(std::uint64_t begin, std::uint64_t end);
    void revive();
    void edit(const std::function<void(SourceConfig &)> &change);

    SessionController &controller_;
    std::optional<Playback::Status> status_;
    std::uint64_t shown_ = 0;
    std::optional<std::uint64_t> pending_;  ///< asked for, not yet shown
    std::chrono::steady_clock::time_point pendingSince_{};
    bool held_ = false;
};

}  // namespace fovea
