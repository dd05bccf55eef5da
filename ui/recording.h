// SPDX-License-Identifier: Apache-2.0
// Starting and stopping the recorder, and what it is doing.
#pragma once

#include "engine/pipeline/recordings.h"
#include "ui/session_controller.h"

#include <QElapsedTimer>
#include <memory>

namespace fovea {

/// Records the spikes as the source gives them (before any noise). Stops by itself when the source
/// is closed, the recorder fails, or, if so wished, the camera is lost. Destroy it before the
/// controller: it waits for its recorder.
///
/// Threads: GUI; the recorder is finished elsewhere.
class Recording final : public QObject {
    Q_OBJECT
public:
    Recording(SessionController &controller, RecordingShelf &shelf);
    ~Recording() override;

    [[nodiscard]] bool active() const { return sink_ != nullptr; }
    /// Begins to write `folder`/fovea-<time>.dat; a name that is taken gets a number.
    void start(const QString &folder);
    void stop();
    /// "● REC 00:12, 3.20 GB, full in 2:07 h", empty when not recording.
    [[nodiscard]] QString text() const;

signals:
    void started(const QString &path);
    /// `path`: the file that was written, the last one when a seek made it several.
    void finished(const QString &path, quint64 planes, quint64 lost);
    void failed(const QString &message);
    void activeChanged(bool active);

private:
    class Sink;
    void watch(const SessionStatus &status);
    void remove();
    void end();

    SessionController &controller_;
    RecordingShelf &shelf_;
    std::shared_ptr<Sink> sink_;
    OutputId id_ = 0;        ///< 0 until the session has taken it
    bool stopping_ = false;  ///< asked for; done as soon as there is an id
    quint64 dropped_ = 0;
    quint64 losses_ = 0;  ///< of the camera, when it began
    QElapsedTimer since_;
    Background background_;
};

}  // namespace fovea
