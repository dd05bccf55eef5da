// SPDX-License-Identifier: Apache-2.0
// The last messages of the program, for the log panel and the report.
#pragma once

#include <QAbstractTableModel>
#include <QDateTime>
#include <QString>
#include <QTimer>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace spdlog::sinks {
class sink;
}

namespace fovea {

struct LogLine {
    QDateTime time;
    int level = 2;  ///< spdlog's: 2 info, 3 warning, 4 error
    QString text;
};

/// Where any thread puts messages and the GUI fetches them; keeps a bounded number.
///
/// Threads: any.
class LogBuffer {
public:
    static constexpr std::size_t maxLines = 4000;
    void add(LogLine line);
    [[nodiscard]] std::vector<LogLine> takeAll();

private:
    std::mutex mutex_;
    std::deque<LogLine> lines_;
};

/// Columns: time, level, message. Listens to spdlog's default logger while it lives.
///
/// Threads: GUI; construct before threads log and destroy after them.
class LogModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit LogModel(QObject *parent = nullptr);
    ~LogModel() override;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    [[nodiscard]] const std::deque<LogLine> &lines() const { return lines_; }
    void clear();
    /// Fetches what came since the last time; a timer does so 5 times a second.
    void fetch();

private:
    std::shared_ptr<LogBuffer> buffer_ = std::make_shared<LogBuffer>();
    std::shared_ptr<spdlog::sinks::sink> sink_;
    std::deque<LogLine> lines_;
    QTimer timer_;
};

}  // namespace fovea
