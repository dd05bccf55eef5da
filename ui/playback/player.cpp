// SPDX-License-Identifier: Apache-2.0
// What the transport keys mean: jumps, marks, speeds, backwards.
#include "ui/playback/player.h"

#include <algorithm>
#include <cmath>

namespace fovea {
namespace {

constexpr auto pendingLimit = std::chrono::milliseconds{500};

}  // namespace

Player::Player(SessionController &controller) : QObject(&controller), controller_(controller) {
    connect(&controller_, &SessionController::polled, this, &Player::poll);
    connect(&controller_, &SessionController::frameArrived, this,
            [this](const FrameResultPtr &frame) {
                if (!held_)
                    shown_ = frame->plane;
                if (pending_ == shown_)
                    pending_.reset();
            });
    connect(&controller_, &SessionController::opening, this, [this] {
        status_.reset();
        pending_.reset();
        reverse_ = 0;
        shown_ = 0;
        held_ = false;
        emit changed();
    });
}

std::uint64_t Player::plane() const {
    return pending_.value_or(shown_);
}

double Player::planeRateHz() const {
    const auto &source = controller_.source();
    return source ? source->planeRateHz : 40000;
}

SpeedLadder Player::ladder() const {
    return {planeRateHz(), controller_.config().display.rateHz};
}

double Player::speed() const {
    if (reverse_ > 0)
        return -reverse_;
    return status_ ? status_->speed : 1;
}

bool Player::playing() const {
    if (!controller_.source() || controller_.status().finished)
        return false;
    return reverse_ > 0 || (status_ ? !status_->paused : !held_);
}

void Player::poll() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::min(std::chrono::duration<double>(now - lastPoll_).count(), 0.1);
    lastPoll_ = now;
    if (pending_ && now - pendingSince_ > pendingLimit)
        pending_.reset();
    if (controller_.restarting() || !controller_.source()) {
        if (status_) {
            status_.reset();
            emit changed();
        }
        return;
    }
    status_ = controller_.session().playback();
    if (reverse_ > 0 && status_)
        playBackwards(seconds);
    emit changed();
}

void Player::playBackwards(double seconds) {
    const double first = static_cast<double>(status_->rangeBegin);
    if (reversePlane_ <= first) {
        reverse_ = 0;
        return;
    }
    reversePlane_ = std::max(first, reversePlane_ - reverse_ * planeRateHz() * seconds);
    seek(static_cast<std::uint64_t>(reversePlane_));
}

void Player::revive() {
    // A recording that ran to its end is opened again to be played or looked at once more.
    if (controller_.status().finished && controller_.source())
        controller_.open(controller_.config().source);
}

void Player::playPause() {
    if (controller_.status().finished) {
        revive();
        return;
    }
    if (!status_) {
        held_ = !held_;
        return;
    }
    const bool pauseNow = reverse_ > 0 || !status_->paused;
    reverse_ = 0;
    controller_.session().setPaused(pauseNow);
}

void Player::pause() {
    reverse_ = 0;
    held_ = !status_;
    if (status_)
        controller_.session().setPaused(true);
}

void Player::step(qint64 planes) {
    if (!status_)
        return;
    pause();
    controller_.session().step(planes);
}

void Player::jump(double milliseconds) {
    if (!status_)
        return;
    const double planes = milliseconds / 1000 * planeRateHz();
    const auto first = static_cast<double>(status_->rangeBegin);
    const auto last = static_cast<double>(std::max<std::uint64_t>(status_->rangeEnd, 1) - 1);
    const double target = static_cast<double>(plane()) + planes;
    seek(static_cast<std::uint64_t>(std::clamp(target, first, std::max(first, last))));
}

void Player::seek(quint64 plane) {
    if (!status_)
        return;
    controller_.session().seek(plane);
    pending_ = plane;
    pendingSince_ = std::chrono::steady_clock::now();
    if (reverse_ > 0)
        reversePlane_ = static_cast<double>(plane);
    emit changed();
}

void Player::toStart() {
    if (status_)
        seek(status_->rangeBegin);
}

void Player::toEnd() {
    if (status_ && status_->rangeEnd > 0)
        seek(status_->rangeEnd - 1);
}

void Player::shuttle(int direction) {
    if (!status_)
        return;
    const SpeedLadder steps = ladder();
    if (direction > 0) {
        if (reverse_ == 0 && !status_->paused)
            setSpeed(steps.faster(status_->speed));
        reverse_ = 0;
        controller_.session().setPaused(false);
        return;
    }
    const double present = status_->speed > 0 ? status_->speed : 1;
    const double next = reverse_ > 0 ? steps.faster(reverse_) : present;
    reverse_ = next > 0 ? next : reverse_;
    reversePlane_ = static_cast<double>(plane());
    controller_.session().setPaused(true);
}

void Player::setSpeed(double speed) {
    if (reverse_ > 0 && speed > 0) {
        reverse_ = speed;
        return;
    }
    if (!status_)
        return;
    remember(speed, status_->loop, status_->everyPlane);
}

void Player::slower() {
    setSpeed(ladder().slower(std::abs(speed())));
}

void Player::faster() {
    setSpeed(ladder().faster(std::abs(speed())));
}

void Player::setRange(std::uint64_t begin, std::uint64_t end) {
    Config config = controller_.config();
    config.source.rangeBegin = begin;
    config.source.rangeEnd = end == status_->planes ? 0 : end;
    controller_.change(config);
}

void Player::markA() {
    if (status_)
        setRange(plane(), status_->rangeEnd > plane() ? status_->rangeEnd : status_->planes);
}

void Player::markB() {
    if (status_)
        setRange(status_->rangeBegin <= plane() ? status_->rangeBegin : 0, plane() + 1);
}

void Player::clearMarks() {
    if (status_)
        setRange(0, status_->planes);
}

void Player::setLoop(bool loop) {
    if (!status_)
        return;
    remember(status_->speed, loop, status_->everyPlane);
}

void Player::setEveryPlane(bool everyPlane) {
    if (!status_)
        return;
    remember(status_->speed, status_->loop, everyPlane);
}

void Player::remember(double speed, bool loop, bool everyPlane) {
    Config config = controller_.config();
    config.source.speed = speed;
    config.source.loop = loop;
    config.source.everyPlane = everyPlane;
    controller_.change(config);
}

}  // namespace fovea
