// SPDX-License-Identifier: Apache-2.0
// The bar at the bottom: is all well, and where not.
#include "ui/panels/status_line.h"

#include "ui/settings/theme.h"

#include <QLocale>
#include <algorithm>

namespace fovea {
namespace {

constexpr double latencyBudget = 0.06;

QString stateText(SourceState state) {
    switch (state) {
    case SourceState::Closed:
        return StatusLine::tr("no source");
    case SourceState::Opening:
        return StatusLine::tr("opening");
    case SourceState::Streaming:
        return {};
    case SourceState::Lost:
        return StatusLine::tr("lost");
    case SourceState::Draining:
        return StatusLine::tr("at the end");
    }
    return {};
}

}  // namespace

StatusLine::StatusLine(QWidget *parent) : QStatusBar(parent) {
    setSizeGripEnabled(false);
    source_ = new QLabel(this);
    source_->setObjectName(QStringLiteral("statusSource"));
    source_->setContentsMargins(0, 2, 8, 2);
    source_->setIndent(10);
    addWidget(source_, 1);
    recording_ = add("statusRecording", tr("Recording: time and size; losses of the recorder"), 0);
    noise_ = add("statusNoise", tr("Noise that is injected"), 0);
    in_ = add("statusIn", tr("Planes a second from the source, and share of what it should give"),
              20);
    engine_ = add("statusEngine", tr("Planes a second through the engine, and how busy it is"), 26);
    display_ = add("statusDisplay", tr("Pictures drawn a second"), 12);
    latency_ =
        add("statusLatency", tr("From the capture of a block to its result: median and p99"), 24);
    lost_ = add("statusLost", {}, 7);
    backend_ = add("statusBackend", tr("What the engine computes on"), 4);
}

QLabel *StatusLine::add(const char *name, const QString &tip, int characters) {
    auto *label = new QLabel(this);
    label->setObjectName(QString::fromLatin1(name));
    label->setToolTip(tip);
    label->setContentsMargins(8, 2, 8, 2);
    // Room for the usual text, so that the line does not jump about.
    label->setMinimumWidth(characters * fontMetrics().averageCharWidth() + 16);
    addPermanentWidget(label);
    return label;
}

void StatusLine::set(QLabel *label, const QString &text, Health health) {
    if (label->text() != text)
        label->setText(text);
    QPalette palette = label->palette();
    if (palette.color(QPalette::WindowText) != healthColour(health)) {
        palette.setColor(QPalette::WindowText, healthColour(health));
        label->setPalette(palette);
    }
    label->setVisible(!text.isEmpty());
}

void StatusLine::show(const SessionStatus &status, const StatusContext &context) {
    QString text;
    Health health = Health::Good;
    if (status.source) {
        const SourceInfo &info = *status.source;
        text = tr("%1   %2x%3 at %4 Hz")
                   .arg(QString::fromStdString(info.name))
                   .arg(info.shape.width)
                   .arg(info.shape.height)
                   .arg(compact(info.planeRateHz));
    }
    const QString state = stateText(status.state);
    if (!state.isEmpty() && !(status.state == SourceState::Closed && status.source))
        text = text.isEmpty() ? state : QStringLiteral("%1   (%2)").arg(text, state);
    if (status.state == SourceState::Lost)
        health = Health::Red;
    set(source_, text, health);
    set(recording_, context.recording, context.recording.isEmpty() ? Health::Good : Health::Red);
    set(noise_, status.noise.empty() ? QString() : tr("noise"), Health::Amber);
    noise_->setToolTip(QString::fromStdString(status.noise));
    showRates(status, context);
    showLosses(status);
    set(backend_, status.source ? QString::fromStdString(status.backend.name) : QString());
    const std::string &about =
        status.backend.device.empty() ? status.backend.reason : status.backend.device;
    backend_->setToolTip(about.empty() ? tr("What the engine computes on")
                                       : QString::fromStdString(about));
}

void StatusLine::showRates(const SessionStatus &status, const StatusContext &context) {
    const bool streaming = status.source && status.state == SourceState::Streaming;
    if (!status.source) {
        for (QLabel *label : {in_, engine_, display_, latency_, lost_})
            set(label, {});
        return;
    }
    // Only a live camera owes us its rate; a recording owes it times the speed.
    const bool live = status.source->live;
    const double factor = live ? 1 : context.speed;
    const double target =
        streaming && context.moving && factor > 0 ? status.source->planeRateHz * factor : 0;
    if (target > 0) {
        set(in_,
            tr("In %1/s  %2 %")
                .arg(compact(status.sourceRateHz))
                .arg(static_cast<int>(std::min(999.0, 100 * status.sourceRateHz / target + 0.5))),
            live ? rateHealth(status.sourceRateHz, target) : Health::Good);
    } else {
        set(in_, tr("In %1/s").arg(compact(status.sourceRateHz)));
    }
    set(engine_,
        tr("Engine %1/s  busy %2 %")
            .arg(compact(status.engineRateHz))
            .arg(static_cast<int>(100 * status.engineLoad + 0.5)),
        live && streaming ? timeHealth(status.engineLoad, 1.0) : Health::Good);
    // Slow play has fewer new planes than the display could show.
    const double wanted = std::min(context.targetRateHz, target > 0 ? target : 0.0);
    set(display_, tr("Display %1 fps").arg(static_cast<int>(context.shownRateHz + 0.5)),
        live && streaming && context.moving ? rateHealth(context.shownRateHz, wanted)
                                            : Health::Good);
    set(latency_,
        tr("Latency %1 / %2").arg(milliseconds(status.latencyP50), milliseconds(status.latencyP99)),
        live && streaming ? timeHealth(status.latencyP99, latencyBudget) : Health::Good);
}

void StatusLine::showLosses(const SessionStatus &status) {
    if (!status.source)
        return;
    const PlaneCounts &counts = status.planes;
    const std::uint64_t lost = lostPlanes(counts);
    QString text = tr("Lost %1").arg(compact(static_cast<double>(lost)));
    if (lost > 0)
        text = tr("Lost %1 %: %2")
                   .arg(100.0 * static_cast<double>(lost) /
                            static_cast<double>(std::max<std::uint64_t>(counts.received, 1)),
                        0, 'f', 2)
                   .arg(dropsByPlace(counts));
    std::uint64_t sinkLost = 0;
    QString outputs;
    for (const SinkStatus &sink : status.sinks) {
        outputs += QStringLiteral("\n%1: %2 / %3 lost")
                       .arg(QString::fromStdString(sink.name))
                       .arg(sink.dropped)
                       .arg(sink.offered);
        sinkLost += sink.dropped;
    }
    if (sinkLost > 0)
        text += tr("  rec %1").arg(compact(static_cast<double>(sinkLost)));
    set(lost_, text, sinkLost > 0 ? Health::Red : lossHealth(lost, counts.received));
    QString tip = tr("Planes lost of %1 received, by place:")
                      .arg(QLocale::c().toString(static_cast<qulonglong>(counts.received)));
    for (std::size_t i = 0; i < dropReasonCount; ++i)
        tip += QStringLiteral("\n%1: %2")
                   .arg(QString::fromUtf8(toString(static_cast<DropReason>(i)).data()))
                   .arg(QLocale::c().toString(static_cast<qulonglong>(counts.dropped[i])));
    lost_->setToolTip(tip + outputs);
}

}  // namespace fovea
