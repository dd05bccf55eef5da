// SPDX-License-Identifier: Apache-2.0
// Before recording: do link, disk and engine keep up with the camera that is open?
#pragma once

#include "engine/pipeline/preflight.h"
#include "engine/pipeline/recordings.h"
#include "ui/session_controller.h"

#include <QElapsedTimer>
#include <map>

namespace fovea {

/// Looks once a second while a live source streams. The engine is judged by how busy it is; the
/// disk is measured once for each folder, not while it records.
///
/// Threads: GUI; disks are asked elsewhere.
class RecordCheck final : public QObject {
    Q_OBJECT
public:
    RecordCheck(SessionController &controller, RecordingShelf &shelf);

    void setFolder(const QString &folder);
    /// While something is being recorded no disk is measured.
    void setRecording(bool recording) { recording_ = recording; }
    /// Without budgets while nothing is known or no live source streams.
    [[nodiscard]] const Preflight &result() const { return result_; }

signals:
    void changed(const fovea::Preflight &result);

private:
    void watch(const SessionStatus &status);
    void look(const SessionStatus &status);
    void tell(Preflight result);

    SessionController &controller_;
    RecordingShelf &shelf_;
    std::filesystem::path folder_;
    std::map<std::filesystem::path, double> speeds_;  ///< measured; 0: could not be
    Preflight result_;
    QElapsedTimer since_;  ///< the last look, or the beginning of the stream
    bool looking_ = false;
    bool recording_ = false;
    Background background_;
};

}  // namespace fovea
