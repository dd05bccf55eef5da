// SPDX-License-Identifier: Apache-2.0
// What happened, newest at the bottom.
#pragma once

#include "ui/panels/log_model.h"

#include <QComboBox>
#include <QSortFilterProxyModel>
#include <QTableView>

namespace fovea {

/// Threads: GUI.
class LogPanel final : public QWidget {
    Q_OBJECT
public:
    explicit LogPanel(LogModel *model, QWidget *parent = nullptr);

signals:
    void reportWanted();

private:
    void setLevel(int level);

    class Filter;
    Filter *filter_;
    QTableView *table_;
    QComboBox *level_;
};

}  // namespace fovea
