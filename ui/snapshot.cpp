// SPDX-License-Identifier: Apache-2.0
// A picture as PNG with its facts beside it as JSON.
#include "ui/snapshot.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

namespace fovea {
namespace {

QJsonArray tracksOf(const FrameResult &frame) {
    QJsonArray tracks;
    for (const Track &track : frame.tracks)
        tracks.append(QJsonObject{
            {QStringLiteral("id"), static_cast<qint64>(track.id)},
            {QStringLiteral("score"), static_cast<double>(track.score)},
            {QStringLiteral("box"),
             QJsonArray{static_cast<double>(track.box.x), static_cast<double>(track.box.y),
                        static_cast<double>(track.box.w), static_cast<double>(track.box.h)}}});
    return tracks;
}

/// Makes `path` if it is not there yet; false when it is.
bool reserve(const QString &path) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::NewOnly);
}

}  // namespace

QImage imageOf(const Snapshot &snapshot) {
    if (!snapshot.frame || snapshot.view >= snapshot.frame->views.size())
        return {};
    const Picture &picture = snapshot.frame->views[snapshot.view].picture;
    return QImage(picture.grey.data(), static_cast<int>(picture.shape.width),
                  static_cast<int>(picture.shape.height),
                  static_cast<qsizetype>(picture.shape.width), QImage::Format_Grayscale8)
        .copy();
}

QJsonObject factsOf(const Snapshot &snapshot) {
    const FrameResult &frame = *snapshot.frame;
    const ViewPicture &view = frame.views[snapshot.view];
    const ReconSettings &recon = snapshot.recon;
    return {{QStringLiteral("schema"), 1},
            {QStringLiteral("program"), QStringLiteral("fovea " FOVEA_VERSION)},
            {QStringLiteral("time"), QDateTime::currentDateTime().toString(Qt::ISODateWithMs)},
            {QStringLiteral("source"), QString::fromStdString(snapshot.source)},
            {QStringLiteral("serial"), QString::fromStdString(snapshot.serial)},
            {QStringLiteral("plane"), static_cast<qint64>(view.picture.plane)},
            {QStringLiteral("seconds"), frame.seconds},
            {QStringLiteral("rate_hz"), frame.planeRateHz},
            {QStringLiteral("width"), static_cast<qint64>(view.picture.shape.width)},
            {QStringLiteral("height"), static_cast<qint64>(view.picture.shape.height)},
            {QStringLiteral("method"), QString::fromStdString(view.method)},
            {QStringLiteral("window"), static_cast<qint64>(recon.window)},
            {QStringLiteral("convention"),
             QString::fromStdString(std::string(toString(recon.convention)))},
            {QStringLiteral("reach"), static_cast<qint64>(recon.reach)},
            {QStringLiteral("gain"), recon.gain},
            {QStringLiteral("gamma"), recon.gamma},
            {QStringLiteral("noise"), view.clean ? QString() : QString::fromStdString(frame.noise)},
            {QStringLiteral("tracks"), tracksOf(frame)}};
}

Result<QString> writeSnapshot(const Snapshot &snapshot, const QString &folder,
                              const QString &stem) {
    if (!QDir().mkpath(folder))
        return fail(ErrorCode::Io, "{}: the folder cannot be made", folder.toStdString());
    const QImage image = imageOf(snapshot);
    if (image.isNull())
        return fail(ErrorCode::InvalidArgument, "there is no picture to save");
    QString base = folder + QLatin1Char('/') + stem;
    for (int number = 2; !reserve(base + QStringLiteral(".png")); ++number) {
        if (!QFile::exists(base + QStringLiteral(".png")) || number > 9999)
            return fail(ErrorCode::Io, "{}.png: cannot be written", base.toStdString());
        base = QStringLiteral("%1/%2-%3").arg(folder, stem).arg(number);
    }
    const QString path = base + QStringLiteral(".png");
    if (!image.save(path, "PNG")) {
        QFile::remove(path);
        return fail(ErrorCode::Io, "{}: cannot be written", path.toStdString());
    }
    QSaveFile facts(base + QStringLiteral(".json"));
    if (!facts.open(QIODevice::WriteOnly) ||
        facts.write(QJsonDocument(factsOf(snapshot)).toJson()) < 0 || !facts.commit())
        return fail(ErrorCode::Io, "{}.json: {}", base.toStdString(),
                    facts.errorString().toStdString());
    return path;
}

QString fileStem() {
    return QStringLiteral("fovea-") +
           QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
}

}  // namespace fovea
