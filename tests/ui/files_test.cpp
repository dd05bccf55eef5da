// SPDX-License-Identifier: Apache-2.0
// Recordings: dropping, asking for the shape, refusing, remembering; snapshots and recording.
#include "tests/ui/window_fixture.h"
#include "ui/panels/shape_dialog.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QClipboard>
#include <QDropEvent>
#include <QFile>
#include <QInputDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>
#include <QSpinBox>
#include <set>

namespace fovea::test {
namespace {

void drop(MainWindow &window, const std::vector<std::filesystem::path> &paths) {
    QMimeData data;
    QList<QUrl> urls;
    for (const auto &path : paths)
        urls.append(QUrl::fromLocalFile(QString::fromStdString(path.string())));
    data.setUrls(urls);
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
    drop(*window, {writeRecording(window.folder() / "drop.dat", 300, 40000)});
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
    drop(*window, {file});
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
    REQUIRE(dialog->preview()->look.planes == 300);
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
    std::filesystem::create_directories(window.folder() / "empty");
    window->openPath(QString::fromStdString((window.folder() / "empty").string()));
    REQUIRE(waitFor([&] { return window->banner().isError(); }));
    REQUIRE(window->banner().text().contains(QStringLiteral("no recording")));
    REQUIRE(window->controller().source());
}

TEST_CASE("a dropped folder opens its recording, or asks which", "[ui]") {
    TestWindow window;
    const std::filesystem::path root = window.folder() / "set";
    std::filesystem::create_directories(root / "data");
    // As SpikeCV lays it out: config.yaml above, bare spikes below.
    const auto file = writeRecording(root / "data" / "one.dat", 300);
    std::filesystem::remove(sidecarPath(file));
    QFile config(QString::fromStdString((root / "config.yaml").string()));
    REQUIRE(config.open(QIODevice::WriteOnly));
    config.write("spike_w: 64\nspike_h: 40\nis_labeled: false\n");
    config.close();
    drop(*window, {root});
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(window->controller().source()->shape == fileShape);
    REQUIRE(window->controller().config().source.path == file.string());

    const auto second = writeRecording(root / "data" / "two.dat", 200);
    drop(*window, {root});
    const auto ask = [&]() -> QInputDialog * {
        for (auto *dialog : window->findChildren<QInputDialog *>())
            if (dialog->isVisible())
                return dialog;
        return nullptr;
    };
    REQUIRE(waitFor([&] { return ask() != nullptr; }));
    REQUIRE(ask()->comboBoxItems() ==
            QStringList{QStringLiteral("data/one.dat"), QStringLiteral("data/two.dat")});
    ask()->setTextValue(QStringLiteral("data/two.dat"));
    ask()->accept();
    REQUIRE(waitFor([&] { return window->controller().config().source.path == second.string(); }));

    // Several files at once: none is left out without a word.
    REQUIRE(waitFor([&] { return ask() == nullptr; }));
    drop(*window, {file, second});
    REQUIRE(waitFor([&] { return ask() != nullptr; }));
    REQUIRE(ask()->comboBoxItems().size() == 2);
    ask()->reject();
}

TEST_CASE("of several files asked for the last one wins", "[ui]") {
    TestWindow window;
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < 6; ++i)
        files.push_back(writeRecording(window.folder() / fmt::format("f{}.dat", i), 100));
    for (int round = 0; round < 5; ++round) {
        for (const auto &file : files)
            window->openFile(QString::fromStdString(file.string()));
        REQUIRE(waitFor(
            [&] { return window->controller().config().source.path == files.back().string(); }));
        QTest::qWait(150);
        REQUIRE(window->controller().config().source.path == files.back().string());
        window->openFile(QString::fromStdString(files.front().string()));
        window->openSource({});  // what is being looked into does not come after it
        QTest::qWait(150);
        REQUIRE(window->controller().config().source.kind == "synthetic");
    }
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
    const auto recorded = makeRecordingShelf()->look(window->memory().recent.front(), 0);
    REQUIRE(recorded);
    REQUIRE(recorded->shape == fileShape);
    REQUIRE(recorded->planes > 0);
}

TEST_CASE("two recordings within a second are two files, and each is told by its name", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "source.dat", 2000));
    window->player().setSpeed(1);
    window.trigger(Act::PlayPause);
    std::set<std::string> told;
    for (int i = 0; i < 3; ++i) {
        window.trigger(Act::Record);
        REQUIRE(window->actions()[Act::Record]->isChecked());
        QTest::qWait(150);
        window.trigger(Act::Record);
        REQUIRE(waitFor([&] { return !window->actions()[Act::Record]->isChecked(); }));
        REQUIRE(waitFor([&] { return window->memory().recent.size() == 2U + told.size(); }));
        REQUIRE(told.insert(window->memory().recent.front().path).second);
        const auto look = makeRecordingShelf()->look(window->memory().recent.front(), 0);
        REQUIRE(look);
        REQUIRE(look->planes > 0);
    }
    // Closed while it records: the file is whole.
    window.trigger(Act::Record);
    QTest::qWait(150);
    window.trigger(Act::CloseSource);
    REQUIRE(waitFor([&] { return window->memory().recent.size() == 5; }));
    REQUIRE(makeRecordingShelf()->look(window->memory().recent.front(), 0));
    REQUIRE_FALSE(window->actions()[Act::Record]->isChecked());
}

TEST_CASE("the window may be closed while a recording is being finished", "[ui]") {
    for (int round = 0; round < 3; ++round) {
        TestWindow window;
        SourceConfig scene;
        scene.shape = PlaneShape{200, 125};
        scene.planeRateHz = 10000;
        window->openSource(scene);
        REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
        window.trigger(Act::Record);
        QTest::qWait(200);
        if (round > 0)
            window.trigger(Act::Record);
        window.close();
        REQUIRE(makeRecordingShelf()->find(window.folder() / "out"));
    }
}

}  // namespace fovea::test
