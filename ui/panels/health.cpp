// SPDX-License-Identifier: Apache-2.0
// When a figure is worth worrying about (the limits of OBS Studio's statistics).
#include "ui/panels/health.h"

#include "ui/settings/theme.h"

#include <QLocale>
#include <QStringList>
#include <cmath>

namespace fovea {

Health lossHealth(std::uint64_t lost, std::uint64_t total) {
    if (total == 0 || lost == 0)
        return Health::Good;
    const double share = static_cast<double>(lost) / static_cast<double>(total);
    return share > 0.05 ? Health::Red : share > 0.01 ? Health::Amber : Health::Good;
}

Health rateHealth(double rate, double target) {
    if (target <= 0)
        return Health::Good;
    return rate < 0.80 * target ? Health::Red : rate < 0.95 * target ? Health::Amber : Health::Good;
}

Health timeHealth(double seconds, double budget) {
    return seconds > budget ? Health::Red : seconds > 0.75 * budget ? Health::Amber : Health::Good;
}

std::uint64_t lostPlanes(const PlaneCounts &counts) {
    std::uint64_t lost = 0;
    for (const DropReason reason :
         {DropReason::Link, DropReason::Buffer, DropReason::Ring, DropReason::Engine})
        lost += counts.of(reason);
    return lost;
}

QString dropsByPlace(const PlaneCounts &counts) {
    QStringList parts;
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        if (counts.dropped[i] > 0) {
            const std::string_view name = toString(static_cast<DropReason>(i));
            parts.append(QStringLiteral("%1 %2").arg(
                QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())),
                compact(static_cast<double>(counts.dropped[i]))));
        }
    return parts.join(QStringLiteral(", "));
}

QColor healthColour(Health health) {
    switch (health) {
    case Health::Amber:
        return colours().amber;
    case Health::Red:
        return colours().red;
    case Health::Good:
        break;
    }
    return colours().text;
}

QString compact(double value) {
    const QLocale plain = QLocale::c();
    if (value >= 1e9)
        return plain.toString(value / 1e9, 'f', 2) + QLatin1Char('G');
    if (value >= 1e6)
        return plain.toString(value / 1e6, 'f', 2) + QLatin1Char('M');
    if (value >= 1e4)
        return plain.toString(value / 1e3, 'f', 1) + QLatin1Char('k');
    return plain.toString(value, 'f', 0);
}

QString milliseconds(double seconds) {
    const double ms = seconds * 1000;
    return QLocale::c().toString(ms, 'f', ms < 100 ? 1 : 0) + QStringLiteral(" ms");
}

}  // namespace fovea
