// SPDX-License-Identifier: Apache-2.0
// The desktop window.
#include "app/catalog.h"
#include "ui/main_window.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QFileInfo>
#include <QPixmap>
#include <QTimer>
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
    bool quit = false;
};

int parse(int argc, char **argv, Options &options) {
    CLI::App app{"Fovea: real-time vision for spike cameras"};
    app.set_version_flag("--version", FOVEA_VERSION);
    app.add_option("FILE", options.file, "Recording to open");
    app.add_option("--shape", options.shape, "Its shape, when it does not say itself: 400x250");
    app.add_option("--config", options.config, "Take all settings from this YAML file");
    app.add_option("--settings", options.settings, "Remember the window in this file");
    app.add_option("--screenshot", options.screenshot, "Write a picture of the window and leave");
    app.add_option("--after", options.after, "Seconds before the picture is taken")
        ->check(CLI::Range(0.0, 3600.0));
    app.add_option("--theme", options.theme, "light or dark")
        ->check(CLI::IsMember({"light", "dark", "system"}));
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
    const auto catalog = fovea::makeSourceCatalog(clock);
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
    fovea::MainWindow window(*catalog, clock, QString::fromStdString(options.settings));
    if (!options.theme.empty())
        window.setTheme(fovea::parseThemeChoice(QString::fromStdString(options.theme)));
    QObject::connect(&window, &fovea::MainWindow::closed, &application, &QApplication::quit);
    window.show();
    if (!options.file.empty())
        window.openFile(QString::fromStdString(options.file), shape);
    else if (config)
        window.useConfig(*config);
    else
        window.start();
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
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("fovea-gui"));
    QApplication::setApplicationDisplayName(QStringLiteral("Fovea"));
    QApplication::setApplicationVersion(QStringLiteral(FOVEA_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("fovea"));
    QApplication::setQuitOnLastWindowClosed(false);
    const int code = parse(argc, argv, options);
    return options.quit || code != 0 ? code : run(options, application);
}
