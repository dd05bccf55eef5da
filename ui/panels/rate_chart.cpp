// SPDX-License-Identifier: Apache-2.0
// How busy each layer of a network is, and was.
#include "ui/panels/rate_chart.h"

#include "ui/settings/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace fovea {
namespace {

constexpr std::size_t maxRows = 24;

std::vector<const LayerActivity *> firing(const NetworkReport &report) {
    std::vector<const LayerActivity *> layers;
    for (const LayerActivity &layer : report.layers)
        if (layer.fires && layers.size() < maxRows)
            layers.push_back(&layer);
    return layers;
}

}  // namespace

RateChart::RateChart(QWidget *parent) : QWidget(parent) {
    setObjectName(QStringLiteral("rateChart"));
    setAccessibleName(tr("Spike rates of the layers"));
    setToolTip(tr("Spikes per neuron and step of each layer, over the last decisions and now"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RateChart::show(const NetworkReportPtr &report) {
    const auto layers = report ? firing(*report) : std::vector<const LayerActivity *>{};
    if (!report || report->model != model_ || layers.size() != rows_.size()) {
        rows_.clear();
        model_ = report ? report->model : std::string();
        for (const LayerActivity *layer : layers)
            rows_.push_back({QString::fromStdString(layer->name), {}});
        updateGeometry();
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        rows_[i].rates.push_back(layers[i]->rate);
        if (rows_[i].rates.size() > history)
            rows_[i].rates.pop_front();
    }
    update();
}

int RateChart::rowHeight() const {
    return fontMetrics().height() + 8;
}

QSize RateChart::sizeHint() const {
    return {180, static_cast<int>(std::max<std::size_t>(rows_.size(), 2)) * rowHeight() + 8};
}

void RateChart::paintEvent(QPaintEvent *) {
    const Colours &c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(c.border);
    painter.setBrush(c.base);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    if (rows_.empty()) {
        painter.setPen(c.dim);
        painter.drawText(rect(), Qt::AlignCenter, tr("no network runs"));
        return;
    }
    double highest = 0.01;
    for (const Row &row : rows_)
        for (const double rate : row.rates)
            highest = std::max(highest, rate);
    for (std::size_t i = 0; i < rows_.size(); ++i)
        paintRow(painter, rows_[i],
                 QRectF(8, 4 + static_cast<double>(i) * rowHeight(), width() - 16, rowHeight()),
                 highest);
}

void RateChart::paintRow(QPainter &painter, const Row &row, const QRectF &area,
                         double highest) const {
    const Colours &c = colours();
    const QFontMetricsF metrics(font());
    const double names = std::min(area.width() * 0.35, 110.0);
    const double figures = metrics.horizontalAdvance(QStringLiteral("0.000")) + 4;
    painter.setPen(c.dim);
    painter.drawText(QRectF(area.left(), area.top(), names, area.height()), Qt::AlignVCenter,
                     metrics.elidedText(row.name, Qt::ElideMiddle, names - 6));
    painter.setPen(c.text);
    painter.drawText(QRectF(area.right() - figures, area.top(), figures, area.height()),
                     Qt::AlignVCenter | Qt::AlignRight, QString::number(row.rates.back(), 'f', 3));
    const QRectF plot(area.left() + names, area.top() + 3, area.width() - names - figures - 6,
                      area.height() - 6);
    QPainterPath line;
    for (std::size_t i = 0; i < row.rates.size(); ++i) {
        const double age = static_cast<double>(row.rates.size() - 1 - i);
        const QPointF at(plot.right() - age * plot.width() / (history - 1),
                         plot.bottom() - row.rates[i] / highest * plot.height());
        i == 0 ? line.moveTo(at) : line.lineTo(at);
    }
    QColor faint = c.border;
    painter.setPen(faint);
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(c.accent, 1.4));
    painter.drawPath(line);
}

}  // namespace fovea
