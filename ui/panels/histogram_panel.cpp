// SPDX-License-Identifier: Apache-2.0
// Histogram of the active view with its figures.
#include "ui/panels/histogram_panel.h"

#include "ui/settings/theme.h"

#include <QHBoxLayout>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace fovea {

HistogramPlot::HistogramPlot(QWidget *parent) : QWidget(parent) {
    setAccessibleName(tr("Histogram"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void HistogramPlot::setHistogram(const Histogram &histogram) {
    histogram_ = histogram;
    update();
}

void HistogramPlot::setLogarithmic(bool logarithmic) {
    logarithmic_ = logarithmic;
    update();
}

QRectF HistogramPlot::plotRect() const {
    return QRectF(rect()).adjusted(1, 4, -1, -2);
}

void HistogramPlot::paintEvent(QPaintEvent *) {
    const Colours &c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(c.border);
    painter.setBrush(c.base);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    const QRectF area = plotRect();
    QColor line = c.border;
    line.setAlpha(140);
    painter.setPen(line);
    for (int quarter = 1; quarter < 4; ++quarter) {
        const double x = area.left() + area.width() * quarter / 4;
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    if (histogram_.pixels == 0)
        return;
    const auto height = [&](std::uint32_t count) {
        return logarithmic_ ? std::log1p(static_cast<double>(count)) : static_cast<double>(count);
    };
    double highest = 1;
    for (const std::uint32_t count : histogram_.counts)
        highest = std::max(highest, height(count));
    const double width = area.width() / 256;
    QPainterPath path(area.bottomLeft());
    for (int value = 0; value < 256; ++value) {
        const double y =
            area.bottom() - area.height() * height(histogram_.counts[std::size_t(value)]) / highest;
        path.lineTo(area.left() + value * width, y);
        path.lineTo(area.left() + (value + 1) * width, y);
    }
    path.lineTo(area.bottomRight());
    QColor fill = c.accent;
    fill.setAlpha(150);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPath(path);
    painter.setPen(QPen(c.text, 1, Qt::DotLine));
    const double mean = area.left() + (histogram_.mean + 0.5) * width;
    painter.drawLine(QPointF(mean, area.top()), QPointF(mean, area.bottom()));
}

bool HistogramPlot::event(QEvent *event) {
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QRectF area = plotRect();
        const int value = std::clamp(
            static_cast<int>((help->pos().x() - area.left()) / area.width() * 256), 0, 255);
        QToolTip::showText(help->globalPos(),
                           tr("grey %1: %2 pixels")
                               .arg(value)
                               .arg(histogram_.counts[static_cast<std::size_t>(value)]),
                           this);
        return true;
    }
    return QWidget::event(event);
}

HistogramPanel::HistogramPanel(QWidget *parent)
    : QWidget(parent), plot_(new HistogramPlot(this)), log_(new QCheckBox(tr("Log"), this)),
      range_(new QLabel(this)), clipped_(new QLabel(this)) {
    log_->setObjectName(QStringLiteral("histogramLog"));
    log_->setToolTip(tr("Logarithmic counts"));
    range_->setObjectName(QStringLiteral("histogramRange"));
    clipped_->setObjectName(QStringLiteral("histogramClipped"));
    clipped_->setToolTip(tr("Share of pixels at 0 and at 255"));
    auto *figures = new QVBoxLayout;
    figures->setSpacing(1);
    figures->addWidget(range_);
    figures->addWidget(clipped_);
    auto *line = new QHBoxLayout;
    line->addLayout(figures, 1);
    line->addWidget(log_, 0, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addWidget(plot_, 1);
    layout->addLayout(line);
    connect(log_, &QCheckBox::toggled, plot_, &HistogramPlot::setLogarithmic);
    connect(log_, &QCheckBox::toggled, this, &HistogramPanel::logarithmicChanged);
    show({});
}

void HistogramPanel::show(std::span<const std::uint8_t> grey) {
    histogram_ = histogramOf(grey);
    plot_->setHistogram(histogram_);
    if (grey.empty()) {
        range_->setText(tr("no picture"));
        clipped_->setText({});
        return;
    }
    range_->setText(tr("mean %1   min %2   max %3")
                        .arg(histogram_.mean, 0, 'f', 1)
                        .arg(histogram_.min)
                        .arg(histogram_.max));
    clipped_->setText(tr("black %1 %   clipped %2 %")
                          .arg(histogram_.black * 100, 0, 'f', 1)
                          .arg(histogram_.white * 100, 0, 'f', 1));
}

}  // namespace fovea
