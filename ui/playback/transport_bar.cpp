// SPDX-License-Identifier: Apache-2.0
// Play, step, seek, speed: what a film player has at the bottom.
#include "ui/playback/transport_bar.h"

#include "ui/playback/time_text.h"
#include "ui/settings/theme.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <cmath>

namespace fovea {

TransportBar::TransportBar(Player &player, SessionController &controller, Actions &actions,
                           QWidget *parent)
    : QWidget(parent), player_(player), controller_(controller), actions_(actions),
      bar_(new TimeBar(this)), time_(new QLabel(this)), plane_(new QLabel(this)),
      pace_(new QLabel(this)), speed_(new QComboBox(this)) {
    build();
    connect(bar_, &TimeBar::seekWanted, &player_, &Player::seek);
    connect(&player_, &Player::changed, this, &TransportBar::refresh);
    connect(speed_, &QComboBox::currentIndexChanged, this, [this](int index) {
        const SpeedLadder ladder = player_.ladder();
        if (index >= 0 && static_cast<std::size_t>(index) < ladder.size())
            player_.setSpeed(ladder.speed(static_cast<std::size_t>(index)));
    });
    connect(&controller_, &SessionController::opened, this, [this](const SourceInfo &info) {
        planes_ = info.planes.value_or(0);
        bar_->setRecording(planes_, info.planeRateHz);
    });
    connect(&controller_, &SessionController::frameArrived, this,
            [this](const FrameResultPtr &frame) { takeGaps(*frame); });
    refresh();
}

void TransportBar::build() {
    bar_->setObjectName(QStringLiteral("timeBar"));
    time_->setObjectName(QStringLiteral("time"));
    plane_->setObjectName(QStringLiteral("plane"));
    pace_->setObjectName(QStringLiteral("pace"));
    speed_->setObjectName(QStringLiteral("speed"));
    speed_->setToolTip(tr("How fast the recording plays"));
    speed_->setAccessibleName(tr("Speed"));
    speed_->setMaxVisibleItems(20);
    speed_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    for (QLabel *label : {plane_, pace_})
        label->setProperty("role", QStringLiteral("dim"));
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    time_->setMinimumWidth(digit * 20);
    plane_->setMinimumWidth(digit * 20);
    pace_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);

    auto *line = new QHBoxLayout;
    line->setContentsMargins(8, 0, 8, 6);
    line->setSpacing(2);
    for (const Act act : {Act::ToStart, Act::ShuttleBack, Act::StepBack, Act::PlayPause,
                          Act::StepForward, Act::ToEnd})
        line->addWidget(button(actions_[act]));
    line->addSpacing(10);
    for (const Act act : {Act::MarkA, Act::MarkB, Act::Loop})
        line->addWidget(button(actions_[act]));
    line->addSpacing(14);
    line->addWidget(time_);
    line->addWidget(plane_);
    line->addStretch();
    line->addWidget(pace_);
    line->addSpacing(8);
    line->addWidget(speed_);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 0, 0);
    layout->setSpacing(1);
    layout->addWidget(bar_);
    layout->addLayout(line);
    // Small windows keep the buttons, the time and the speed.
    setMinimumWidth(digit * 20 + speed_->minimumSizeHint().width() + 9 * 32 + 50);
    plane_->hide();
    pace_->hide();
}

void TransportBar::resizeEvent(QResizeEvent *event) {
    QWidget::resizeEvent(event);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    plane_->setVisible(width() > minimumWidth() + digit * 21);
    pace_->setVisible(width() > minimumWidth() + digit * 50);
}

QToolButton *TransportBar::button(QAction *action) {
    auto *result = new QToolButton(this);
    result->setDefaultAction(action);
    result->setObjectName(QStringLiteral("transport.") + action->objectName());
    result->setAutoRaise(true);
    result->setIconSize({20, 20});
    result->setFocusPolicy(Qt::TabFocus);
    return result;
}

bool TransportBar::playsLikeFilm() const {
    return player_.playable() && planes_ > 0;
}

void TransportBar::refreshIcons() {
    actions_[Act::PlayPause]->setIcon(
        themedIcon(shownPlaying_ ? QStringLiteral("pause") : QStringLiteral("play")));
}

void TransportBar::refreshSpeeds() {
    const SpeedLadder ladder = player_.ladder();
    const QSignalBlocker block(speed_);
    if (ladderRate_ != player_.planeRateHz()) {
        ladderRate_ = player_.planeRateHz();
        speed_->clear();
        for (std::size_t i = 0; i < ladder.size(); ++i)
            speed_->addItem(ladder.label(i));
    }
    const double speed = player_.speed();
    speed_->setCurrentIndex(static_cast<int>(ladder.nearest(std::abs(speed))));
    const QString pace =
        speed < 0 ? tr("backwards %1").arg(ladder.describe(-speed)) : ladder.describe(speed);
    if (pace_->text() != pace) {
        pace_->setText(pace);
        speed_->setToolTip(tr("How fast the recording plays: %1").arg(pace));
    }
}

void TransportBar::refresh() {
    const bool film = playsLikeFilm();
    if (bar_->isVisibleTo(this) != film)
        bar_->setVisible(film);
    if (speed_->isEnabled() != film)
        speed_->setEnabled(film);
    refreshSpeeds();
    if (!film)
        pace_->setText(controller_.source() ? tr("live") : QString());
    const std::uint64_t plane = player_.plane();
    const double rate = player_.planeRateHz();
    const QString now = timeText(static_cast<double>(plane) / rate);
    if (film) {
        const Playback::Status &status = *player_.status();
        bar_->setPlane(plane);
        bar_->setMarks(status.rangeBegin, status.rangeEnd);
        time_->setText(
            QStringLiteral("%1 / %2").arg(now, timeText(static_cast<double>(planes_) / rate)));
        plane_->setText(tr("plane %1 / %2").arg(planeText(plane), planeText(planes_)));
    } else {
        time_->setText(controller_.source() ? now : QString());
        plane_->setText(controller_.source() ? tr("plane %1").arg(planeText(plane)) : QString());
    }
    if (player_.playing() != shownPlaying_) {
        shownPlaying_ = player_.playing();
        refreshIcons();
    }
}

void TransportBar::takeGaps(const FrameResult &frame) {
    if (!frame.block || planes_ == 0)
        return;
    const SpikeBlock &block = *frame.block;
    for (const Gap &gap : block.gaps()) {
        // What noise takes away or replay skips is not missing from the recording.
        if (gap.reason != DropReason::Link && gap.reason != DropReason::Sink)
            continue;
        const std::uint64_t next = gap.beforeIndex < block.planeCount()
                                       ? block.planeNumber(gap.beforeIndex)
                                       : block.endPlane();
        bar_->addGap({next - std::min(next, gap.planes), next});
    }
}

}  // namespace fovea
