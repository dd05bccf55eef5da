// SPDX-License-Identifier: Apache-2.0
// Starting and stopping the recorder, and what it is doing.
#include "ui/recording.h"

#include "datasets/recorder.h"
#include "ui/snapshot.h"

#include <QDir>
#include <QPointer>
#include <algorithm>

namespace fovea {
namespace {

constexpr std::size_t queueBlocks = 24;
constexpr std::chrono::seconds finishLimit{10};

/// The recorder's own file, or nothing when it wrote none.
QString lastOf(const RecorderSink &sink) {
    const auto &files = sink.recordings();
    return files.empty() ? QString() : QString::fromStdString(files.back().string());
}

}  // namespace

Recording::Recording(SessionController &controller)
    : QObject(&controller), controller_(controller), background_(1) {
    connect(&controller_, &SessionController::statusChanged, this, &Recording::watch);
    connect(&controller_, &SessionController::opening, this, &Recording::sourceEnded);
}

void Recording::start(const QString &folder) {
    if (active() || !controller_.source())
        return;
    path_ = folder + QLatin1Char('/') + fileStem() + QStringLiteral(".dat");
    RecorderOptions options;
    options.path = path_.toStdString();
    options.createdBy = "fovea-gui " FOVEA_VERSION;
    sink_ = std::make_shared<RecorderSink>(std::move(options));
    id_ = 0;
    since_.start();
    written_ = 0;
    dropped_ = 0;
    const bool live = controller_.source()->live;
    background_.run(
        [folder, session = &controller_.session(), sink = sink_, live]() -> Result<OutputId> {
            if (!QDir().mkpath(folder))
                return fail(ErrorCode::Io, "{}: the folder cannot be made", folder.toStdString());
            return session->addOutput({sink, queueBlocks, !live});
        },
        [this](const Result<OutputId> &added) {
            if (added) {
                id_ = *added;
                emit started(path_);
                return;
            }
            end();
            emit failed(QString::fromStdString(added.error().message));
        });
    emit activeChanged(true);
}

void Recording::stop() {
    if (!active() || id_ == 0)
        return;
    background_.run(
        [session = &controller_.session(), sink = sink_, id = id_] {
            const Result<void> done = session->removeOutput(id, finishLimit);
            SinkStatus last;
            for (const SinkStatus &status : session->status().sinks)
                if (status.id == id)
                    last = status;
            if (!done)
                last.error = done.error().message;
            return std::pair{last.error.empty() ? lastOf(*sink) : QString(), last};
        },
        [this](const std::pair<QString, SinkStatus> &result) {
            const auto &[path, last] = result;
            if (last.error.empty())
                emit finished(path, last.written, last.dropped);
            else
                emit failed(QString::fromStdString(last.error));
        });
    end();
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
    const auto found = std::find_if(status.sinks.begin(), status.sinks.end(),
                                    [&](const SinkStatus &sink) { return sink.id == id_; });
    if (found == status.sinks.end())
        return;
    if (!found->error.empty()) {
        const QString message = QString::fromStdString(found->error);
        stop();
        emit failed(tr("Recording stopped: %1").arg(message));
        return;
    }
    written_ = found->written;
    dropped_ = found->dropped;
    if (found->finished)
        sourceEnded();
}

void Recording::sourceEnded() {
    if (!active())
        return;
    end();
    emit finished(path_, written_, dropped_);
}

}  // namespace fovea
