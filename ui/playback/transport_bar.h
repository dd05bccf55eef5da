// SPDX-License-Identifier: Apache-2.0
// Play, step, seek, speed: what a film player has at the bottom.
#pragma once

#include "ui/actions.h"
#include "ui/playback/player.h"
#include "ui/playback/time_bar.h"

#include <QComboBox>
#include <QLabel>
#include <QToolButton>

namespace fovea {

/// Follows a Player. A live camera has no time bar: it shows how long it has been running.
///
/// Threads: GUI.
class TransportBar final : public QWidget {
    Q_OBJECT
public:
    TransportBar(Player &player, SessionController &controller, Actions &actions,
                 QWidget *parent = nullptr);

    [[nodiscard]] TimeBar *timeBar() const { return bar_; }
    void refreshIcons();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void build();
    [[nodiscard]] QToolButton *button(QAction *action);
    void refresh();
    void refreshSpeeds();
    void takeGaps(const FrameResult &frame);
    [[nodiscard]] bool playsLikeFilm() const;

    Player &player_;
    SessionController &controller_;
    Actions &actions_;
    TimeBar *bar_;
    QLabel *time_;
    QLabel *plane_;
    QLabel *pace_;
    QComboBox *speed_;
    std::uint64_t planes_ = 0;
    double ladderRate_ = 0;
    bool shownPlaying_ = false;
};

}  // namespace fovea
