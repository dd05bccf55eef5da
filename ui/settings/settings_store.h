// SPDX-License-Identifier: Apache-2.0
// What the window remembers from one start to the next.
#pragma once

#include "engine/pipeline/config.h"
#include "ui/actions.h"
#include "ui/settings/theme.h"

#include <QByteArray>
#include <QString>
#include <optional>
#include <vector>

namespace fovea {

/// Everything that is remembered. The defaults are those of a first start.
struct WindowMemory {
    Config config;
    QByteArray geometry;
    QByteArray state;
    ThemeChoice theme = ThemeChoice::System;
    bool linked = true;
    bool boxes = true;
    bool trails = true;
    double threshold = 0;
    bool noiseOn = false;
    bool histogramLog = false;
    int logLevel = 2;       ///< spdlog's
    QByteArray viewsState;  ///< how two views share the room
    KeyChanges keys;
    QString outputFolder;
    std::vector<SourceConfig> recent;  ///< files, newest first
};

/// An INI file. One that is damaged, or of a newer program, is renamed to *.bad and the window
/// starts as for the first time. A single setting of the engine that cannot be used is left out.
///
/// Threads: GUI.
class SettingsStore {
public:
    static constexpr int version = 1;
    static constexpr std::size_t maxRecent = 12;

    /// Empty: the usual place of the user's settings.
    explicit SettingsStore(QString file = {});

    [[nodiscard]] WindowMemory load();
    void save(const WindowMemory &memory) const;
    [[nodiscard]] const QString &file() const { return file_; }
    /// Where a damaged file went; empty when none was found.
    [[nodiscard]] const QString &setAside() const { return setAside_; }
    /// Settings of the engine that were left out, for people; empty when none.
    [[nodiscard]] const QString &leftOut() const { return leftOut_; }
    /// Puts `source` first and keeps the list short.
    static void remember(std::vector<SourceConfig> &recent, const SourceConfig &source);

private:
    [[nodiscard]] std::optional<WindowMemory> read();
    [[nodiscard]] std::optional<Config> readConfig(const std::string &yaml);

    QString file_;
    QString setAside_;
    QString leftOut_;
};

}  // namespace fovea
