// SPDX-License-Identifier: Apache-2.0
// What counts as a moving object, and which of them are shown.
#include "ui/panels/detection_panel.h"

#include "ui/panels/form.h"
#include "ui/settings/theme.h"

#include <QHeaderView>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <cmath>

namespace fovea {

DetectionPanel::DetectionPanel(QWidget *parent)
    : QWidget(parent), enabled_(new QCheckBox(tr("Detect moving objects"), this)),
      method_(new QComboBox(this)),
      threshold_(new SliderRow(tr("Show from score"), {0, 1, 0.01, 2, false, {}}, this)),
      change_(new SliderRow(tr("Change"), {2, 10, 0.1, 1, false, tr(" sigma")}, this)),
      contrast_(new SliderRow(tr("Contrast"), {2, 10, 0.1, 1, false, tr(" sigma")}, this)),
      area_(new SliderRow(tr("Smallest"), {4, 4000, 1, 0, true, tr(" px")}, this)),
      list_(new QTreeWidget(this)) {
    nameControls();
    build();
    connect(enabled_, &QCheckBox::toggled, this, &DetectionPanel::read);
    connect(method_, &QComboBox::currentIndexChanged, this, &DetectionPanel::read);
    for (SliderRow *row : {change_, contrast_, area_})
        connect(row, &SliderRow::changed, this, &DetectionPanel::read);
    connect(threshold_, &SliderRow::changed, this, &DetectionPanel::thresholdChanged);
    setConfig({});
}

void DetectionPanel::nameControls() {
    enabled_->setObjectName(QStringLiteral("detectEnabled"));
    method_->setObjectName(QStringLiteral("detectMethod"));
    method_->addItem(tr("Motion (real time)"), static_cast<int>(DetectionMethod::Motion));
    method_->addItem(tr("Attention (STP, LIF, DNF)"), static_cast<int>(DetectionMethod::Attention));
    method_->addItem(tr("Network (SNN)"), static_cast<int>(DetectionMethod::Snn));
    threshold_->setObjectName(QStringLiteral("threshold"));
    threshold_->setToolTip(tr("Boxes of a lower score are not shown"));
    change_->setObjectName(QStringLiteral("changeSigmas"));
    change_->setToolTip(tr("How far from its recent rate a place must be to count as changed"));
    contrast_->setObjectName(QStringLiteral("contrastSigmas"));
    contrast_->setToolTip(tr("How far from the background a place must be to belong to an object"));
    area_->setObjectName(QStringLiteral("minArea"));
    area_->setToolTip(tr("Objects with fewer pixels are not looked at"));
    list_->setObjectName(QStringLiteral("objects"));
    list_->setAccessibleName(tr("Objects"));
    list_->setHeaderLabels({tr("Id"), tr("Class"), tr("Score"), tr("Box"), tr("Speed")});
    list_->setRootIsDecorated(false);
    list_->setSelectionMode(QAbstractItemView::NoSelection);
    list_->setFocusPolicy(Qt::TabFocus);
    list_->header()->setStretchLastSection(true);
    list_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
}

void DetectionPanel::build() {
    auto *reset = new QPushButton(tr("Reset"), this);
    reset->setObjectName(QStringLiteral("resetDetection"));
    reset->setToolTip(tr("Back to the values of a new start"));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 10, 10);
    layout->addWidget(enabled_);
    form_ = form({{tr("Method"), method_},
                  {tr("Change"), change_},
                  {tr("Contrast"), contrast_},
                  {tr("Smallest"), area_},
                  {tr("Score from"), threshold_}},
                 this);
    layout->addLayout(form_);
    layout->addWidget(list_, 1);
    layout->addWidget(reset, 0, Qt::AlignRight);
    connect(reset, &QPushButton::clicked, this, [this] {
        setConfig({});
        threshold_->setValue(0);
        emit thresholdChanged(0);
        emit changed(config_);
    });
}

void DetectionPanel::setConfig(const DetectConfig &config) {
    config_ = config;
    const QSignalBlocker blockEnabled(enabled_);
    const QSignalBlocker blockMethod(method_);
    enabled_->setChecked(config.enabled);
    method_->setCurrentIndex(method_->findData(static_cast<int>(config.detector.method)));
    const MotionSettings &motion = config.detector.motion;
    change_->setValue(static_cast<double>(motion.changeSigmas));
    contrast_->setValue(static_cast<double>(motion.contrastSigmas));
    area_->setValue(static_cast<double>(motion.minArea));
    const bool isMotion = config.detector.method == DetectionMethod::Motion;
    for (SliderRow *row : {change_, contrast_, area_}) {
        row->setEnabled(config.enabled);
        form_->setRowVisible(row, isMotion);  // the other methods do not read them
    }
    method_->setEnabled(config.enabled);
    threshold_->setEnabled(config.enabled);
}

void DetectionPanel::read() {
    DetectConfig config = config_;
    config.enabled = enabled_->isChecked();
    config.detector.method = static_cast<DetectionMethod>(method_->currentData().toInt());
    config.detector.motion.changeSigmas = static_cast<float>(change_->value());
    config.detector.motion.contrastSigmas = static_cast<float>(contrast_->value());
    config.detector.motion.minArea = static_cast<float>(area_->value());
    setConfig(config);
    emit changed(config_);
}

void DetectionPanel::show(const std::vector<Track> &tracks, double planeRateHz,
                          const std::shared_ptr<const std::vector<std::string>> &classes) {
    const int count = static_cast<int>(tracks.size());
    while (list_->topLevelItemCount() > count)
        delete list_->takeTopLevelItem(list_->topLevelItemCount() - 1);
    while (list_->topLevelItemCount() < count)
        list_->addTopLevelItem(new QTreeWidgetItem);
    for (int i = 0; i < count; ++i) {
        const Track &track = tracks[static_cast<std::size_t>(i)];
        QTreeWidgetItem *item = list_->topLevelItem(i);
        const auto number = [](float value) { return QString::number(std::lround(value)); };
        item->setText(0, QString::number(track.id));
        item->setForeground(0, colours().dark ? objectColour(track.id)
                                              : objectColour(track.id).darker(170));
        const auto label = static_cast<std::size_t>(track.label);
        const bool named = track.label >= 0 && classes && label < classes->size();
        item->setText(1, named ? QString::fromStdString((*classes)[label]) : QString());
        item->setText(2, QString::number(static_cast<double>(track.score), 'f', 2));
        item->setText(3, QStringLiteral("%1, %2  %3x%4")
                             .arg(number(track.box.x), number(track.box.y), number(track.box.w),
                                  number(track.box.h)));
        const double speed =
            std::hypot(static_cast<double>(track.vx), static_cast<double>(track.vy)) * planeRateHz;
        item->setText(4, tr("%1 px/s").arg(QString::number(std::lround(speed))));
    }
}

}  // namespace fovea
