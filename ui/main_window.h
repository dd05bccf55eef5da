// SPDX-License-Identifier: Apache-2.0
// The window: puts the parts together and carries news between them.
#pragma once

#include "ui/actions.h"
#include "ui/playback/player.h"
#include "ui/playback/time_bar.h"
#include "ui/record_check.h"
#include "ui/recording.h"
#include "ui/session_controller.h"
#include "ui/settings/settings_store.h"

#include <QDateTime>
#include <QMainWindow>
#include <QMenu>
#include <memory>

class QDockWidget;

namespace fovea {

class Banner;
class DetectionPanel;
class HistogramPanel;
class LogModel;
class LogPanel;
class ModelPanel;
class NoisePanel;
class ProbePanel;
class ShapeDialog;
class SourcePanel;
class StatusLine;
class SystemTheme;
class TransportBar;
class ViewArea;
class ViewPanel;

/// Owns the Session through its controller. Nothing here waits: slow things go to a Background.
///
/// Threads: GUI.
class MainWindow final : public QMainWindow {
    Q_OBJECT
public:
    /// `settingsFile`: empty is the usual place. Call start() to open the last source.
    MainWindow(SourceCatalog &catalog, RecordingShelf &shelf, Clock &clock,
               const QString &settingsFile = {});
    ~MainWindow() override;

    /// Opens the last source; at the first start the synthetic camera.
    void start();
    /// Opens `source` as it is; its pace is chosen when it is a recording.
    void openSource(SourceConfig source);
    /// Finds out what the file is, asks what it cannot know, and opens it. Of several calls the
    /// last one wins. A folder is searched for recordings; of several a person chooses.
    void openPath(const QString &path, std::optional<PlaneShape> shape = {});
    void openFile(const QString &path, std::optional<PlaneShape> shape = {});
    /// Takes all settings but the source.
    void useSettings(const Config &config);
    /// Takes all settings, and opens its source.
    void useConfig(const Config &config);
    void setTheme(ThemeChoice choice);
    void setOutputFolder(const QString &folder);
    /// Loads a network elsewhere; then it runs as what it gives: pictures, or classes and boxes. Of
    /// several calls the last one wins.
    void openModel(const QString &path);

    [[nodiscard]] SessionController &controller() { return *controller_; }
    [[nodiscard]] Player &player() { return *player_; }
    [[nodiscard]] Actions &actions() { return *actions_; }
    [[nodiscard]] ViewArea &views() { return *views_; }
    [[nodiscard]] Banner &banner() { return *banner_; }
    [[nodiscard]] LogModel &log() { return *log_; }
    [[nodiscard]] RecordCheck &recordCheck() { return *check_; }
    [[nodiscard]] const WindowMemory &memory() const { return memory_; }
    /// What the engine gets: the panels' settings, noise only when it is on.
    [[nodiscard]] const Config &config() const { return controller_->config(); }

signals:
    /// The session has stopped after the window was closed.
    void closed();
    /// A snapshot was written.
    void snapshotSaved(const QString &path);

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    // main_window.cpp
    void build();
    void buildCentre();
    void buildDocks();
    void buildToolBar();
    [[nodiscard]] QDockWidget *addDock(const QString &title, const char *name, QWidget *content,
                                       Qt::DockWidgetArea area, Act toggle);
    void placeDocks();
    void restore();
    void remember();
    void applyColours();

    // main_window_actions.cpp
    void connectFileActions();
    void connectPlaybackActions();
    void connectViewActions();
    void connectOtherActions();
    void addSpeedMenu();
    void addPresetMenu();
    void addThemeMenu();
    void refreshActions();
    void showKeys();
    void setTiles(std::size_t count);
    void setCompare(bool compare);
    void nextMethod();
    void cancel();
    void goTo();
    void startRecording();

    // main_window_sources.cpp
    void connectPanels();
    void listCameras();
    void refreshRecent();
    void chooseFile();
    void chooseOutputFolder();
    void loadConfigFile();
    void saveConfigFile();
    void askShape(const QString &path, const QString &reason);
    void openRecording(SourceConfig source, const RecordingLook &look);
    void openFolder(const QString &folder);
    void askWhich(const QString &folder, const std::vector<std::filesystem::path> &files);
    void pushConfig();

    // main_window_model.cpp
    void connectModel();
    void chooseModel();
    void restoreModel(const ModelSettings &settings);
    void useModel(const std::string &file, ModelPtr model);
    void loadModelFile(const QString &path, bool use);
    void stopLoading();
    void removeModel();
    void leaveOutModel();
    void waitForModel(Config &config) const;

    // main_window_news.cpp
    void connectSession();
    void showFrame(const FrameResultPtr &frame);
    void showSlowly();
    void showStatus(const SessionStatus &status);
    void snapshot(bool toClipboard);
    void copyReport();

    // What uses the session goes before it, and it before the log that its threads write to.
    std::unique_ptr<LogModel> log_;
    SourceCatalog &catalog_;
    RecordingShelf &shelf_;
    std::unique_ptr<SessionController> controller_;
    std::unique_ptr<Player> player_;
    std::unique_ptr<Recording> recording_;
    std::unique_ptr<RecordCheck> check_;
    SettingsStore store_;
    WindowMemory memory_;
    SystemTheme *systemTheme_;
    Actions *actions_;
    ViewArea *views_ = nullptr;
    Banner *banner_ = nullptr;
    TransportBar *transport_ = nullptr;
    StatusLine *status_ = nullptr;
    SourcePanel *sources_ = nullptr;
    ProbePanel *probe_ = nullptr;
    HistogramPanel *histogram_ = nullptr;
    ViewPanel *picture_ = nullptr;
    NoisePanel *noise_ = nullptr;
    DetectionPanel *detection_ = nullptr;
    ModelPanel *model_ = nullptr;
    LogPanel *logPanel_ = nullptr;
    QToolBar *toolBar_ = nullptr;
    QMenu *recentMenu_ = nullptr;
    QMenu *speedMenu_ = nullptr;
    std::array<QDockWidget *, 8> docks_{};
    QTimer slowTimer_;
    QTimer cameraTimer_;
    bool listing_ = false;  ///< the cameras are being asked for
    QTimer saveTimer_;
    std::vector<PlaneSpan> gaps_;  ///< of the recording that is being opened
    FrameResultPtr shown_;
    unsigned looks_ = 0;   ///< files and folders asked for so far
    unsigned models_ = 0;  ///< networks asked for so far
    QDateTime lostAt_;
    QString lostText_;
    bool slowDue_ = false;
    bool closing_ = false;
    bool stopped_ = false;
    Background background_;
};

}  // namespace fovea
