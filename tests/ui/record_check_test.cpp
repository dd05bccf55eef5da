// SPDX-License-Identifier: Apache-2.0
// Before recording: whether link, disk and engine keep up is shown, and said when it begins.
#include "ui/record_check.h"

#include "tests/fakes/pluggable_source.h"
#include "tests/ui/window_fixture.h"
#include "ui/views/banner.h"

#include <QLabel>
#include <atomic>

namespace fovea::test {
namespace {

/// The real shelf on a disk of another speed.
class ShelfOnDisk final : public RecordingShelf {
public:
    explicit ShelfOnDisk(std::atomic<double> &speed) : speed_(speed) {}
    std::atomic<int> measured{0};

    Result<RecordingLook> look(const SourceConfig &source, std::uint32_t planes) override {
        return real_->look(source, planes);
    }
    std::vector<RecordingGuess> guesses(const std::filesystem::path &file) override {
        return real_->guesses(file);
    }
    Result<std::vector<std::filesystem::path>> find(const std::filesystem::path &folder) override {
        return real_->find(folder);
    }
    PreflightInput budget(const Config &config, const SourceInfo &source,
                          const std::filesystem::path &folder) override {
        return real_->budget(config, source, folder);
    }
    Result<double> diskSpeed(const std::filesystem::path &folder) override {
        ++measured;
        if (speed_ <= 0)
            return fail(ErrorCode::Io, "{}: is read-only", folder.string());
        return speed_.load();
    }
    Result<Recorder> recorder(const Config &config, const std::filesystem::path &file,
                              const std::string &createdBy) override {
        return real_->recorder(config, file, createdBy);
    }

private:
    std::unique_ptr<RecordingShelf> real_ = makeRecordingShelf();
    std::atomic<double> &speed_;
};

SourceConfig smallCamera() {
    SourceConfig source;
    source.shape = PlaneShape{120, 80};
    source.planeRateHz = 4000;  // 4.8 MB/s
    return source;
}

const Budget *find(const Preflight &result, const std::string &name) {
    for (const Budget &budget : result.budgets)
        if (budget.name == name)
            return &budget;
    return nullptr;
}

}  // namespace

TEST_CASE("S4: a disk that is too slow shows red before anybody records, and is said then",
          "[ui]") {
    std::atomic<double> speed{3e6};
    auto shelf = std::make_unique<ShelfOnDisk>(speed);
    const ShelfOnDisk &disk = *shelf;
    TestWindow window(std::move(shelf));
    auto *lights = window.child<QLabel>("recordBudgets");
    REQUIRE_FALSE(lights->isVisibleTo(&*window));
    window->openSource(smallCamera());
    REQUIRE(waitFor([&] { return lights->isVisibleTo(&*window); }));
    const Budget *red = find(window->recordCheck().result(), "disk");
    REQUIRE(red != nullptr);
    REQUIRE(red->light == BudgetLight::Red);
    REQUIRE(lights->text().contains(QStringLiteral("disk: needs 4.8 MB/s, the disk takes 3.0")));
    REQUIRE(find(window->recordCheck().result(), "engine")->present > 0);
    REQUIRE(find(window->recordCheck().result(), "room")->text.find("full in") !=
            std::string::npos);
    window.trigger(Act::Record);
    REQUIRE(window->banner().isError());
    REQUIRE(
        window->banner().text().contains(QStringLiteral("cannot be recorded without loss: disk")));
    // It records all the same, and says how long there is room.
    auto *recording = window.child<QLabel>("statusRecording");
    REQUIRE(waitFor([&] { return recording->text().contains(QStringLiteral("full in")); }));
    window.trigger(Act::Record);
    REQUIRE(waitFor([&] { return !window->actions()[Act::Record]->isChecked(); }));
    REQUIRE(disk.measured == 1);

    // Another folder is another disk.
    speed = 100e6;
    window->setOutputFolder(QString::fromStdString((window.folder() / "other").string()));
    REQUIRE(waitFor([&] {
        const Budget *budget = find(window->recordCheck().result(), "disk");
        return budget != nullptr && budget->light == BudgetLight::Green;
    }));
    REQUIRE(disk.measured == 2);
    // One that cannot be measured is not known.
    speed = 0;
    window->setOutputFolder(QStringLiteral("/nowhere"));
    REQUIRE(waitFor([&] {
        const Budget *budget = find(window->recordCheck().result(), "disk");
        return budget != nullptr && budget->light == BudgetLight::Amber;
    }));
    window.trigger(Act::CloseSource);
    REQUIRE(waitFor([&] { return !lights->isVisibleTo(&*window); }));
}

TEST_CASE("S2: a lost camera ends the recording or not, as wished", "[ui]") {
    for (const bool closes : {false, true}) {
        const auto plug = std::make_shared<Plug>();
        TestWindow window(std::make_unique<PluggableCatalog>(plug));
        window->openSource({});
        REQUIRE(waitFor([&] { return window->controller().frame() != nullptr; }));
        QAction *choice = window->actions()[Act::CloseWhenLost];
        if (closes)
            choice->trigger();
        REQUIRE(choice->isChecked() == closes);
        window.trigger(Act::Record);
        QTest::qWait(200);
        plug->in = false;
        REQUIRE(waitFor([&] { return window->controller().status().losses == 1; }));
        if (closes)
            REQUIRE(waitFor([&] { return !window->actions()[Act::Record]->isChecked(); }));
        plug->in = true;
        REQUIRE(waitFor([&] { return window->controller().status().reconnects == 1; }));
        REQUIRE(window->actions()[Act::Record]->isChecked() == !closes);
    }
}

}  // namespace fovea::test
