// SPDX-License-Identifier: Apache-2.0
// Everything that a bug report needs, as text.
#include "ui/report.h"

#include "ui/panels/health.h"
#include "ui/panels/log_model.h"

#include <QGuiApplication>
#include <QScreen>
#include <QSysInfo>
#include <QThread>

namespace fovea {
namespace {

QString countersText(const SessionStatus &s) {
    QString text = QStringLiteral("state: %1\n").arg(QString::fromUtf8(toString(s.state).data()));
    if (s.source)
        text += QStringLiteral("source: %1, %2, %3 planes/s\n")
                    .arg(QString::fromStdString(s.source->name),
                         QString::fromStdString(toString(s.source->shape)))
                    .arg(s.source->planeRateHz);
    if (s.error)
        text += QStringLiteral("error: %1\n").arg(QString::fromStdString(s.error->message));
    text += QStringLiteral("planes: received %1, delivered %2, dropped %3 (%4), in flight %5\n")
                .arg(s.planes.received)
                .arg(s.planes.delivered)
                .arg(s.planes.droppedTotal())
                .arg(dropsByPlace(s.planes))
                .arg(s.planesInFlight);
    text += QStringLiteral("rates: source %1, engine %2 (busy %3), display %4\n")
                .arg(s.sourceRateHz)
                .arg(s.engineRateHz)
                .arg(s.engineLoad)
                .arg(s.displayRateHz);
    text += QStringLiteral("latency: p50 %1, p99 %2\n")
                .arg(milliseconds(s.latencyP50), milliseconds(s.latencyP99));
    text +=
        QStringLiteral("ring: %1 of %2, reconnects %3, results %4, backend %5 (%7), noise \"%6\"\n")
            .arg(s.ringBlocks)
            .arg(s.ringCapacity)
            .arg(s.reconnects)
            .arg(s.results)
            .arg(QString::fromStdString(s.backend.name), QString::fromStdString(s.noise),
                 QString::fromStdString(s.backend.device + s.backend.reason));
    for (const SinkStatus &sink : s.sinks)
        text += QStringLiteral("output %1: offered %2, written %3, dropped %4, waiting %5 %6\n")
                    .arg(QString::fromStdString(sink.name))
                    .arg(sink.offered)
                    .arg(sink.written)
                    .arg(sink.dropped)
                    .arg(sink.waiting)
                    .arg(QString::fromStdString(sink.error));
    return text;
}

}  // namespace

QString makeReport(const Config &config, const SessionStatus &status, const LogModel &log) {
    QString text = QStringLiteral("Fovea %1, Qt %2, %3, %4, %5 cores\n")
                       .arg(QStringLiteral(FOVEA_VERSION), QString::fromLatin1(qVersion()),
                            QSysInfo::prettyProductName(), QSysInfo::currentCpuArchitecture())
                       .arg(QThread::idealThreadCount());
    if (const QScreen *screen = QGuiApplication::primaryScreen())
        text += QStringLiteral("screen %1x%2 at %3, platform %4\n")
                    .arg(screen->size().width())
                    .arg(screen->size().height())
                    .arg(screen->devicePixelRatio())
                    .arg(QGuiApplication::platformName());
    text += QStringLiteral("\n-- counters\n") + countersText(status);
    text += QStringLiteral("\n-- settings\n") + QString::fromStdString(toYaml(config));
    text += QStringLiteral("\n-- log\n");
    const auto &lines = log.lines();
    const std::size_t first = lines.size() > 200 ? lines.size() - 200 : 0;
    for (std::size_t i = first; i < lines.size(); ++i)
        text += QStringLiteral("%1 [%2] %3\n")
                    .arg(lines[i].time.toString(Qt::ISODateWithMs))
                    .arg(lines[i].level)
                    .arg(lines[i].text);
    return text;
}

}  // namespace fovea
