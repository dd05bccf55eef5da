// SPDX-License-Identifier: Apache-2.0
// The window: what each action does.
#include "ui/main_window.h"

#include "engine/recon/recon_methods.h"
#include "ui/panels/detection_panel.h"
#include "ui/panels/model_panel.h"
#include "ui/panels/noise_panel.h"
#include "ui/panels/probe_panel.h"
#include "ui/panels/source_panel.h"
#include "ui/panels/view_panel.h"
#include "ui/playback/time_text.h"
#include "ui/settings/keys_dialog.h"
#include "ui/settings/theme.h"
#include "ui/views/banner.h"
#include "ui/views/view_area.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QInputDialog>
#include <QMessageBox>

namespace fovea {
namespace {

/// Calls `use(action, name)` for each method that has an action.
template <class Use> void forEachMethod(const Actions &actions, Use use) {
    const auto methods = reconMethods();
    for (std::size_t i = 0; i < methods.size() && viewAct(i) <= Act::View9; ++i)
        use(actions[viewAct(i)], std::string(methods[i].name));
}

}  // namespace

void MainWindow::connectFileActions() {
    const Actions &a = *actions_;
    connect(a[Act::Open], &QAction::triggered, this, &MainWindow::chooseFile);
    connect(a[Act::Synthetic], &QAction::triggered, this, [this] {
        const SourceConfig &now = controller_->config().source;
        openSource(now.kind == "synthetic" ? now : SourceConfig{});
    });
    connect(a[Act::CloseSource], &QAction::triggered, this, [this] {
        controller_->close();
        shown_.reset();
        slowDue_ = true;
        views_->show(nullptr);
        views_->setStale(false);
        probe_->clear();
        banner_->clear();
        setWindowTitle(QStringLiteral("Fovea"));
        sources_->showState(tr("not open"));
        refreshActions();
    });
    connect(a[Act::Snapshot], &QAction::triggered, this, [this] { snapshot(false); });
    connect(a[Act::CopyPicture], &QAction::triggered, this, [this] { snapshot(true); });
    connect(a[Act::Record], &QAction::triggered, this, [this](bool on) {
        if (on)
            startRecording();
        else
            recording_->stop();
        refreshActions();
    });
    connect(a[Act::CloseWhenLost], &QAction::triggered, this, [this](bool on) {
        Config config = controller_->config();
        config.record.onLost = on ? "close" : "continue";
        controller_->change(config);
        saveTimer_.start(2000);
    });
    connect(a[Act::OutputFolder], &QAction::triggered, this, &MainWindow::chooseOutputFolder);
    connect(a[Act::LoadConfig], &QAction::triggered, this, &MainWindow::loadConfigFile);
    connect(a[Act::SaveConfig], &QAction::triggered, this, &MainWindow::saveConfigFile);
    connect(a[Act::Quit], &QAction::triggered, this, &QWidget::close);
    recentMenu_ = new QMenu(tr("Open &recent"), this);
    a.menu(MenuId::File)->insertMenu(a[Act::Synthetic], recentMenu_);
}

void MainWindow::connectPlaybackActions() {
    const Actions &a = *actions_;
    const auto on = [&](Act act, auto slot) {
        connect(a[act], &QAction::triggered, player_.get(), slot);
    };
    on(Act::PlayPause, &Player::playPause);
    on(Act::StepBack, [this] { player_->step(-1); });
    on(Act::StepForward, [this] { player_->step(1); });
    on(Act::Back10, [this] { player_->jump(-10); });
    on(Act::Forward10, [this] { player_->jump(10); });
    on(Act::Back100, [this] { player_->jump(-100); });
    on(Act::Forward100, [this] { player_->jump(100); });
    on(Act::ToStart, &Player::toStart);
    on(Act::ToEnd, &Player::toEnd);
    on(Act::ShuttleBack, [this] { player_->shuttle(-1); });
    on(Act::ShuttleStop, &Player::pause);
    on(Act::ShuttleForward, [this] { player_->shuttle(1); });
    on(Act::Slower, &Player::slower);
    on(Act::Faster, &Player::faster);
    on(Act::RealSpeed, [this] { player_->setSpeed(1); });
    on(Act::EveryPlane, &Player::setEveryPlane);
    on(Act::MarkA, &Player::markA);
    on(Act::MarkB, &Player::markB);
    on(Act::ClearMarks, &Player::clearMarks);
    on(Act::Loop, &Player::setLoop);
    connect(a[Act::GoTo], &QAction::triggered, this, &MainWindow::goTo);
    addSpeedMenu();
    connect(player_.get(), &Player::changed, this, [this] {
        if (player_->playable() != (*actions_)[Act::StepBack]->isEnabled())
            refreshActions();
    });
}

void MainWindow::addSpeedMenu() {
    speedMenu_ = new QMenu(tr("&Speed"), this);
    actions_->menu(MenuId::Playback)->insertMenu((*actions_)[Act::EveryPlane], speedMenu_);
    connect(speedMenu_, &QMenu::aboutToShow, this, [this] {
        speedMenu_->clear();
        const SpeedLadder ladder = player_->ladder();
        const std::size_t now = ladder.nearest(std::abs(player_->speed()));
        for (std::size_t i = 0; i < ladder.size(); ++i) {
            QAction *action =
                speedMenu_->addAction(ladder.label(i), this, [this, speed = ladder.speed(i)] {
                    player_->setSpeed(speed);
                });
            action->setCheckable(true);
            action->setChecked(i == now);
        }
    });
}

void MainWindow::connectViewActions() {
    const Actions &a = *actions_;
    forEachMethod(a, [this](QAction *action, const std::string &name) {
        connect(action, &QAction::triggered, this, [this, name] { views_->setMethod(name); });
    });
    connect(a[Act::NextMethod], &QAction::triggered, this, &MainWindow::nextMethod);
    connect(a[Act::OneTile], &QAction::triggered, this, [this] { setTiles(1); });
    connect(a[Act::TwoTiles], &QAction::triggered, this, [this] { setTiles(2); });
    connect(a[Act::LinkViews], &QAction::toggled, views_, &ViewArea::setLinked);
    connect(a[Act::Fit], &QAction::triggered, views_, &ViewArea::fit);
    connect(a[Act::OneToOne], &QAction::triggered, views_, &ViewArea::oneToOne);
    connect(a[Act::ZoomIn], &QAction::triggered, this, [this] { views_->zoomBy(1.25); });
    connect(a[Act::ZoomOut], &QAction::triggered, this, [this] { views_->zoomBy(0.8); });
    connect(a[Act::Boxes], &QAction::toggled, this, [this](bool on) {
        views_->overlay().boxes = on;
        views_->refreshOverlay();
    });
    connect(a[Act::Trails], &QAction::toggled, this, [this](bool on) {
        views_->overlay().trails = on;
        views_->refreshOverlay();
    });
    connect(a[Act::FullScreen], &QAction::triggered, this, [this](bool on) {
        setWindowState(on ? windowState() | Qt::WindowFullScreen
                          : windowState() & ~Qt::WindowFullScreen);
    });
    connect(a[Act::Cancel], &QAction::triggered, this, &MainWindow::cancel);
    addThemeMenu();
}

void MainWindow::addThemeMenu() {
    auto *menu = new QMenu(tr("T&heme"), this);
    auto *group = new QActionGroup(menu);
    for (const auto &[choice, text] :
         {std::pair{ThemeChoice::System, tr("As the &system")},
          std::pair{ThemeChoice::Light, tr("&Light")}, std::pair{ThemeChoice::Dark, tr("&Dark")}}) {
        QAction *action =
            menu->addAction(text, this, [this, choice = choice] { setTheme(choice); });
        action->setObjectName(QStringLiteral("theme.") + toString(choice));
        action->setCheckable(true);
        action->setChecked(memory_.theme == choice);
        group->addAction(action);
    }
    actions_->menu(MenuId::View)->insertMenu((*actions_)[Act::FullScreen], menu);
}

void MainWindow::addPresetMenu() {
    auto *menu = new QMenu(tr("&Presets"), this);
    for (std::size_t i = 0; i < noisePresets().size(); ++i)
        menu->addAction(NoisePanel::tr(noisePresets()[i].name), this,
                        [this, i] { noise_->usePreset(i); });
    actions_->menu(MenuId::Robustness)->insertMenu((*actions_)[Act::Detect], menu);
}

void MainWindow::connectOtherActions() {
    const Actions &a = *actions_;
    connect(a[Act::Noise], &QAction::triggered, this, [this](bool on) { noise_->setOn(on); });
    connect(a[Act::Compare], &QAction::triggered, this, &MainWindow::setCompare);
    connect(a[Act::NewSeed], &QAction::triggered, noise_, &NoisePanel::newSeed);
    connect(a[Act::Detect], &QAction::triggered, this, [this](bool on) {
        DetectConfig config = detection_->config();
        config.enabled = on;
        detection_->setConfig(config);
        pushConfig();
    });
    addPresetMenu();
    connect(a[Act::ResetLayout], &QAction::triggered, this, [this] {
        placeDocks();
        saveTimer_.start(2000);
    });
    connect(a[Act::Keys], &QAction::triggered, this, [this] {
        auto *dialog = new KeysDialog(*actions_, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->show();
    });
    connect(actions_, &Actions::keysChanged, this, [this] {
        showKeys();
        saveTimer_.start(2000);
    });
    showKeys();
    connect(a[Act::CopyReport], &QAction::triggered, this, &MainWindow::copyReport);
    connect(a[Act::About], &QAction::triggered, this, [this] {
        auto *box = new QMessageBox(
            QMessageBox::NoIcon, tr("About Fovea"),
            tr("<h3>Fovea %1</h3><p>Real-time vision for spike cameras: pictures, objects and a "
               "measure of trust from 40,000 binary planes a second.</p><p>Apache License 2.0</p>")
                .arg(QStringLiteral(FOVEA_VERSION)),
            QMessageBox::Close, this);
        box->setObjectName(QStringLiteral("aboutBox"));
        box->setIconPixmap(windowIcon().pixmap(64, 64));
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    });
}

void MainWindow::showKeys() {
    const auto key = [this](Act act) {
        return (*actions_)[act]->shortcut().toString(QKeySequence::NativeText);
    };
    QString text = tr("Drop a recording or a folder here.");
    if (const QString open = key(Act::Open); !open.isEmpty())
        text += QLatin1Char('\n') + tr("%1 opens one.").arg(open);
    if (const QString synthetic = key(Act::Synthetic); !synthetic.isEmpty())
        text += QLatin1Char('\n') + tr("%1 runs the synthetic camera.").arg(synthetic);
    views_->setEmptyText(text);
}

void MainWindow::setTiles(std::size_t count) {
    std::vector<ViewConfig> views = views_->views();
    if (views.size() < count) {
        const std::string first = views.front().method;
        views.push_back({first == "tfi" ? "tfp" : "tfi", false});
    }
    views.resize(count);
    views_->setViews(views);
    pushConfig();
}

void MainWindow::setCompare(bool compare) {
    const std::string method = views_->activeTile()->config().method;
    if (compare)
        views_->setViews({{method, false}, {method, true}});
    else
        views_->setViews({{method, false}});
    pushConfig();
}

void MainWindow::nextMethod() {
    const std::string now = views_->activeTile()->config().method;
    std::span<const ReconMethodInfo> methods = reconMethods();
    if (!model_->use().model)
        methods = methods.first(methods.size() - 1);  // the last one needs a network
    for (std::size_t i = 0; i < methods.size(); ++i)
        if (now == methods[i].name) {
            views_->setMethod(std::string(methods[(i + 1) % methods.size()].name));
            return;
        }
}

void MainWindow::cancel() {
    if (player_->speed() < 0)
        player_->pause();
    else if (isFullScreen())
        (*actions_)[Act::FullScreen]->trigger();
    else
        banner_->clear();
}

void MainWindow::goTo() {
    if (!player_->playable())
        return;
    auto *dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("goToDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Go to"));
    dialog->setLabelText(tr("Plane or time, for example 1200, 30 ms, 0.5 s, 1:02.5"));
    dialog->setTextValue(QString::number(player_->plane()));
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &text) {
        if (const auto plane = parsePlace(text, player_->planeRateHz()))
            player_->seek(*plane);
        else
            banner_->error(tr("\"%1\" is neither a plane nor a time. Write 1200, 30 ms, 0.5 s or "
                              "1:02.5.")
                               .arg(text));
    });
    dialog->open();
}

// At once: what happens now may not happen again. What will be lost is said beforehand by the
// source panel, and here.
void MainWindow::startRecording() {
    const Preflight &budgets = check_->result();
    if (budgets.light() == BudgetLight::Red)
        banner_->error(tr("Recording, but %1").arg(QString::fromStdString(budgets.verdict())));
    recording_->start(memory_.outputFolder);
}

void MainWindow::refreshActions() {
    const Actions &a = *actions_;
    const bool open = controller_->source().has_value();
    const bool film = player_->playable();
    for (const Act act :
         {Act::StepBack, Act::StepForward, Act::Back10, Act::Forward10, Act::Back100,
          Act::Forward100, Act::ToStart, Act::ToEnd, Act::GoTo, Act::ShuttleBack,
          Act::ShuttleForward, Act::Slower, Act::Faster, Act::RealSpeed, Act::EveryPlane,
          Act::MarkA, Act::MarkB, Act::ClearMarks, Act::Loop})
        a[act]->setEnabled(film);
    speedMenu_->setEnabled(film);
    for (const Act act : {Act::PlayPause, Act::ShuttleStop, Act::CloseSource})
        a[act]->setEnabled(open);
    for (const Act act :
         {Act::Snapshot, Act::CopyPicture, Act::Fit, Act::OneToOne, Act::ZoomIn, Act::ZoomOut})
        a[act]->setEnabled(shown_ != nullptr);
    a[Act::Record]->setEnabled(open && !controller_->status().finished);
    a[Act::Record]->setChecked(recording_->active());
    a[Act::CloseWhenLost]->setChecked(controller_->config().record.onLost == "close");
    if (film) {
        a[Act::Loop]->setChecked(player_->status()->loop);
        a[Act::EveryPlane]->setChecked(player_->status()->everyPlane);
    }
    const std::vector<ViewConfig> views = views_->views();
    forEachMethod(a, [this](QAction *action, const std::string &name) {
        action->setChecked(views_->activeTile()->config().method == name);
    });
    picture_->setMethod(views_->activeTile()->config().method);
    a[Act::OneTile]->setChecked(views.size() == 1);
    a[Act::TwoTiles]->setChecked(views.size() == 2);
    a[Act::Compare]->setChecked(views.size() == 2 && views[0].method == views[1].method &&
                                views[0].clean != views[1].clean);
    a[Act::Noise]->setChecked(noise_->on());
    a[Act::Detect]->setChecked(detection_->config().enabled);
    a[Act::FullScreen]->setChecked(isFullScreen());
}

}  // namespace fovea
