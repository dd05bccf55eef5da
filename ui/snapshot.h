// SPDX-License-Identifier: Apache-2.0
// A picture as PNG with its facts beside it as JSON.
#pragma once

#include "engine/core/frame_sink.h"
#include "engine/pipeline/config.h"

#include <QImage>
#include <QJsonObject>
#include <QString>
#include <optional>

namespace fovea {

/// All that a snapshot needs, taken in the GUI thread; the frame is shared, not copied.
struct Snapshot {
    FrameResultPtr frame;
    std::size_t view = 0;
    ReconSettings recon;
    std::string source;
    std::string serial;
};

/// The picture exactly as the engine made it (8-bit grey). Null when there is no such view.
[[nodiscard]] QImage imageOf(const Snapshot &snapshot);
[[nodiscard]] QJsonObject factsOf(const Snapshot &snapshot);
/// Writes `<stem>.png` and `<stem>.json` in `folder` (made when absent); never overwrites: a name
/// that is taken gets a number. Returns the path of the picture. Threads: any.
[[nodiscard]] Result<QString> writeSnapshot(const Snapshot &snapshot, const QString &folder,
                                            const QString &stem);
/// "fovea-20261123-121500"
[[nodiscard]] QString fileStem();

}  // namespace fovea
