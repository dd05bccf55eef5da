// SPDX-License-Identifier: Apache-2.0
// What a network says about its classes.
#pragma once

#include "engine/core/network_report.h"

#include <QString>
#include <QWidget>
#include <vector>

namespace fovea {

/// A bar for each class, in the network's order; of many classes only those of the largest scores.
///
/// Threads: GUI.
class ScoreBars final : public QWidget {
    Q_OBJECT
public:
    static constexpr std::size_t most = 10;

    explicit ScoreBars(QWidget *parent = nullptr);
    /// The newest report; null, or one without scores, empties and hides the bars.
    void show(const NetworkReportPtr &report);

    struct Row {
        QString name;
        double score = 0;
        bool best = false;
    };
    [[nodiscard]] const std::vector<Row> &rows() const { return rows_; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintRow(QPainter &painter, const Row &row, const QRectF &area, double names) const;
    [[nodiscard]] int rowHeight() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] int lines() const;

    std::vector<Row> rows_;
};

}  // namespace fovea
