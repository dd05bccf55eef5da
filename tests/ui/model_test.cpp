// SPDX-License-Identifier: Apache-2.0
// The network panel: load, drop, cancel, every control, what it shows, what is remembered.
#include "tests/fakes/stream_models.h"
#include "tests/support/program.h"
#include "tests/ui/window_fixture.h"
#include "ui/panels/detection_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/views/banner.h"
#include "ui/views/overlay.h"
#include "ui/views/view_area.h"

#include <QDockWidget>
#include <QDropEvent>
#include <QFileDialog>
#include <QMimeData>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace fovea::test {
namespace {

std::string write(const TestWindow &window, const char *name, const Network &network,
                  const Metadata &metadata) {
    const auto path = window.folder() / name;
    REQUIRE(writeNir(network, path, defaultNirStep, metadata));
    return path.string();
}

std::string sides(const TestWindow &window) {
    return write(window, "sides.nir", sidesNetwork(fileShape),
                 {{"stream_steps", "8"}, {"stream_classes", "left,right"}});
}

void drop(MainWindow &window, const std::string &path) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QString::fromStdString(path))});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &enter);
    REQUIRE(enter.isAccepted());
    QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&window, &event);
    REQUIRE(event.isAccepted());
}

NetworkReportPtr report(TestWindow &window) {
    const FrameResultPtr &frame = window->controller().frame();
    return frame ? frame->network : nullptr;
}

void play(TestWindow &window) {
    window->player().setSpeed(1);
    if (!window->player().playing())
        window->player().playPause();
}

bool loaded(TestWindow &window) {
    return window->findChild<ModelPanel *>()->use().model != nullptr;
}

}  // namespace

TEST_CASE("a dropped network of classes runs and says what it sees", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "film.dat", 400));
    drop(*window, sides(window));
    REQUIRE(waitFor([&] { return loaded(window); }));
    CHECK(window.child<QLabel>("modelFile")->text() == QStringLiteral("sides.nir"));
    CHECK(window.child<QLabel>("modelWhat")->text().contains(QStringLiteral("2 classes")));
    CHECK(window->config().detect.detector.method == DetectionMethod::Snn);
    play(window);
    REQUIRE(waitFor([&] { return report(window) != nullptr; }));
    auto *answer = window.child<QLabel>("modelAnswer");
    REQUIRE(waitFor([&] { return answer->text().contains(QStringLiteral("0.")); }));
    CHECK(window.child<QLabel>("modelCost")->text().contains(QStringLiteral("uJ")));
    CHECK(window.child<QLabel>("modelCounts")->text().contains(QStringLiteral("decisions")));
    auto *bars = window.child<ScoreBars>("scoreBars");
    REQUIRE(bars->rows().size() == 2);
    CHECK(bars->rows()[0].name == QStringLiteral("left"));
    CHECK(bars->rows()[0].best != bars->rows()[1].best);
    CHECK(bars->rows()[0].score + bars->rows()[1].score == Approx(1));
    CHECK(bars->isVisibleTo(window->findChild<ModelPanel *>()));
    CHECK_FALSE(window.child<QDockWidget>("docks.model")->visibleRegion().isEmpty());
    auto *chart = window.child<RateChart>("rateChart");
    CHECK(chart->layers() == 1);
    CHECK(chart->rates(0).back() > 0);

    window.child<QPushButton>("modelRemove")->click();
    REQUIRE(waitFor([&] { return report(window) == nullptr; }));
    CHECK(window->config().detect.detector.method == DetectionMethod::Motion);
    CHECK(waitFor([&] { return chart->layers() == 0; }));
    CHECK(bars->rows().empty());
    CHECK_FALSE(bars->isVisibleTo(window->findChild<ModelPanel *>()));
    CHECK_FALSE(loaded(window));
}

TEST_CASE("of many classes the largest scores are shown", "[ui]") {
    NetworkReport report;
    std::vector<std::string> names;
    for (int i = 0; i < 30; ++i) {
        names.push_back(fmt::format("class {}", i));
        report.scores.push_back(static_cast<float>(i * 7 % 30) / 30);
    }
    report.best = 17;  // 17 * 7 = 119 = 29 of 30
    report.classes = std::make_shared<const std::vector<std::string>>(names);
    CHECK(Overlay::answer(report) == QStringLiteral("class 17  0.97"));
    ScoreBars bars;
    bars.show(std::make_shared<const NetworkReport>(report));
    REQUIRE(bars.rows().size() == ScoreBars::most);
    CHECK(bars.rows()[0].name == QStringLiteral("class 17"));
    CHECK(bars.rows()[0].best);
    CHECK(bars.rows().back().score == Approx(20 / 30.0));
    bars.show(nullptr);
    CHECK(bars.rows().empty());
}

TEST_CASE("the window's decisions are those of the command line", "[ui]") {
    TestWindow window;
    const auto file = writeRecording(window.folder() / "film.dat", 320);
    const std::string model = sides(window);
    const ProgramResult result = runProgram(FOVEA_CLI, {"run", model, file.string(), "--json"});
    INFO(result.err);
    REQUIRE(result.exitCode == 0);
    std::map<std::uint64_t, nlohmann::json> told;
    std::istringstream text(result.out);
    for (std::string line; std::getline(text, line);)
        if (const auto json = nlohmann::json::parse(line); json.contains("network"))
            told[json["network"]["planes"][0].get<std::uint64_t>()] = json["network"];
    REQUIRE(told.size() == 40);

    window.openPaused(file);
    window->openModel(QString::fromStdString(model));
    const bool there = waitFor([&] { return loaded(window); });
    INFO(window->banner().text().toStdString());
    REQUIRE(there);
    std::set<std::uint64_t> seen;
    const QObject watching;  // ends before what it fills; the window goes on until the very end
    QObject::connect(&window->controller(), &SessionController::frameArrived, &watching,
                     [&](const FrameResultPtr &frame) {
                         if (!frame->network || !seen.insert(frame->network->begin).second)
                             return;
                         const NetworkReport &own = *frame->network;
                         const nlohmann::json &other = told.at(own.begin);
                         CHECK(other["planes"][1] == own.end);
                         CHECK(other["class"] ==
                               own.classes->at(static_cast<std::size_t>(own.best)));
                         for (std::size_t i = 0; i < own.scores.size(); ++i)
                             CHECK(other["scores"][i].get<double>() ==
                                   Approx(static_cast<double>(own.scores[i])).margin(1e-6));
                         CHECK(other["synops"] == own.synops);
                     });
    window->player().setSpeed(0.02);  // 200 planes a second, 25 decisions
    window->player().playPause();
    CHECK(waitFor([&] { return seen.size() == told.size(); }, 60));
    window->player().pause();
}

TEST_CASE("every control of the network acts, also on the picture that is held", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "film.dat", 400));
    window.goTo(100);
    window->openModel(QString::fromStdString(sides(window)));
    REQUIRE(waitFor([&] { return loaded(window); }));
    const auto settings = [&] { return window->config().model.settings; };
    const auto says = [&](const std::function<bool(const NetworkReport &)> &wanted) {
        return waitFor([&] {
            const NetworkReportPtr now = report(window);
            return now && wanted(*now) && window->controller().frame()->plane == 100;
        });
    };
    REQUIRE(says([](const NetworkReport &now) { return now.steps == 8; }));
    window.child<QSpinBox>("modelSteps")->setValue(4);
    CHECK(settings().steps == 4);
    REQUIRE(says([](const NetworkReport &now) { return now.steps == 4; }));
    window.child<QSpinBox>("modelHop")->setValue(2);
    CHECK(settings().hop == 2);
    auto *mode = window.child<QComboBox>("modelMode");
    auto *calibration = window.child<QSpinBox>("modelCalibration");
    CHECK_FALSE(calibration->isVisibleTo(window->findChild<ModelPanel *>()));
    for (const InferenceMode wanted : {InferenceMode::Srp, InferenceMode::Cos, InferenceMode::If}) {
        mode->setCurrentIndex(mode->findData(static_cast<int>(wanted)));
        CHECK(settings().mode == wanted);
        CHECK(calibration->isVisibleTo(window->findChild<ModelPanel *>()) ==
              (wanted != InferenceMode::If));
        const std::string_view name = toString(wanted);
        REQUIRE(says([&](const NetworkReport &now) { return now.mode == name; }));
    }
    calibration->setValue(3);
    CHECK(settings().calibration == 3);
    for (const char *name : {"modelFit", "modelBackend", "modelPrecision"}) {
        auto *box = window.child<QComboBox>(name);
        for (int i = box->count() - 1; i >= 0; --i) {
            box->setCurrentIndex(i);
            QTest::qWait(30);
        }
        CHECK(box->currentIndex() == 0);
    }
    CHECK(settings().fit == ModelFit::Auto);
    CHECK(settings().backend == ExecutorBackend::Auto);
    CHECK(settings().precision == Precision::Fp32);
    auto *precision = window.child<QComboBox>("modelPrecision");
    precision->setCurrentIndex(precision->findData(static_cast<int>(Precision::Int8)));
    REQUIRE(says([](const NetworkReport &now) { return now.precision == "int8"; }));
    window.child<QPushButton>("modelOpen")->click();
    auto *dialog = window.child<QFileDialog>("modelDialog");
    CHECK(dialog->isVisible());
    dialog->reject();
}

TEST_CASE("a network of pictures becomes the view", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "film.dat", 400));
    window->openPath(QString::fromStdString(
        write(window, "pixels.nir", pixelNetwork(fileShape), {{"stream_steps", "8"}})));
    REQUIRE(waitFor([&] { return loaded(window); }));
    CHECK(window->config().display.views[0].method == "snn");
    window.goTo(100);
    REQUIRE(waitFor([&] {
        const FrameResultPtr &frame = window->controller().frame();
        return frame->views[0].method == "snn" && frame->network;
    }));
    const Picture &picture = window->controller().frame()->views[0].picture;
    int spikes = 0;
    for (std::uint64_t plane = 93; plane <= 100; ++plane)
        spikes += spikeAt(60, 30, plane) ? 1 : 0;
    CHECK(picture.grey[30 * fileShape.width + 60] == std::lround(spikes * 255.0 / 8));
}

TEST_CASE("without a network its methods are not to be had, and that is said", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "film.dat", 400));
    window->views().setMethod("snn");
    CHECK(window->views().views()[0].method == "tfp");
    CHECK(window->banner().text().contains(QStringLiteral("network")));
    auto *method = window.child<QComboBox>("detectMethod");
    method->setCurrentIndex(method->findData(static_cast<int>(DetectionMethod::Snn)));
    CHECK(window->config().detect.detector.method == DetectionMethod::Motion);
    const auto text = window.folder() / "no.nir";
    writeBytes(text, {'h', 'i'});
    window->openModel(QString::fromStdString(text.string()));
    CHECK(window->findChild<ModelPanel *>()->loading());
    REQUIRE(waitFor([&] { return window->banner().isError(); }));
    CHECK(window->banner().text().contains(QStringLiteral("no.nir")));
    CHECK_FALSE(window->findChild<ModelPanel *>()->loading());
}

TEST_CASE("loading can be cancelled", "[ui]") {
    TestWindow window;
    window->openModel(QString::fromStdString(sides(window)));
    auto *panel = window->findChild<ModelPanel *>();
    REQUIRE(panel->loading());
    window.child<QPushButton>("modelCancel")->click();
    CHECK_FALSE(panel->loading());
    QTest::qWait(500);
    CHECK_FALSE(loaded(window));
}

TEST_CASE("the network and how it runs are remembered", "[ui]") {
    TestWindow window;
    window.openPaused(writeRecording(window.folder() / "film.dat", 400));
    const std::string file = sides(window);
    window->openModel(QString::fromStdString(file));
    REQUIRE(waitFor([&] { return loaded(window); }));
    window.child<QSpinBox>("modelSteps")->setValue(4);
    window.close();
    window.open();
    window->start();
    REQUIRE(waitFor([&] { return loaded(window); }));
    CHECK(window->config().model.settings.file == file);
    CHECK(window->config().model.settings.steps == 4);
    CHECK(window->config().detect.enabled);
    CHECK(window->config().detect.detector.method == DetectionMethod::Snn);
    CHECK(window.child<QSpinBox>("modelSteps")->value() == 4);
    // A file that is gone is told, and the rest goes on.
    window.close();
    std::filesystem::remove(file);
    window.open();
    window->start();
    REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
    REQUIRE(waitFor(
        [&] { return window->config().detect.detector.method == DetectionMethod::Motion; }));
}

}  // namespace fovea::test
