// SPDX-License-Identifier: Apache-2.0
// The speeds a person can choose, from one plane a frame to as fast as possible.
#include "ui/playback/speed_ladder.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>
#include <limits>

namespace fovea {
namespace {

QString translated(const char *text) {
    return QCoreApplication::translate("fovea::SpeedLadder", text);
}

}  // namespace

SpeedLadder::SpeedLadder(double planeRateHz, double displayRateHz)
    : planeRateHz_(planeRateHz > 0 ? planeRateHz : 40000),
      displayRateHz_(displayRateHz > 0 ? displayRateHz : 60) {
    for (const int part : {1000, 500, 200, 100, 50, 20, 10, 5, 2})
        rungs_.push_back({1.0 / part, QStringLiteral("1/%1x").arg(part)});
    rungs_.push_back({1, QStringLiteral("1x")});
    rungs_.push_back({2, QStringLiteral("2x")});
    const SpeedRung single{displayRateHz_ / planeRateHz_, translated("1 plane/frame")};
    const auto place = std::find_if(rungs_.begin(), rungs_.end(), [&](const SpeedRung &rung) {
        return rung.speed >= single.speed;
    });
    rungs_.insert(place, single);
    rungs_.push_back({0, translated("max")});
}

std::size_t SpeedLadder::nearest(double speed) const {
    if (speed <= 0)
        return rungs_.size() - 1;
    std::size_t best = 0;
    double distance = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i + 1 < rungs_.size(); ++i) {
        const double d = std::abs(std::log(rungs_[i].speed / speed));
        if (d < distance) {
            distance = d;
            best = i;
        }
    }
    return best;
}

double SpeedLadder::slower(double speed) const {
    const std::size_t at = nearest(speed);
    return rungs_[at > 0 ? at - 1 : 0].speed;
}

double SpeedLadder::faster(double speed) const {
    return rungs_[std::min(nearest(speed) + 1, rungs_.size() - 1)].speed;
}

double SpeedLadder::comfortable(double planes) const {
    constexpr double seconds = 4;
    const double wished = planes / planeRateHz_ / seconds;
    double best = rungs_.front().speed;
    for (const SpeedRung &rung : rungs_)
        if (rung.speed > 0 && rung.speed <= std::min(wished, 1.0))
            best = rung.speed;
    return best;
}

QString SpeedLadder::describe(double speed) const {
    if (speed <= 0)
        return translated("max");
    const double planes = speed * planeRateHz_ / displayRateHz_;
    const QString amount = QLocale::c().toString(planes, 'f', planes < 100 ? 1 : 0);
    const QString factor = speed >= 1 ? QStringLiteral("%1x").arg(speed)
                                      : QStringLiteral("1/%1x").arg(std::lround(1 / speed));
    return translated("%1, %2 planes/frame").arg(factor, amount);
}

}  // namespace fovea
