// SPDX-License-Identifier: Apache-2.0
// The window: its parts and their places.
#include "ui/main_window.h"

#include "ui/panels/detection_panel.h"
#include "ui/panels/histogram_panel.h"
#include "ui/panels/log_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/panels/source_panel.h"
#include "ui/panels/status_line.h"
#include "ui/panels/view_panel.h"
#include "ui/playback/transport_bar.h"
#include "ui/settings/system_theme.h"
#include "ui/settings/theme.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QMenuBar>
#include <QScrollArea>
#include <QToolBar>
#include <QVBoxLayout>
#include <algorithm>
#include <spdlog/spdlog.h>

namespace fovea {

MainWindow::MainWindow(SourceCatalog &catalog, RecordingShelf &shelf, Clock &clock,
                       const QString &settingsFile)
    : log_(std::make_unique<LogModel>()), catalog_(catalog), shelf_(shelf),
      controller_(std::make_unique<SessionController>(catalog, clock)),
      player_(std::make_unique<Player>(*controller_)),
      recording_(std::make_unique<Recording>(*controller_, shelf)),
      check_(std::make_unique<RecordCheck>(*controller_, shelf)), store_(settingsFile),
      memory_(store_.load()), systemTheme_(new SystemTheme(this)), background_(2) {
    setObjectName(QStringLiteral("fovea"));
    setWindowTitle(QStringLiteral("Fovea"));
    setAcceptDrops(true);
    applyColours();
    setWindowIcon(QIcon(QStringLiteral(":/fovea/icons/fovea.svg")));
    actions_ = new Actions(this);
    check_->setFolder(memory_.outputFolder);
    build();
    connectFileActions();
    connectPlaybackActions();
    connectViewActions();
    connectOtherActions();
    connectSession();
    connectPanels();
    connectModel();
    restore();
    refreshActions();
    connect(systemTheme_, &SystemTheme::changed, this, &MainWindow::applyColours);
    listCameras();
}

MainWindow::~MainWindow() {
    for (const QObject *sender : std::initializer_list<const QObject *>{
             controller_.get(), player_.get(), recording_.get(), check_.get(), actions_})
        disconnect(sender, nullptr, this, nullptr);
}

void MainWindow::build() {
    actions_->fill(menuBar());
    buildCentre();
    buildDocks();
    buildToolBar();
    status_ = new StatusLine(this);
    setStatusBar(status_);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    resize(1360, 860);
    placeDocks();
}

void MainWindow::buildCentre() {
    auto *centre = new QWidget(this);
    banner_ = new Banner(centre);
    views_ = new ViewArea(centre);
    transport_ = new TransportBar(*player_, *controller_, *actions_, centre);
    auto *layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(banner_);
    layout->addWidget(views_, 1);
    layout->addWidget(transport_);
    setCentralWidget(centre);
    for (std::size_t i = 0; i < 2; ++i) {
        // Tab changes the picture while a view has the focus, and moves the focus elsewhere.
        QAction *next = (*actions_)[Act::NextMethod];
        next->setShortcutContext(Qt::WidgetShortcut);
        views_->tile(i)->view()->addAction(next);
    }
}

QDockWidget *MainWindow::addDock(const QString &title, const char *name, QWidget *content,
                                 Qt::DockWidgetArea area, Act toggle) {
    auto *dock = new QDockWidget(title, this);
    dock->setObjectName(QString::fromLatin1(name));
    dock->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable |
                      QDockWidget::DockWidgetClosable);
    auto *scroll = new QScrollArea(dock);
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // Nothing is cut: a panel is never narrower than its widest line.
    scroll->setMinimumWidth(std::max(content->minimumSizeHint().width() + 14,
                                     area == Qt::RightDockWidgetArea ? 300 : 240));
    dock->setWidget(scroll);
    addDockWidget(area, dock);
    QAction *action = (*actions_)[toggle];
    connect(action, &QAction::triggered, dock, [dock](bool on) {
        dock->setVisible(on);
        if (on)
            dock->raise();
    });
    connect(dock, &QDockWidget::visibilityChanged, this,
            [action, dock] { action->setChecked(!dock->isHidden()); });
    return dock;
}

void MainWindow::buildDocks() {
    sources_ = new SourcePanel(this);
    probe_ = new ProbePanel(this);
    histogram_ = new HistogramPanel(this);
    picture_ = new ViewPanel(this);
    noise_ = new NoisePanel((*actions_)[Act::Compare], (*actions_)[Act::NewSeed], this);
    detection_ = new DetectionPanel(this);
    model_ = new ModelPanel(this);
    logPanel_ = new LogPanel(log_.get(), this);
    connect(logPanel_, &LogPanel::reportWanted, this, &MainWindow::copyReport);
    connect(logPanel_, &LogPanel::levelChanged, this, [this] { saveTimer_.start(2000); });
    constexpr auto left = Qt::LeftDockWidgetArea;
    constexpr auto right = Qt::RightDockWidgetArea;
    docks_ = {addDock(tr("Sources"), "docks.sources", sources_, left, Act::DockSources),
              addDock(tr("Pixel probe"), "docks.probe", probe_, left, Act::DockProbe),
              addDock(tr("Histogram"), "docks.histogram", histogram_, right, Act::DockHistogram),
              addDock(tr("Picture"), "docks.picture", picture_, right, Act::DockView),
              addDock(tr("Noise"), "docks.noise", noise_, right, Act::DockNoise),
              addDock(tr("Detection"), "docks.detection", detection_, right, Act::DockDetection),
              addDock(tr("Network"), "docks.model", model_, right, Act::DockModel),
              addDock(tr("Log"), "docks.log", logPanel_, Qt::BottomDockWidgetArea, Act::DockLog)};
}

void MainWindow::placeDocks() {
    const auto &[sources, probe, histogram, picture, noise, detection, model, log] = docks_;
    for (QDockWidget *dock : docks_) {
        dock->setFloating(false);
        dock->show();
    }
    addDockWidget(Qt::LeftDockWidgetArea, sources);
    splitDockWidget(sources, probe, Qt::Vertical);
    addDockWidget(Qt::RightDockWidgetArea, histogram);
    splitDockWidget(histogram, noise, Qt::Vertical);
    tabifyDockWidget(noise, detection);
    tabifyDockWidget(detection, picture);
    tabifyDockWidget(picture, model);
    noise->raise();
    addDockWidget(Qt::BottomDockWidgetArea, log);
    log->hide();
    resizeDocks({sources, histogram}, {270, 330}, Qt::Horizontal);
    resizeDocks({sources, probe}, {480, 260}, Qt::Vertical);
    resizeDocks({histogram, noise}, {190, 560}, Qt::Vertical);
}

void MainWindow::buildToolBar() {
    toolBar_ = addToolBar(tr("Tools"));
    toolBar_->setObjectName(QStringLiteral("toolBar"));
    toolBar_->setMovable(false);
    toolBar_->setIconSize({20, 20});
    toolBar_->setContextMenuPolicy(Qt::PreventContextMenu);
    const auto add = [&](std::initializer_list<Act> acts) {
        for (const Act act : acts)
            toolBar_->addAction((*actions_)[act]);
        toolBar_->addSeparator();
    };
    add({Act::Open, Act::Synthetic});
    add({Act::Snapshot, Act::Record});
    add({Act::OneTile, Act::TwoTiles, Act::Compare, Act::LinkViews});
    add({Act::Fit, Act::OneToOne});
    add({Act::Boxes, Act::Trails});
    toolBar_->addAction((*actions_)[Act::Noise]);
}

void MainWindow::restore() {
    const bool fitsScreen = restoreGeometry(memory_.geometry);
    if (!fitsScreen && !memory_.geometry.isEmpty())
        spdlog::warn("the place of the window could not be restored");
    if (!memory_.state.isEmpty() && !restoreState(memory_.state))
        spdlog::warn("the layout could not be restored");
    picture_->setSettings(memory_.config.recon);
    detection_->setConfig(memory_.config.detect);
    detection_->setThreshold(memory_.threshold);
    noise_->setSettings(memory_.config.noise, memory_.noiseOn);
    histogram_->setLogarithmic(memory_.histogramLog);
    views_->setViews(memory_.config.display.views);
    views_->setLinked(memory_.linked);
    views_->overlay().boxes = memory_.boxes;
    views_->overlay().trails = memory_.trails;
    views_->overlay().threshold = static_cast<float>(memory_.threshold);
    // Once it is shown: before, there is no room to share.
    QTimer::singleShot(0, this, [this] {
        if (!memory_.viewsState.isEmpty() && !views_->restoreState(memory_.viewsState))
            spdlog::warn("the room of the two views could not be restored");
    });
    logPanel_->setLevel(memory_.logLevel);
    actions_->restoreKeys(memory_.keys);
    (*actions_)[Act::Boxes]->setChecked(memory_.boxes);
    (*actions_)[Act::Trails]->setChecked(memory_.trails);
    (*actions_)[Act::LinkViews]->setChecked(memory_.linked);
    refreshRecent();
    controller_->change(memory_.config);
    restoreModel(memory_.config.model.settings);
    pushConfig();
    if (!store_.setAside().isEmpty())
        banner_->error(tr("The settings could not be read. They were put aside as %1.")
                           .arg(store_.setAside()));
    else if (!store_.leftOut().isEmpty())
        banner_->error(tr("Some settings could not be used and have their first values again: %1")
                           .arg(store_.leftOut()));
    saveTimer_.setSingleShot(true);
    connect(&saveTimer_, &QTimer::timeout, this, &MainWindow::remember);
}

void MainWindow::remember() {
    memory_.geometry = saveGeometry();
    memory_.state = saveState();
    memory_.config = controller_->config();
    memory_.config.detect = detection_->config();
    memory_.config.display.views = views_->views();
    memory_.config.noise = noise_->settings();
    memory_.config.model = {model_->use().settings, nullptr};
    memory_.noiseOn = noise_->on();
    memory_.linked = views_->linked();
    memory_.boxes = views_->overlay().boxes;
    memory_.trails = views_->overlay().trails;
    memory_.threshold = detection_->threshold();
    memory_.histogramLog = histogram_->logarithmic();
    memory_.viewsState = views_->saveState();
    memory_.logLevel = logPanel_->level();
    memory_.keys = actions_->keyChanges();
    store_.save(memory_);
}

void MainWindow::setTheme(ThemeChoice choice) {
    memory_.theme = choice;
    applyColours();
    saveTimer_.start(2000);
}

void MainWindow::setOutputFolder(const QString &folder) {
    memory_.outputFolder = folder;
    check_->setFolder(folder);
    saveTimer_.start(2000);
}

void MainWindow::applyColours() {
    const bool dark = memory_.theme == ThemeChoice::System ? systemTheme_->dark()
                                                           : memory_.theme == ThemeChoice::Dark;
    applyTheme(*qApp, dark);
    if (transport_ == nullptr)
        return;  // still being built
    actions_->refreshIcons();
    transport_->refreshIcons();
    sources_->setCurrent(controller_->config().source);
    if (controller_->source())
        sources_->showInfo(*controller_->source());
    views_->refreshOverlay();
}

void MainWindow::closeEvent(QCloseEvent *event) {
    if (stopped_) {
        event->accept();
        return;
    }
    event->ignore();
    if (closing_)
        return;
    closing_ = true;
    remember();
    hide();
    recording_->stop();
    controller_->close([this] {
        stopped_ = true;
        close();
        emit closed();
    });
}

}  // namespace fovea
