// SPDX-License-Identifier: Apache-2.0
// Starting and stopping the recorder, and what it is doing.
#include "ui/recording.h"

#include "ui/snapshot.h"

#include <QDir>
#include <atomic>
#include <mutex>

namespace fovea {
namespace {

constexpr std::size_t queueBlocks = 24;

}  // namespace

/// Passes everything on to the recorder and remembers how it went, whatever becomes of the Session
/// that feeds it. Its name is its own: two recordings within a second have the same file name.
///
/// Threads: as SpikeSink; news() from any.
class Recording::Sink final : public SpikeSink {
public:
    struct News {
        bool done = false;
        std::string error;
        std::string file;
        quint64 planes = 0;
    };

    explicit Sink(Recorder recorder) : recorder_(std::move(recorder)) {
        static std::atomic<unsigned> count{0};
        name_ = fmt::format("{} #{}", recorder_.sink->name(), ++count);
    }
    std::string name() const override { return name_; }
    Result<void> begin(const SourceInfo &info) override {
        return keep(recorder_.sink->begin(info));
    }
    Result<void> write(const SpikeBlock &block) override {
        Result<void> done = recorder_.sink->write(block);
        if (done) {
            const std::lock_guard lock(mutex_);
            news_.planes += block.planeCount();
        }
        return keep(std::move(done));
    }
    Result<void> finish() override {
        Result<void> done = recorder_.sink->finish();
        const auto files = recorder_.files();
        {
            const std::lock_guard lock(mutex_);
            news_.done = true;
            if (!files.empty())
                news_.file = files.back().string();
        }
        return keep(std::move(done));
    }
    [[nodiscard]] News news() const {
        const std::lock_guard lock(mutex_);
        return news_;
    }

private:
    Result<void> keep(Result<void> result) {
        if (!result) {
            const std::lock_guard lock(mutex_);
            news_.error = result.error().message;
        }
        return result;
    }

    Recorder recorder_;
    std::string name_;
    mutable std::mutex mutex_;
    News news_;
};

Recording::Recording(SessionController &controller, RecordingShelf &shelf)
    : controller_(controller), shelf_(shelf), background_(1) {
    connect(&controller_, &SessionController::statusChanged, this, &Recording::watch);
}

Recording::~Recording() = default;

void Recording::start(const QString &folder) {
    if (active() || !controller_.source())
        return;
    const QString path = folder + QLatin1Char('/') + fileStem() + QStringLiteral(".dat");
    sink_ = std::make_shared<Sink>(shelf_.recorder(path.toStdString(), "fovea-gui " FOVEA_VERSION));
    since_.start();
    dropped_ = 0;
    stopping_ = false;
    const bool live = controller_.source()->live;
    background_.run(
        [folder, session = &controller_.session(), sink = sink_, live] {
            if (!QDir().mkpath(folder))
                return tr("%1: the folder cannot be made").arg(folder);
            session->addSpikeSink(sink, queueBlocks, !live);
            return QString();
        },
        [this, path](const QString &error) {
            if (error.isEmpty()) {
                emit started(path);
                return;
            }
            end();
            emit failed(error);
        });
    emit activeChanged(true);
}

void Recording::stop() {
    if (!active() || stopping_)
        return;
    stopping_ = true;
    background_.run([session = &controller_.session(),
                     name = sink_->name()] { return session->removeSink(name); },
                    [this, sink = sink_](const Result<void> &removed) {
                        if (sink != sink_)
                            return;  // it ended by itself meanwhile, and that was told
                        const Sink::News news = sink->news();
                        end();
                        if (!removed && !news.done)
                            emit failed(QString::fromStdString(removed.error().message));
                        else if (!news.error.empty())
                            emit failed(QString::fromStdString(news.error));
                        else
                            emit finished(QString::fromStdString(news.file), news.planes, dropped_);
                    });
}

void Recording::end() {
    if (!active())
        return;
    sink_.reset();
    emit activeChanged(false);
}

QString Recording::text() const {
    if (!active())
        return {};
    const qint64 seconds = since_.elapsed() / 1000;
    return QStringLiteral("● REC %1:%2")
        .arg(seconds / 60, 2, 10, QLatin1Char('0'))
        .arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

void Recording::watch(const SessionStatus &status) {
    if (!active())
        return;
    for (const SinkStatus &output : status.sinks)
        if (output.name == sink_->name())
            dropped_ = output.dropped;
    const Sink::News news = sink_->news();
    if (!news.error.empty()) {
        stop();
        end();
        emit failed(tr("Recording stopped: %1").arg(QString::fromStdString(news.error)));
    } else if (news.done && !stopping_) {
        end();
        emit finished(QString::fromStdString(news.file), news.planes, dropped_);
    }
}

}  // namespace fovea
