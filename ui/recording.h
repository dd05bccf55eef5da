// SPDX-License-Identifier: Apache-2.0
// Starting and stopping the recorder, and what it is doing.
#pragma once

#include "ui/session_controller.h"

#include <QElapsedTimer>
#include <memory>

namespace fovea {

class RecorderSink;

/// Records the spikes as the source gives them (before any noise). Stops by itself when the source
/// is closed or the recorder fails.
///
/// Threads: GUI; the recorder is finished elsewhere.
class Recording final : public QObject {
    Q_OBJECT
public:
    explicit Recording(SessionController &controller);

    [[nodiscard]] bool active() const { return sink_ != nullptr; }
    /// Begins to write `folder`/fovea-<time>.dat; a name that is taken gets a number.
    void start(const QString &folder);
    void stop();
    /// "REC 00:12", empty when not recording.
    [[nodiscard]] QString text() const;

signals:
    void started(const QString &path);
    void finished(const QString &path, quint64 planes, quint64 lost);
    void failed(const QString &message);
    void activeChanged(bool active);

private:
    void watch(const SessionStatus &status);
    void end();
    void sourceEnded();

    SessionController &controller_;
    std::shared_ptr<RecorderSink> sink_;
    OutputId id_ = 0;  ///< 0 until the session has taken it
    QString path_;
    quint64 written_ = 0;
    quint64 dropped_ = 0;
    QElapsedTimer since_;
    Background background_;
};

}  // namespace fovea
