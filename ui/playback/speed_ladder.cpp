// SPDX-License-Identifier: Apache-2.0
// The speeds of engine/core/speed_ladder.h in words.
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

SpeedLadder::SpeedLadder(double planeRateHz)
    : planeRateHz_(planeRateHz > 0 ? planeRateHz : 40000), rungs_(speedLadder(planeRateHz_)) {}

QString SpeedLadder::label(std::size_t rung) const {
    return translated(std::string(rungs_[rung].label).c_str());
}

std::size_t SpeedLadder::nearest(double speed) const {
    std::size_t best = rungs_.size() - 1;
    double distance = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; speed > 0 && i + 1 < rungs_.size(); ++i) {
        const double d = std::abs(std::log(rungs_[i].speed / speed));
        if (d < distance) {
            distance = d;
            best = i;
        }
    }
    return best;
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
    const double planes = speed * planeRateHz_ / displayRateHz;
    const QString amount = QLocale::c().toString(planes, 'f', planes < 100 ? 1 : 0);
    const QString factor = speed >= 1 ? QStringLiteral("%1x").arg(speed)
                                      : QStringLiteral("1/%1x").arg(std::lround(1 / speed));
    return translated("%1, %2 planes/frame").arg(factor, amount);
}

}  // namespace fovea
