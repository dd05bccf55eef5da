// SPDX-License-Identifier: Apache-2.0
// What the transport keys mean: jumps, marks, speeds, backwards.
#include "ui/playback/player.h"

#include <algorithm>

namespace fovea {
namespace {

constexpr auto pendingLimit = std::chrono::milliseconds{500};

}  // namespace

Player::Player(SessionController &controller, QObject *parent)
    : QObject(parent), controller_(controller) {
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
    return SpeedLadder(planeRateHz());
}

double Player::speed() const {
    if (!status_)
        return 1;
    return status_->reverse ? -status_->speed : status_->speed;
}

bool Player::playing() const {
    if (!controller_.source() || controller_.status().finished)
        return false;
    return status_ ? !status_->paused : !held_;
}

void Player::poll() {
    if (pending_ && std::chrono::steady_clock::now() - pendingSince_ > pendingLimit)
        pending_.reset();
    if (controller_.restarting() || !controller_.source()) {
        if (status_) {
            status_.reset();
            emit changed();
        }
        return;
    }
    const bool backwards = status_ && status_->reverse && !status_->paused;
    status_ = controller_.session().playback();
    // Backwards it stops where the pictures still need planes ahead: the first one is fetched.
    if (backwards && status_ && !status_->reverse && status_->paused)
        seek(status_->rangeBegin);
    emit changed();
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
    if (status_->paused)
        run(false);
    else
        pause();
}

void Player::pause() {
    held_ = !status_;
    if (!status_)
        return;
    controller_.session().setPaused(true);
    controller_.session().setReverse(false);
    status_->paused = true;  // as the next poll will find it
    status_->reverse = false;
    emit changed();
}

void Player::run(bool backwards) {
    // The direction first: a recording held at its end would begin again otherwise.
    controller_.session().setReverse(backwards);
    controller_.session().setPaused(false);
    status_->paused = false;
    status_->reverse = backwards;
    emit changed();
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
    const bool again = !status_->paused && status_->reverse == (direction < 0);
    if (again)
        setSpeed(ladder().faster(status_->speed));
    else if (direction < 0 && status_->speed == maxSpeed)
        setSpeed(1);  // the whole recording in a blink helps nobody
    run(direction < 0);
}

void Player::setSpeed(double speed) {
    if (status_)
        edit([&](SourceConfig &source) { source.speed = speed; });
}

void Player::slower() {
    setSpeed(ladder().slower(std::abs(speed())));
}

void Player::faster() {
    setSpeed(ladder().faster(std::abs(speed())));
}

void Player::edit(const std::function<void(SourceConfig &)> &change) {
    Config config = controller_.config();
    change(config.source);
    controller_.change(config);
    if (!controller_.restarting() && controller_.source())
        status_ = controller_.session().playback();
    emit changed();
}

void Player::setRange(std::uint64_t begin, std::uint64_t end) {
    edit([&](SourceConfig &source) {
        source.rangeBegin = begin;
        source.rangeEnd = end == status_->planes ? 0 : end;
    });
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
    if (status_)
        edit([&](SourceConfig &source) { source.loop = loop; });
}

void Player::setEveryPlane(bool everyPlane) {
    if (status_)
        edit([&](SourceConfig &source) { source.everyPlane = everyPlane; });
}

}  // namespace fovea
