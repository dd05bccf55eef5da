// SPDX-License-Identifier: Apache-2.0
// The last messages of the program, for the log panel and the report.
#include "ui/panels/log_model.h"

#include "ui/settings/theme.h"

#include <algorithm>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace fovea {
namespace {

class BufferSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit BufferSink(std::shared_ptr<LogBuffer> buffer) : buffer_(std::move(buffer)) {}

protected:
    void sink_it_(const spdlog::details::log_msg &message) override {
        const auto since = message.time.time_since_epoch();
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
        buffer_->add({QDateTime::fromMSecsSinceEpoch(ms), static_cast<int>(message.level),
                      QString::fromUtf8(message.payload.data(),
                                        static_cast<qsizetype>(message.payload.size()))});
    }
    void flush_() override {}

private:
    std::shared_ptr<LogBuffer> buffer_;
};

QString levelName(int level) {
    switch (level) {
    case spdlog::level::warn:
        return LogModel::tr("warning");
    case spdlog::level::err:
    case spdlog::level::critical:
        return LogModel::tr("error");
    case spdlog::level::info:
        return LogModel::tr("info");
    default:
        return LogModel::tr("detail");
    }
}

}  // namespace

void LogBuffer::add(LogLine line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    if (lines_.size() > maxLines)
        lines_.pop_front();
}

std::vector<LogLine> LogBuffer::takeAll() {
    const std::lock_guard lock(mutex_);
    std::vector<LogLine> result(std::make_move_iterator(lines_.begin()),
                                std::make_move_iterator(lines_.end()));
    lines_.clear();
    return result;
}

LogModel::LogModel(QObject *parent)
    : QAbstractTableModel(parent), sink_(std::make_shared<BufferSink>(buffer_)) {
    spdlog::default_logger()->sinks().push_back(sink_);
    connect(&timer_, &QTimer::timeout, this, &LogModel::fetch);
    timer_.start(200);
}

LogModel::~LogModel() {
    auto &sinks = spdlog::default_logger()->sinks();
    sinks.erase(std::remove(sinks.begin(), sinks.end(), sink_), sinks.end());
}

int LogModel::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(lines_.size());
}

int LogModel::columnCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : 3;
}

QVariant LogModel::data(const QModelIndex &index, int role) const {
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const LogLine &line = lines_[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole) {
        if (index.column() == 0)
            return line.time.toString(QStringLiteral("HH:mm:ss.zzz"));
        return index.column() == 1 ? levelName(line.level) : line.text;
    }
    if (role == Qt::UserRole)
        return line.level;
    if (role == Qt::ToolTipRole && index.column() == 2)
        return line.text;
    if (role == Qt::ForegroundRole) {
        if (line.level >= spdlog::level::err)
            return colours().red;
        if (line.level == spdlog::level::warn)
            return colours().amber;
        return index.column() < 2 ? colours().dim : colours().text;
    }
    return {};
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Time") : section == 1 ? tr("Level") : tr("Message");
}

void LogModel::clear() {
    beginResetModel();
    lines_.clear();
    endResetModel();
}

void LogModel::fetch() {
    std::vector<LogLine> fresh = buffer_->takeAll();
    if (fresh.empty())
        return;
    const int at = rowCount();
    beginInsertRows({}, at, at + static_cast<int>(fresh.size()) - 1);
    for (LogLine &line : fresh)
        lines_.push_back(std::move(line));
    endInsertRows();
    const int over = rowCount() - static_cast<int>(LogBuffer::maxLines);
    if (over <= 0)
        return;
    beginRemoveRows({}, 0, over - 1);
    lines_.erase(lines_.begin(), lines_.begin() + over);
    endRemoveRows();
}

}  // namespace fovea
