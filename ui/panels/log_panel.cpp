// SPDX-License-Identifier: Apache-2.0
// What happened, newest at the bottom.
#include "ui/panels/log_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

namespace fovea {

class LogPanel::Filter final : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setLevel(int level) {
        level_ = level;
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override {
        return sourceModel()->index(row, 0, parent).data(Qt::UserRole).toInt() >= level_;
    }

private:
    int level_ = 2;
};

LogPanel::LogPanel(LogModel *model, QWidget *parent)
    : QWidget(parent), filter_(new Filter(this)), table_(new QTableView(this)),
      level_(new QComboBox(this)) {
    filter_->setSourceModel(model);
    table_->setModel(filter_);
    table_->setObjectName(QStringLiteral("log"));
    table_->setAccessibleName(tr("Log"));
    table_->setShowGrid(false);
    table_->setWordWrap(false);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    table_->setColumnWidth(0, 110);
    table_->setColumnWidth(1, 80);
    table_->setTabKeyNavigation(false);
    level_->setObjectName(QStringLiteral("logLevel"));
    level_->addItem(tr("Everything"), 0);
    level_->addItem(tr("Info and worse"), 2);
    level_->addItem(tr("Warnings and errors"), 3);
    level_->addItem(tr("Errors"), 4);
    level_->setCurrentIndex(1);
    level_->setAccessibleName(tr("Level"));
    auto *report = new QPushButton(tr("Copy report"), this);
    report->setObjectName(QStringLiteral("copyReportButton"));
    report->setToolTip(tr("Copy version, system, settings, counters and log"));
    auto *clear = new QPushButton(tr("Clear"), this);
    clear->setObjectName(QStringLiteral("clearLog"));
    clear->setToolTip(tr("Empty the list"));
    auto *line = new QHBoxLayout;
    line->addWidget(level_);
    line->addStretch();
    line->addWidget(clear);
    line->addWidget(report);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addLayout(line);
    layout->addWidget(table_, 1);

    connect(level_, &QComboBox::currentIndexChanged, this, [this] {
        filter_->setLevel(level());
        emit levelChanged(level());
    });
    connect(clear, &QPushButton::clicked, model, &LogModel::clear);
    connect(report, &QPushButton::clicked, this, &LogPanel::reportWanted);
    connect(model, &QAbstractItemModel::rowsInserted, this, [this] {
        const QScrollBar *bar = table_->verticalScrollBar();
        if (bar->value() >= bar->maximum() - 2)  // somebody who reads further up is left alone
            table_->scrollToBottom();
    });
}

}  // namespace fovea
