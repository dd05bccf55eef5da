// SPDX-License-Identifier: Apache-2.0
// What happened, newest at the bottom.
#pragma once

#include "ui/panels/log_model.h"

#include <QComboBox>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <algorithm>

namespace fovea {

/// Threads: GUI.
class LogPanel final : public QWidget {
    Q_OBJECT
public:
    explicit LogPanel(LogModel *model, QWidget *parent = nullptr);
    /// The least level that is listed (spdlog's).
    [[nodiscard]] int level() const { return level_->currentData().toInt(); }
    void setLevel(int level) { level_->setCurrentIndex(std::max(0, level_->findData(level))); }

signals:
    void reportWanted();
    void levelChanged(int level);

private:
    class Filter;
    Filter *filter_;
    QTableView *table_;
    QComboBox *level_;
};

}  // namespace fovea
