// SPDX-License-Identifier: Apache-2.0
// Where spikes can come from: cameras, the synthetic scene, recordings.
#include "ui/panels/source_panel.h"

#include "ui/panels/form.h"
#include "ui/playback/time_text.h"
#include "ui/settings/theme.h"

#include <QDir>
#include <QFileInfo>
#include <QHeaderView>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace fovea {
namespace {

constexpr int kindRole = Qt::UserRole;       // 0 camera, 1 recording
constexpr int indexRole = Qt::UserRole + 1;  // in its list

QString pathOf(const SourceConfig &source) {
    return QDir::toNativeSeparators(QString::fromStdString(source.path));
}

}  // namespace

SourcePanel::SourcePanel(QWidget *parent)
    : QWidget(parent), list_(new QTreeWidget(this)), info_(new QLabel(this)),
      budgets_(new QLabel(this)), shape_(new QComboBox(this)), rate_(new QComboBox(this)),
      objects_(new QSpinBox(this)), light_(new QComboBox(this)),
      sensorNoise_(
          new SliderRow(tr("Sensor noise"), {0, 5, 0.1, 1, false, QStringLiteral("x")}, this)),
      seed_(new SeedBox(this)) {
    build();
    showScene({});
    rebuild();
}

void SourcePanel::build() {
    list_->setObjectName(QStringLiteral("sources"));
    list_->setAccessibleName(tr("Sources"));
    list_->setHeaderHidden(true);
    list_->setIndentation(14);
    list_->setMinimumHeight(84);
    list_->setMaximumHeight(150);
    list_->setTextElideMode(Qt::ElideMiddle);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(list_, &QTreeWidget::itemActivated, this, &SourcePanel::activate);
    auto *open = new QPushButton(tr("Open recording..."), this);
    open->setObjectName(QStringLiteral("openButton"));
    open->setToolTip(tr("Open a recording of spikes, or drop one on the window"));
    connect(open, &QPushButton::clicked, this, &SourcePanel::fileWanted);
    info_->setObjectName(QStringLiteral("sourceInfo"));
    info_->setWordWrap(true);
    info_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    budgets_->setObjectName(QStringLiteral("recordBudgets"));
    budgets_->setAccessibleName(tr("Recording budgets"));
    budgets_->setWordWrap(true);
    budgets_->hide();
    sceneBox_ = makeSceneBox();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addWidget(list_, 1);
    layout->addWidget(open);
    layout->addSpacing(4);
    layout->addWidget(info_);
    layout->addWidget(budgets_);
    layout->addWidget(sceneBox_);
    layout->addStretch();
}

QWidget *SourcePanel::makeSceneBox() {
    auto *box = new QWidget(this);
    shape_->setObjectName(QStringLiteral("sceneShape"));
    for (const PlaneShape shape :
         {PlaneShape{400, 250}, PlaneShape{200, 125}, PlaneShape{640, 480}, PlaneShape{1000, 1000}})
        shape_->addItem(QString::fromStdString(toString(shape)));
    rate_->setObjectName(QStringLiteral("sceneRate"));
    for (const int rate : {40000, 20000, 10000, 5000, 1000})
        rate_->addItem(tr("%1 planes/s").arg(rate), rate);
    objects_->setObjectName(QStringLiteral("sceneObjects"));
    objects_->setRange(0, 64);
    light_->setObjectName(QStringLiteral("sceneLight"));
    light_->addItem(tr("Constant light"), QStringLiteral("constant"));
    light_->addItem(tr("Fluorescent light"), QStringLiteral("fluorescent"));
    sensorNoise_->setObjectName(QStringLiteral("sceneNoise"));
    sensorNoise_->setToolTip(tr("Scale of all noise of the sensor; 0 is an ideal one"));
    seed_->setObjectName(QStringLiteral("sceneSeed"));
    auto *restart = new QPushButton(tr("Run this scene"), box);
    restart->setObjectName(QStringLiteral("runScene"));
    restart->setToolTip(tr("Start the synthetic camera again with these settings"));
    connect(restart, &QPushButton::clicked, this, [this] { emit openWanted(scene()); });
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(heading(tr("Synthetic scene"), box));
    layout->addLayout(form({{tr("Shape"), shape_},
                            {tr("Rate"), rate_},
                            {tr("Objects"), objects_},
                            {tr("Light"), light_},
                            {tr("Noise"), sensorNoise_},
                            {tr("Seed"), seed_}},
                           box));
    layout->addWidget(restart);
    return box;
}

SourceConfig SourcePanel::scene() const {
    SourceConfig source;
    source.kind = "synthetic";
    if (const auto shape = parsePlaneShape(shape_->currentText().toStdString()))
        source.shape = *shape;
    source.planeRateHz = rate_->currentData().toDouble();
    source.objects = static_cast<std::uint32_t>(objects_->value());
    source.light = light_->currentData().toString().toStdString();
    source.sensorNoise = sensorNoise_->value();
    source.seed = seed_->seed();
    return source;
}

void SourcePanel::setCameras(std::vector<SourceDescription> cameras) {
    if (cameras == cameras_)
        return;
    cameras_ = std::move(cameras);
    rebuild();
}

void SourcePanel::setRecent(std::vector<SourceConfig> recent) {
    recent_ = std::move(recent);
    rebuild();
}

void SourcePanel::setCurrent(const SourceConfig &source) {
    current_ = source;
    const bool synthetic = source.kind == "synthetic";
    sceneBox_->setVisible(synthetic);
    if (synthetic)
        showScene(source);
    rebuild();
}

void SourcePanel::showScene(const SourceConfig &source) {
    const QString shape =
        QString::fromStdString(toString(source.shape.value_or(PlaneShape{400, 250})));
    if (shape_->findText(shape) < 0)
        shape_->addItem(shape);
    shape_->setCurrentText(shape);
    const int rate = static_cast<int>(source.planeRateHz.value_or(40000));
    if (rate_->findData(rate) < 0)
        rate_->addItem(tr("%1 planes/s").arg(rate), rate);
    rate_->setCurrentIndex(rate_->findData(rate));
    objects_->setValue(static_cast<int>(source.objects));
    light_->setCurrentIndex(std::max(0, light_->findData(QString::fromStdString(source.light))));
    sensorNoise_->setValue(source.sensorNoise);
    seed_->setSeed(source.seed);
}

bool SourcePanel::isCurrent(const SourceDescription &camera) const {
    return current_.kind == camera.kind && current_.serial == camera.config.serial;
}

/// Name and serial; below them what a camera's link is and whether it can be opened.
QString SourcePanel::cameraText(const SourceDescription &camera) const {
    QString text = QString::fromStdString(camera.name);
    if (!camera.config.serial.empty())
        text += QStringLiteral(" ") + QString::fromStdString(camera.config.serial);
    if (camera.speed.empty() && camera.state.empty())
        return text;
    const bool ours = camera.state == "in use" && isCurrent(camera);
    return text + QStringLiteral("\n%1, %2")
                      .arg(QString::fromStdString(camera.speed),
                           ours ? tr("open here") : QString::fromStdString(camera.state));
}

void SourcePanel::rebuild() {
    const QSignalBlocker block(list_);
    list_->clear();
    const auto group = [&](const QString &title) {
        auto *item = new QTreeWidgetItem(list_, {title});
        item->setFlags(Qt::ItemIsEnabled);
        item->setForeground(0, colours().dim);
        item->setExpanded(true);
        return item;
    };
    QTreeWidgetItem *cameras = group(tr("Cameras"));
    QTreeWidgetItem *selected = nullptr;
    for (std::size_t i = 0; i < cameras_.size(); ++i) {
        auto *item = new QTreeWidgetItem(cameras, {cameraText(cameras_[i])});
        item->setToolTip(0, QString::fromStdString(cameras_[i].detail));
        item->setIcon(0, themedIcon(QStringLiteral("camera")));
        item->setData(0, kindRole, 0);
        item->setData(0, indexRole, static_cast<int>(i));
        if (isCurrent(cameras_[i]))
            selected = item;
    }
    QTreeWidgetItem *recordings = group(tr("Recordings"));
    for (std::size_t i = 0; i < recent_.size(); ++i) {
        auto *item = new QTreeWidgetItem(recordings, {QFileInfo(pathOf(recent_[i])).fileName()});
        item->setToolTip(0, pathOf(recent_[i]));
        item->setIcon(0, themedIcon(QStringLiteral("file")));
        item->setData(0, kindRole, 1);
        item->setData(0, indexRole, static_cast<int>(i));
        if (current_.kind == "file" && current_.path == recent_[i].path)
            selected = item;
    }
    if (recent_.empty()) {
        auto *hint = new QTreeWidgetItem(recordings, {tr("drop one on the window")});
        hint->setFlags(Qt::NoItemFlags);
    }
    if (selected != nullptr)
        list_->setCurrentItem(selected);
}

void SourcePanel::activate(QTreeWidgetItem *item) {
    const QVariant index = item->data(0, indexRole);
    if (!index.isValid())
        return;
    const auto at = static_cast<std::size_t>(index.toInt());
    if (item->data(0, kindRole).toInt() == 1)
        emit openWanted(SourceConfig(recent_[at]));
    else
        emit openWanted(cameras_[at].kind == "synthetic" && current_.kind == "synthetic"
                            ? scene()
                            : cameras_[at].config);
}

void SourcePanel::showInfo(const SourceInfo &info) {
    if (current_.kind != "file" && current_.serial != info.serial) {
        current_.serial = info.serial;  // whichever camera was the first one
        rebuild();
    }
    QString text =
        tr("<b>%1</b><br>%2, %3 planes/s")
            .arg(QString::fromStdString(info.name).toHtmlEscaped(),
                 QString::fromStdString(toString(info.shape)), QString::number(info.planeRateHz));
    if (info.planes)
        text += tr("<br>%1 planes, %2")
                    .arg(planeText(*info.planes),
                         timeText(static_cast<double>(*info.planes) / info.planeRateHz));
    const double bytes = static_cast<double>(info.shape.pixels()) / 8 * info.planeRateHz;
    text += tr("<br>%1 MB/s of spikes")
                .arg(QLocale::c().toString(bytes / 1e6, 'f', bytes < 1e7 ? 1 : 0));
    for (const std::string &warning : info.warnings)
        text += QStringLiteral("<br><span style='color:%1'>%2</span>")
                    .arg(colours().amber.name(), QString::fromStdString(warning).toHtmlEscaped());
    info_->setText(text);
}

void SourcePanel::showBudgets(const Preflight &budgets) {
    // Shapes, too: not everybody tells red from green.
    const auto lamp = [](BudgetLight light) {
        const QColor colour = light == BudgetLight::Green   ? colours().good
                              : light == BudgetLight::Amber ? colours().amber
                                                            : colours().red;
        const QString shape = light == BudgetLight::Green   ? QStringLiteral("●")
                              : light == BudgetLight::Amber ? QStringLiteral("▲")
                                                            : QStringLiteral("■");
        return QStringLiteral("<span style='color:%1'>%2</span>").arg(colour.name(), shape);
    };
    QString line = tr("Recording:");
    QString details;
    QString tip;
    for (const Budget &budget : budgets.budgets) {
        const QString name = QString::fromStdString(budget.name);
        const QString text = QString::fromStdString(budget.text).toHtmlEscaped();
        line += QStringLiteral(" %1&nbsp;%2").arg(lamp(budget.light), name);
        tip += QStringLiteral("<br>%1 %2: %3").arg(lamp(budget.light), name, text);
        if (budget.light == BudgetLight::Red)
            details += QStringLiteral("<br>%1: %2").arg(name, text);
    }
    budgets_->setText(line + details);
    budgets_->setToolTip(QString::fromStdString(budgets.verdict()) + tip);
    budgets_->setVisible(!budgets.budgets.empty());
}

void SourcePanel::showState(const QString &text) {
    info_->setText(text.toHtmlEscaped());
}

}  // namespace fovea
