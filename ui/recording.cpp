// SPDX-License-Identifier: Apache-2.0
// Starting and stopping the recorder, and what it is doing.
#include "ui/recording.h"

#include "ui/snapshot.h"

#include <QDir>
#include <chrono>
#include <mutex>

namespace fovea {
namespace {

constexpr std::size_t queueBlocks = 24;
constexpr std::chrono::seconds finishLimit{10};
constexpr std::chrono::seconds roomInterval{1};

}  // namespace

/// Passes everything on to the recorder and remembers how it went, whatever becomes of the Session
/// that feeds it.
///
/// Threads: as SpikeSink; news() from any.
class Recording::Sink final : public SpikeSink {
public:
    struct News {
        bool done = false;
        std::string error;
        std::string file;
        quint64 planes = 0;
        std::string room;
    };

    explicit Sink(Recorder recorder) : recorder_(std::move(recorder)) {}
    std::string name() const override { return recorder_.sink->name(); }
    Result<void> begin(const SourceInfo &info) override {
        return keep(recorder_.sink->begin(info));
    }
    Result<void> write(const SpikeBlock &block) override {
        Result<void> done = recorder_.sink->write(block);
        const bool look = std::chrono::steady_clock::now() - looked_ > roomInterval;
        std::string room = look ? recorder_.room() : std::string();
        if (done) {
            const std::lock_guard lock(mutex_);
            news_.planes += block.planeCount();
            if (look)
                news_.room = std::move(room);
        }
        if (look)
            looked_ = std::chrono::steady_clock::now();
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
    std::chrono::steady_clock::time_point looked_{};  ///< for room, by the writing thread
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
    Result<Recorder> recorder =
        shelf_.recorder(controller_.config(), path.toStdString(), "fovea-gui " FOVEA_VERSION);
    if (!recorder) {
        emit failed(QString::fromStdString(recorder.error().message));
        return;
    }
    sink_ = std::make_shared<Sink>(std::move(*recorder));
    since_.start();
    losses_ = controller_.status().losses;
    dropped_ = 0;
    stopping_ = false;
    id_ = 0;
    const bool live = controller_.source()->live;
    background_.run(
        [folder, session = &controller_.session(), sink = sink_, live]() -> Result<OutputId> {
            if (!QDir().mkpath(folder))
                return fail(ErrorCode::Io, "{}: the folder cannot be made", folder.toStdString());
            return session->addOutput({sink, queueBlocks, !live});
        },
        [this, path, sink = sink_](const Result<OutputId> &added) {
            if (sink != sink_)
                return;  // it has ended already
            if (added) {
                id_ = *added;
                emit started(path);
                if (stopping_)
                    remove();
                return;
            }
            end();
            emit failed(QString::fromStdString(added.error().message));
        });
    emit activeChanged(true);
}

void Recording::stop() {
    if (!active() || stopping_)
        return;
    stopping_ = true;
    if (id_ != 0)
        remove();
}

void Recording::remove() {
    background_.run([session = &controller_.session(),
                     id = id_] { return session->removeOutput(id, finishLimit); },
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
    return QStringLiteral("● REC %1:%2%3")
        .arg(seconds / 60, 2, 10, QLatin1Char('0'))
        .arg(seconds % 60, 2, 10, QLatin1Char('0'))
        .arg(QString::fromStdString(sink_->news().room));
}

void Recording::watch(const SessionStatus &status) {
    if (!active())
        return;
    for (const SinkStatus &output : status.sinks)
        if (output.id == id_)
            dropped_ = output.dropped;
    if (status.losses > losses_ && controller_.config().record.onLost == "close")
        stop();
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
