// SPDX-License-Identifier: Apache-2.0
// Recordings: dropping, asking for the shape, refusing, remembering; snapshots and recording.
#include "datasets/spike_file.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/shape_dialog.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QClipboard>
#include <QDropEvent>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>
#include <QSpinBox>

namespace fovea::test {
namespace {

void drop(MainWindow &window, const std::filesystem::path &path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QString::fromStdString(path.string()))});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &enter);
    REQUIRE(enter.isAccepted());
    QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &event);
    REQUIRE(event.isAccepted());
}

}  // namespace

TEST_CASE("a dropped recording plays at a pace that can be watched", "[ui]") {
    TestWindow window;
    drop(*window, writeRecording(window.folder() / "drop.dat", 300, 40000));
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().source()->shape == fileShape);
    REQUIRE(waitFor([&] { return window->player().playable(); }));
    REQUIRE(window->player().status()->speed < 0.01);
    REQUIRE(window->player().status()->loop);
    REQUIRE(window->memory().recent.size() == 1);
    REQUIRE(window->windowTitle().contains(QStringLiteral("drop")));
}

TEST_CASE("a header-less file asks for its shape and previews it", "[ui]") {
    TestWindow window;
    const auto file = writeRecording(window.folder() / "bare.dat", 300);
    std::filesystem::remove(sidecarPath(file));
    drop(*window, file);
    REQUIRE(waitFor([&] {
        const auto *dialog = window->findChild<ShapeDialog *>();
        return dialog != nullptr && dialog->isVisible();
    }));
    auto *dialog = window.child<ShapeDialog>("shapeDialog");
    bool possible = false;
    bool told = false;
    QObject::connect(dialog, &ShapeDialog::previewed, [&](bool ok) {
        possible = ok;
        told = true;
    });
    dialog->findChild<QSpinBox *>(QStringLiteral("width"))->setValue(64);
    dialog->findChild<QSpinBox *>(QStringLiteral("height"))->setValue(40);
    REQUIRE(waitFor([&] { return told && dialog->preview().has_value(); }));
    REQUIRE(possible);
    REQUIRE(dialog->preview()->info.planes == 300);
    REQUIRE(dialog->preview()->picture.shape == fileShape);
    // What was seen in the preview is what opens.
    dialog->accept();
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().source()->shape == fileShape);
    REQUIRE(window->controller().source()->planes == 300U);

    // It is not asked twice.
    window->openFile(QString::fromStdString(file.string()));
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().source()->shape == fileShape);
}

TEST_CASE("what is no recording is refused with a reason, and the view goes on", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "good.dat", 300));
    window->openFile(QString::fromStdString((window.folder() / "absent.dat").string()));
    REQUIRE(waitFor([&] { return window->banner().isError(); }));
    REQUIRE(window->banner().text().contains(QStringLiteral("absent.dat")));
    REQUIRE(window->controller().source());
    window.child<QToolButton>("bannerClose")->click();
    REQUIRE_FALSE(window->banner().isError());
    window->openFile(QString::fromStdString(window.folder().path().string()));
    REQUIRE(waitFor([&] { return window->banner().isError(); }));
    REQUIRE(window->controller().source());
}

TEST_CASE("a snapshot is the engine's picture with its facts", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "snap.dat", 300));
    window.goTo(150);
    QStringList saved;
    QObject::connect(&*window, &MainWindow::snapshotSaved,
                     [&](const QString &path) { saved.append(path); });
    window.trigger(Act::Snapshot);
    window.trigger(Act::Snapshot);
    REQUIRE(waitFor([&] { return saved.size() == 2; }));
    REQUIRE(saved[0] != saved[1]);
    const Picture &picture = window->controller().frame()->views[0].picture;
    for (const QString &path : saved) {
        const QImage image = QImage(path).convertToFormat(QImage::Format_Grayscale8);
        REQUIRE(image.width() == static_cast<int>(picture.shape.width));
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                REQUIRE(image.constScanLine(y)[x] ==
                        picture.grey[static_cast<std::size_t>(y) * picture.shape.width +
                                     static_cast<std::size_t>(x)]);
        QFile facts(path.chopped(4) + QStringLiteral(".json"));
        REQUIRE(facts.open(QIODevice::ReadOnly));
        const QJsonObject json = QJsonDocument::fromJson(facts.readAll()).object();
        REQUIRE(json[QStringLiteral("plane")].toInt() == 150);
        REQUIRE(json[QStringLiteral("method")].toString() == QStringLiteral("tfp"));
    }
    window.trigger(Act::CopyPicture);
    REQUIRE(QApplication::clipboard()->image().size() == QSize(64, 40));
    window.trigger(Act::CopyReport);
    REQUIRE(QApplication::clipboard()->text().contains(QStringLiteral("-- counters")));

    // Recording: the file that comes out opens.
    window.trigger(Act::PlayPause);
    window.trigger(Act::Record);
    REQUIRE(window->actions()[Act::Record]->isChecked());
    QTest::qWait(300);
    window.trigger(Act::Record);
    REQUIRE(waitFor([&] { return window->memory().recent.size() == 2; }));
    const auto recorded = SpikeFile::open(window->memory().recent.front().path);
    REQUIRE(recorded);
    REQUIRE(recorded->info().shape == fileShape);
    REQUIRE(recorded->info().storedPlanes > 0);
}

}  // namespace fovea::test
