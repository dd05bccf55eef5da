// SPDX-License-Identifier: Apache-2.0
// The desktop window.
#include "app/catalog.h"
#include "app/recording_shelf.h"
#include "ui/main_window.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QFileInfo>
#include <QPixmap>
#include <QTimer>
#include <memory>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace {

struct Options {
    std::string file;
    std::string shape;
    std::string config;
    std::string settings;
    std::string screenshot;
    double after = 3;
    std::string theme;
    bool checkDisplay = false;
    bool quit = false;
};

/// Qt gives up with a crash when no window system answers. Offered "offscreen" as the last choice
/// it starts; that it took it means that there is no display.
///
/// Threads: one at a time; lives around the QApplication's constructor.
class DisplayCheck {
public:
    DisplayCheck() {
        QByteArray wish = qgetenv("QT_QPA_PLATFORM");
        if (wish.isEmpty())
            wish = qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ? "xcb" : "wayland;xcb";
        asked_ = wish.contains("offscreen") || wish.contains("minimal") || wish.contains("vnc");
        if (!asked_)
            qputenv("QT_QPA_PLATFORM", wish + ";offscreen");
        before_ = qInstallMessageHandler(&DisplayCheck::keep);
    }
    ~DisplayCheck() { qInstallMessageHandler(before_); }
    DisplayCheck(const DisplayCheck &) = delete;
    DisplayCheck &operator=(const DisplayCheck &) = delete;

    /// Why no window can be opened; empty when one can.
    [[nodiscard]] std::string failure() const {
        if (asked_ || QGuiApplication::platformName() != QLatin1String("offscreen"))
            return {};
        return fmt::format("no display can be used (DISPLAY '{}', WAYLAND_DISPLAY '{}'); without a "
                           "window: fovea --help",
                           qgetenv("DISPLAY").toStdString(),
                           qgetenv("WAYLAND_DISPLAY").toStdString());
    }

private:
    // What a plugin says about a display that does not answer is said by failure().
    static void keep(QtMsgType, const QMessageLogContext &, const QString &) {}
    QtMessageHandler before_ = nullptr;
    bool asked_ = false;
};

/// A number of seconds; CLI::Range lets NaN pass.
std::string checkSeconds(const std::string &text) {
    double seconds = 0;
    if (!CLI::detail::lexical_cast(text, seconds) || !(seconds >= 0 && seconds <= 3600))
        return fmt::format("found {}, allowed 0 to 3600 seconds", text);
    return {};
}

int parse(int argc, char **argv, Options &options) {
    CLI::App app{"Fovea: real-time vision for spike cameras"};
    app.set_version_flag("--version", FOVEA_VERSION);
    app.add_option("FILE", options.file,
                   "Recording to open, a folder with recordings, or a network");
    app.add_option("--shape", options.shape, "Its shape, when it does not say itself: 400x250");
    app.add_option("--config", options.config, "Take all settings from this YAML file");
    app.add_option("--settings", options.settings, "Remember the window in this file");
    app.add_option("--screenshot", options.screenshot, "Write a picture of the window and leave");
    app.add_option("--after", options.after, "Seconds before the picture is taken")
        ->check(checkSeconds);
    app.add_option("--theme", options.theme, "light or dark")
        ->check(CLI::IsMember({"light", "dark", "system"}));
    app.add_flag("--check-display", options.checkDisplay,
                 "Only say whether a window can be opened: 0 if so, 3 if not");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        options.quit = true;
        return app.exit(error) == 0 ? 0 : 2;
    }
    return 0;
}

int usageError(const std::string &message) {
    spdlog::error("{}", message);
    return 2;
}

int run(const Options &options, QApplication &application) {
    fovea::SteadyClock clock;
    std::optional<fovea::PlaneShape> shape;
    if (!options.shape.empty()) {
        const auto parsed = fovea::parsePlaneShape(options.shape);
        if (!parsed)
            return usageError("--shape: " + parsed.error().message);
        shape = *parsed;
    }
    std::optional<fovea::Config> config;
    if (!options.config.empty()) {
        const auto loaded = fovea::loadConfig(options.config);
        if (!loaded)
            return usageError(loaded.error().message);
        config = *loaded;
    }
    const auto catalog =
        fovea::makeSourceCatalog(clock, config ? config->source : fovea::SourceConfig{});
    const auto shelf = fovea::makeRecordingShelf();
    fovea::MainWindow window(*catalog, *shelf, clock, QString::fromStdString(options.settings));
    if (!options.theme.empty())
        window.setTheme(fovea::parseThemeChoice(QString::fromStdString(options.theme)));
    QObject::connect(&window, &fovea::MainWindow::closed, &application, &QApplication::quit);
    window.show();
    if (config)
        window.useSettings(*config);
    if (!options.file.empty())
        window.openPath(QString::fromStdString(options.file), shape);
    if (options.file.empty() || options.file.ends_with(".nir"))
        config ? window.openSource(config->source) : window.start();
    bool saved = true;
    if (!options.screenshot.empty())
        QTimer::singleShot(static_cast<int>(options.after * 1000), &window, [&] {
            saved = window.grab().save(QString::fromStdString(options.screenshot));
            if (!saved)
                spdlog::error("{}: cannot be written", options.screenshot);
            window.close();
        });
    const int code = QApplication::exec();
    return saved ? code : 1;
}

}  // namespace

int main(int argc, char **argv) {
    spdlog::set_default_logger(spdlog::stderr_color_mt("fovea"));
    Options options;
    // Qt takes its own options out first.
    auto display = std::make_unique<DisplayCheck>();
    QApplication application(argc, argv);
    const std::string noDisplay = display->failure();
    display.reset();
    QApplication::setApplicationName(QStringLiteral("fovea-gui"));
    QApplication::setApplicationDisplayName(QStringLiteral("Fovea"));
    QApplication::setApplicationVersion(QStringLiteral(FOVEA_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("fovea"));
    QApplication::setQuitOnLastWindowClosed(false);
    const int code = parse(argc, argv, options);
    if (options.quit || code != 0)
        return code;
    if (!noDisplay.empty())
        spdlog::error("{}", noDisplay);
    if (!noDisplay.empty() || options.checkDisplay)
        return noDisplay.empty() ? 0 : 3;
    return run(options, application);
}
