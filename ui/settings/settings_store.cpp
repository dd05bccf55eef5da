// SPDX-License-Identifier: Apache-2.0
// What the window remembers from one start to the next.
#include "ui/settings/settings_store.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>
#include <algorithm>
#include <charconv>
#include <spdlog/spdlog.h>
#include <sstream>

namespace fovea {
namespace {

QString defaultFile() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/fovea/fovea-gui.ini");
}

QString defaultOutputFolder() {
    return QStandardPaths::writableLocation(QStandardPaths::PicturesLocation) +
           QStringLiteral("/Fovea");
}

void writeRecent(QSettings &settings, const std::vector<SourceConfig> &recent) {
    settings.beginWriteArray(QStringLiteral("recent"), static_cast<int>(recent.size()));
    for (std::size_t i = 0; i < recent.size(); ++i) {
        const SourceConfig &source = recent[i];
        settings.setArrayIndex(static_cast<int>(i));
        settings.setValue(QStringLiteral("path"), QString::fromStdString(source.path));
        settings.setValue(QStringLiteral("format"), QString::fromStdString(source.format));
        if (source.shape)
            settings.setValue(QStringLiteral("shape"),
                              QString::fromStdString(toString(*source.shape)));
        if (source.planeRateHz)
            settings.setValue(QStringLiteral("rate"), *source.planeRateHz);
        if (source.flip)
            settings.setValue(QStringLiteral("flip"), *source.flip);
    }
    settings.endArray();
}

std::vector<SourceConfig> readRecent(QSettings &settings) {
    std::vector<SourceConfig> recent;
    const int count = settings.beginReadArray(QStringLiteral("recent"));
    for (int i = 0; i < std::min(count, static_cast<int>(SettingsStore::maxRecent)); ++i) {
        settings.setArrayIndex(i);
        SourceConfig source;
        source.kind = "file";
        source.path = settings.value(QStringLiteral("path")).toString().toStdString();
        source.format = settings.value(QStringLiteral("format"), QStringLiteral("auto"))
                            .toString()
                            .toStdString();
        if (const auto shape =
                parsePlaneShape(settings.value(QStringLiteral("shape")).toString().toStdString()))
            source.shape = *shape;
        if (const double rate = settings.value(QStringLiteral("rate")).toDouble(); rate > 0)
            source.planeRateHz = rate;
        if (settings.contains(QStringLiteral("flip")))
            source.flip = settings.value(QStringLiteral("flip")).toBool();
        if (!source.path.empty())
            recent.push_back(std::move(source));
    }
    settings.endArray();
    return recent;
}

KeyChanges readKeys(QSettings &settings) {
    KeyChanges keys;
    settings.beginGroup(QStringLiteral("keys"));
    for (const QString &name : settings.childKeys())
        keys[name] = settings.value(name).toString();
    settings.endGroup();
    return keys;
}

/// Pieces of `yaml` that begin with a line of this indent; each begins with `head`.
std::vector<std::string> piecesOf(const std::string &yaml, std::size_t indent,
                                  const std::string &head) {
    std::vector<std::string> pieces;
    std::istringstream lines(yaml);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t text = line.find_first_not_of(' ');
        if (text == indent && line[text] != '-')
            pieces.push_back(head);
        if (!pieces.empty() && text != std::string::npos)
            pieces.back() += line + '\n';
    }
    return pieces;
}

bool parses(const std::string &yaml) {
    return parseConfig(yaml, "settings").has_value();
}

/// As much of `yaml` as parses: sections, and of the others the keys. What does not is added to
/// `leftOut`.
std::string usablePart(const std::string &yaml, QStringList &leftOut) {
    std::string usable;
    for (const std::string &section : piecesOf(yaml, 0, "")) {
        if (parses(section)) {
            usable += section;
            continue;
        }
        const std::string head = section.substr(0, section.find('\n') + 1);
        std::string kept;
        for (const std::string &key : piecesOf(section.substr(head.size()), 2, head)) {
            if (parses(key))
                kept += key.substr(head.size());
            else
                leftOut.append(QString::fromStdString(key).simplified().left(80));
        }
        if (!kept.empty() && parses(head + kept))
            usable += head + kept;
        else if (leftOut.isEmpty())
            leftOut.append(QString::fromStdString(section).simplified().left(80));
    }
    return usable;
}

}  // namespace

SettingsStore::SettingsStore(QString file)
    : file_(file.isEmpty() ? defaultFile() : std::move(file)) {}

WindowMemory SettingsStore::load() {
    const QFileInfo info(file_);
    if (info.exists() && info.size() > 0) {
        if (std::optional<WindowMemory> memory = read())
            return *std::move(memory);
        setAside_ = file_ + QStringLiteral(".bad");
        QFile::remove(setAside_);
        if (!QFile::rename(file_, setAside_))
            QFile::remove(file_);
    }
    WindowMemory fresh;
    fresh.outputFolder = defaultOutputFolder();
    return fresh;
}

std::optional<Config> SettingsStore::readConfig(const std::string &yaml) {
    const Result<Config> whole = parseConfig(yaml, "settings");
    if (whole)
        return *whole;
    spdlog::warn("{}", whole.error().message);
    QStringList leftOut;
    const std::string usable = usablePart(yaml, leftOut);
    const Result<Config> part = parseConfig(usable, "settings");
    if (usable.empty() || !part)
        return std::nullopt;
    leftOut_ = leftOut.join(QStringLiteral("; "));
    return *part;
}

std::optional<WindowMemory> SettingsStore::read() {
    QSettings settings(file_, QSettings::IniFormat);
    if (settings.status() != QSettings::NoError)
        return std::nullopt;
    bool isNumber = false;
    const int found = settings.value(QStringLiteral("version")).toInt(&isNumber);
    if (!isNumber || found < 1 || found > version)
        return std::nullopt;
    std::optional<Config> config =
        readConfig(settings.value(QStringLiteral("config")).toString().toStdString());
    if (!config)
        return std::nullopt;
    WindowMemory m;
    m.config = std::move(*config);
    m.geometry = settings.value(QStringLiteral("window/geometry")).toByteArray();
    m.state = settings.value(QStringLiteral("window/state")).toByteArray();
    m.theme = parseThemeChoice(settings.value(QStringLiteral("window/theme")).toString());
    m.linked = settings.value(QStringLiteral("views/linked"), true).toBool();
    m.boxes = settings.value(QStringLiteral("views/boxes"), true).toBool();
    m.trails = settings.value(QStringLiteral("views/trails"), true).toBool();
    m.threshold =
        std::clamp(settings.value(QStringLiteral("views/threshold"), 0.0).toDouble(), 0.0, 1.0);
    m.noiseOn = settings.value(QStringLiteral("noiseOn"), false).toBool();
    m.histogramLog = settings.value(QStringLiteral("views/histogramLog"), false).toBool();
    m.outputFolder =
        settings.value(QStringLiteral("outputFolder"), defaultOutputFolder()).toString();
    m.logLevel = std::clamp(settings.value(QStringLiteral("logLevel"), 2).toInt(), 0, 4);
    m.viewsState = settings.value(QStringLiteral("views/state")).toByteArray();
    m.keys = readKeys(settings);
    m.recent = readRecent(settings);
    return m;
}

void SettingsStore::save(const WindowMemory &m) const {
    QDir().mkpath(QFileInfo(file_).path());
    QSettings settings(file_, QSettings::IniFormat);
    settings.clear();
    settings.setValue(QStringLiteral("version"), version);
    settings.setValue(QStringLiteral("config"), QString::fromStdString(toYaml(m.config)));
    settings.setValue(QStringLiteral("window/geometry"), m.geometry);
    settings.setValue(QStringLiteral("window/state"), m.state);
    settings.setValue(QStringLiteral("window/theme"), toString(m.theme));
    settings.setValue(QStringLiteral("views/linked"), m.linked);
    settings.setValue(QStringLiteral("views/boxes"), m.boxes);
    settings.setValue(QStringLiteral("views/trails"), m.trails);
    settings.setValue(QStringLiteral("views/threshold"), m.threshold);
    settings.setValue(QStringLiteral("views/histogramLog"), m.histogramLog);
    settings.setValue(QStringLiteral("noiseOn"), m.noiseOn);
    settings.setValue(QStringLiteral("outputFolder"), m.outputFolder);
    settings.setValue(QStringLiteral("logLevel"), m.logLevel);
    settings.setValue(QStringLiteral("views/state"), m.viewsState);
    for (const auto &[name, keys] : m.keys)
        settings.setValue(QStringLiteral("keys/") + name, keys);
    writeRecent(settings, m.recent);
    settings.sync();
    if (settings.status() != QSettings::NoError)
        spdlog::warn("{}: the settings could not be written", file_.toStdString());
}

void SettingsStore::remember(std::vector<SourceConfig> &recent, const SourceConfig &source) {
    std::erase_if(recent, [&](const SourceConfig &old) { return old.path == source.path; });
    recent.insert(recent.begin(), source);
    if (recent.size() > maxRecent)
        recent.resize(maxRecent);
}

}  // namespace fovea
