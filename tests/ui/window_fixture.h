// SPDX-License-Identifier: Apache-2.0
// A window with small recordings, and what tests of it need.
#pragma once

#include "app/catalog.h"
#include "app/recording_shelf.h"
#include "datasets/spike_writer.h"
#include "tests/support/files.h"
#include "ui/main_window.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>
#include <catch2/catch.hpp>
#include <functional>

namespace fovea::test {

/// Qt warnings since the program began that no test asked for; the program fails when there are.
int unexpectedWarnings();
/// While it lives warnings are counted here instead.
class ExpectWarnings {
public:
    ExpectWarnings();
    ~ExpectWarnings();
    ExpectWarnings(const ExpectWarnings &) = delete;
    ExpectWarnings &operator=(const ExpectWarnings &) = delete;
    [[nodiscard]] static int count();
};

/// Runs the event loop until `ready`, at most `seconds` (times slowness).
inline bool waitFor(const std::function<bool()> &ready, double seconds = 20) {
    return QTest::qWaitFor(ready, static_cast<int>(1000 * seconds * slowness()));
}

/// Known spikes: a background of every fourth plane and a square that fires every second plane and
/// moves a pixel in 8 planes.
inline bool spikeAt(std::uint32_t x, std::uint32_t y, std::uint64_t plane) {
    const auto left = static_cast<std::uint32_t>(plane / 8 % 40);
    if (x >= left && x < left + 16 && y >= 8 && y < 24)
        return plane % 2 == 0;
    return (plane + x) % 4 == 0;
}

constexpr PlaneShape fileShape{64, 40};

/// Writes `planes` planes of spikeAt() with a sidecar; planes [gapBegin, gapEnd) are lost.
inline std::filesystem::path writeRecording(const std::filesystem::path &path, std::uint64_t planes,
                                            double rateHz = 10000, std::uint64_t gapBegin = 0,
                                            std::uint64_t gapEnd = 0) {
    Descriptor descriptor;
    descriptor.shape = fileShape;
    descriptor.rateHz = rateHz;
    auto writer = SpikeWriter::create(path, descriptor);
    REQUIRE(writer);
    SpikeBlock block(fileShape, static_cast<std::uint32_t>(planes));
    block.begin(0, rateHz);
    for (std::uint64_t plane = 0; plane < planes; ++plane) {
        if (plane == gapBegin && gapEnd > gapBegin) {
            block.appendGap(gapEnd - gapBegin, DropReason::Link);
            plane = gapEnd;
        }
        std::uint64_t *words = block.append();
        std::fill_n(words, fileShape.wordStride(), 0);
        for (std::uint32_t y = 0; y < fileShape.height; ++y)
            for (std::uint32_t x = 0; x < fileShape.width; ++x)
                if (spikeAt(x, y, plane))
                    setBit(words, std::size_t{y} * fileShape.width + x);
    }
    REQUIRE(writer->write(block));
    const auto closed = writer->close();
    REQUIRE(closed);
    return *closed;
}

/// A shown window on a temporary settings file. Closes as a person would.
class TestWindow {
public:
    TestWindow() : catalog_(makeSourceCatalog(clock_)) { open(); }
    explicit TestWindow(std::unique_ptr<SourceCatalog> catalog) : catalog_(std::move(catalog)) {
        open();
    }
    explicit TestWindow(std::unique_ptr<RecordingShelf> shelf)
        : catalog_(makeSourceCatalog(clock_)), shelf_(std::move(shelf)) {
        open();
    }
    ~TestWindow() { close(); }
    TestWindow(const TestWindow &) = delete;
    TestWindow &operator=(const TestWindow &) = delete;

    MainWindow *operator->() { return window_.get(); }
    MainWindow &operator*() { return *window_; }
    [[nodiscard]] const TemporaryFolder &folder() const { return folder_; }
    [[nodiscard]] QString settingsFile() const {
        return QString::fromStdString((folder_ / "window.ini").string());
    }
    template <class T> T *child(const char *name) {
        T *found = window_->findChild<T *>(QString::fromLatin1(name));
        INFO("control " << name);
        REQUIRE(found != nullptr);
        return found;
    }
    void open() {
        window_ = std::make_unique<MainWindow>(*catalog_, *shelf_, clock_, settingsFile());
        window_->setOutputFolder(QString::fromStdString((folder_ / "out").string()));
        window_->show();
    }
    void close() {
        if (!window_)
            return;
        bool closed = false;
        QObject::connect(window_.get(), &MainWindow::closed, [&] { closed = true; });
        window_->close();
        CHECK(waitFor([&] { return closed; }));
        window_.reset();
    }
    /// Opens a recording, paused at its first picture.
    void openPaused(const std::filesystem::path &path) {
        bool opened = false;  // what was open before still gives frames
        const auto connection = QObject::connect(&window_->controller(), &SessionController::opened,
                                                 [&](const SourceInfo &) { opened = true; });
        window_->openFile(QString::fromStdString(path.string()));
        REQUIRE(waitFor([&] {
            return opened && window_->controller().frame() != nullptr &&
                   window_->player().playable();
        }));
        QObject::disconnect(connection);
        window_->player().pause();
        REQUIRE(waitFor([&] { return !window_->player().playing(); }));
    }
    /// Goes to `plane` and waits for its picture.
    void goTo(std::uint64_t plane) {
        window_->player().seek(plane);
        const bool shown = waitFor([&] {
            const FrameResultPtr &frame = window_->controller().frame();
            return frame && frame->plane == plane && !frame->views.empty();
        });
        const FrameResultPtr &frame = window_->controller().frame();
        const auto status = window_->controller().session().playback();
        INFO("asked for " << plane << ", shown " << (frame ? frame->plane : 0) << ", next plane "
                          << (status ? status->position : 0)
                          << (status && status->reverse ? ", backwards" : "")
                          << (status && status->paused ? ", paused" : ""));
        REQUIRE(shown);
    }
    void trigger(Act act) { window_->actions()[act]->trigger(); }

private:
    TemporaryFolder folder_;
    SteadyClock clock_;
    std::unique_ptr<SourceCatalog> catalog_;
    std::unique_ptr<RecordingShelf> shelf_ = makeRecordingShelf();
    std::unique_ptr<MainWindow> window_;
};

}  // namespace fovea::test
