// SPDX-License-Identifier: Apache-2.0
// How busy each layer of a network is, and was.
#pragma once

#include "engine/core/network_report.h"

#include <QString>
#include <QWidget>
#include <deque>
#include <vector>

namespace fovea {

/// A line for each spiking layer: its name, its rate over the last decisions, its rate now.
///
/// Threads: GUI.
class RateChart final : public QWidget {
    Q_OBJECT
public:
    static constexpr std::size_t history = 120;  ///< readings

    explicit RateChart(QWidget *parent = nullptr);
    /// The newest report; null or another model empties the chart first.
    void show(const NetworkReportPtr &report);
    /// Layers that are shown.
    [[nodiscard]] std::size_t layers() const { return rows_.size(); }
    /// Rates of layer `index`, oldest first.
    [[nodiscard]] const std::deque<double> &rates(std::size_t index) const {
        return rows_[index].rates;
    }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Row {
        QString name;
        std::deque<double> rates;
    };
    void paintRow(QPainter &painter, const Row &row, const QRectF &area, double highest) const;
    [[nodiscard]] int rowHeight() const;

    std::vector<Row> rows_;
    std::string model_;
};

}  // namespace fovea
