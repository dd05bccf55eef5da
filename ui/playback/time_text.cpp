// SPDX-License-Identifier: Apache-2.0
// Times and planes as people write and read them.
#include "ui/playback/time_text.h"

#include <QLocale>
#include <QRegularExpression>
#include <cmath>

namespace fovea {

QString timeText(double seconds) {
    const QLocale plain = QLocale::c();
    if (seconds < 1)
        return plain.toString(seconds * 1000, 'f', 3) + QStringLiteral(" ms");
    if (seconds < 60)
        return plain.toString(seconds, 'f', 3) + QStringLiteral(" s");
    const auto minutes = static_cast<qlonglong>(seconds / 60);
    const double rest = seconds - 60.0 * static_cast<double>(minutes);
    return QStringLiteral("%1:%2").arg(minutes).arg(rest, 6, 'f', 3, QLatin1Char('0'));
}

QString planeText(std::uint64_t plane) {
    QLocale grouped = QLocale::c();
    grouped.setNumberOptions(QLocale::DefaultNumberOptions);
    return grouped.toString(static_cast<qulonglong>(plane));
}

std::optional<std::uint64_t> parsePlace(const QString &text, double planeRateHz) {
    QString plain = text.trimmed().toLower();
    plain.remove(QLatin1Char(','));
    static const QRegularExpression plane(QStringLiteral("^\\d{1,18}$"));
    static const QRegularExpression time(QStringLiteral("^(\\d+(?:\\.\\d*)?)\\s*(us|ms|s)$"));
    static const QRegularExpression clock(QStringLiteral("^(\\d{1,9}):(\\d{1,2}(?:\\.\\d*)?)$"));
    if (plane.match(plain).hasMatch())
        return plain.toULongLong();
    double seconds = 0;
    if (const auto match = time.match(plain); match.hasMatch()) {
        const double scale = match.captured(2) == QLatin1String("us")   ? 1e-6
                             : match.captured(2) == QLatin1String("ms") ? 1e-3
                                                                        : 1;
        seconds = match.captured(1).toDouble() * scale;
    } else if (const auto hit = clock.match(plain); hit.hasMatch()) {
        seconds = hit.captured(1).toDouble() * 60 + hit.captured(2).toDouble();
    } else {
        return std::nullopt;
    }
    const double found = std::round(seconds * planeRateHz);
    if (!(found < 9e18))
        return std::nullopt;
    return static_cast<std::uint64_t>(found);
}

}  // namespace fovea
