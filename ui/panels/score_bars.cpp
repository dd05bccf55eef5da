// SPDX-License-Identifier: Apache-2.0
// What a network says about its classes.
#include "ui/panels/score_bars.h"

#include "ui/settings/theme.h"

#include <QPainter>
#include <algorithm>
#include <numeric>

namespace fovea {

ScoreBars::ScoreBars(QWidget *parent) : QWidget(parent) {
    setObjectName(QStringLiteral("scoreBars"));
    setAccessibleName(tr("Scores of the classes"));
    setToolTip(tr("What the newest decision gives each class"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    hide();
}

void ScoreBars::show(const NetworkReportPtr &report) {
    const std::size_t before = rows_.size();
    rows_.clear();
    if (report && report->classes && report->classes->size() == report->scores.size()) {
        std::vector<std::size_t> shown(report->scores.size());
        std::iota(shown.begin(), shown.end(), std::size_t{0});
        if (shown.size() > most) {
            std::partial_sort(shown.begin(), shown.begin() + most, shown.end(),
                              [&](std::size_t a, std::size_t b) {
                                  return report->scores[a] > report->scores[b];
                              });
            shown.resize(most);
        }
        for (const std::size_t i : shown)
            rows_.push_back({QString::fromStdString((*report->classes)[i]),
                             static_cast<double>(report->scores[i]),
                             static_cast<int>(i) == report->best});
    }
    if (rows_.size() != before) {
        setVisible(!rows_.empty());
        updateGeometry();
    }
    update();
}

int ScoreBars::rowHeight() const {
    return fontMetrics().height() + 2;
}

/// Many classes stand in two columns.
int ScoreBars::columns() const {
    return rows_.size() > 5 ? 2 : 1;
}

int ScoreBars::lines() const {
    return (static_cast<int>(rows_.size()) + columns() - 1) / columns();
}

QSize ScoreBars::sizeHint() const {
    return {180, lines() * rowHeight()};
}

void ScoreBars::paintEvent(QPaintEvent *) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    constexpr double gap = 16;
    const double column = (width() - gap * (columns() - 1)) / columns();
    double names = 0;
    for (const Row &row : rows_)
        names = std::max(names, QFontMetricsF(font()).horizontalAdvance(row.name) + 8);
    names = std::min(names, column * 0.4);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const int at = static_cast<int>(i);
        paintRow(
            painter, rows_[i],
            QRectF(at / lines() * (column + gap), at % lines() * rowHeight(), column, rowHeight()),
            names);
    }
}

void ScoreBars::paintRow(QPainter &painter, const Row &row, const QRectF &area,
                         double names) const {
    const Colours &c = colours();
    const QFontMetricsF metrics(font());
    const double figures = metrics.horizontalAdvance(QStringLiteral("0.00")) + 8;
    painter.setPen(row.best ? c.text : c.dim);
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(row.name, Qt::ElideRight, names - 6));
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignRight, QString::number(row.score, 'f', 2));
    QRectF bar(area.left() + names, area.center().y() - 3,
               std::max(area.width() - names - figures, 1.0), 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(c.border);
    painter.drawRoundedRect(bar, 3, 3);
    painter.setBrush(row.best ? c.accent : c.dim);
    bar.setWidth(std::clamp(row.score, 0.0, 1.0) * bar.width());
    if (bar.width() >= 1)
        painter.drawRoundedRect(bar, 3, 3);
}

}  // namespace fovea
