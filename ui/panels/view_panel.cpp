// SPDX-License-Identifier: Apache-2.0
// How pictures are made: window, reach, convention, brightness.
#include "ui/panels/view_panel.h"

#include "engine/recon/recon_methods.h"
#include "ui/panels/form.h"

#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace fovea {

ViewPanel::ViewPanel(QWidget *parent)
    : QWidget(parent),
      window_(new SliderRow(tr("Window"), {1, 255, 2, 0, false, tr(" planes")}, this)),
      convention_(new QComboBox(this)),
      reach_(new SliderRow(tr("Reach"), {1, 200, 1, 0, false, tr(" planes")}, this)),
      form_(new QComboBox(this)),
      history_(new SliderRow(tr("History"), {1, 1000, 1, 0, true, tr(" planes")}, this)),
      gain_(new SliderRow(tr("Gain"), {0.1, 20, 0.05, 2, true, {}}, this)),
      gamma_(new SliderRow(tr("Gamma"), {0.2, 5, 0.05, 2, true, {}}, this)),
      title_(heading({}, this)), what_(new QLabel(this)) {
    build();
    for (SliderRow *row : {window_, reach_, history_, gain_, gamma_})
        connect(row, &SliderRow::changed, this, &ViewPanel::read);
    for (QComboBox *box : {convention_, form_})
        connect(box, &QComboBox::currentIndexChanged, this, &ViewPanel::read);
    setSettings({});
    setMethod("tfp");
}

void ViewPanel::build() {
    window_->setObjectName(QStringLiteral("window"));
    window_->setToolTip(tr("Planes that are averaged around the shown one (odd)"));
    convention_->setObjectName(QStringLiteral("convention"));
    convention_->addItem(tr("around the plane"), static_cast<int>(TfiConvention::Single));
    convention_->addItem(tr("without limit"), static_cast<int>(TfiConvention::Stack));
    convention_->setToolTip(
        tr("Which interval is taken: the one around the plane, searched as far as the reach, or "
           "the last complete one however long (SpikeCV's spikes2frame and spikes2images)"));
    reach_->setObjectName(QStringLiteral("reach"));
    reach_->setToolTip(tr("Planes searched for a spike on each side"));
    form_->setObjectName(QStringLiteral("tfstpForm"));
    form_->addItem(tr("with the recording"), static_cast<int>(TfstpForm::Online));
    form_->addItem(tr("with the first spike"), static_cast<int>(TfstpForm::Offline));
    form_->setToolTip(tr("Where the first interval of a pixel begins"));
    history_->setObjectName(QStringLiteral("history"));
    history_->setToolTip(tr("Planes before the shown one that the synapse has seen"));
    gain_->setObjectName(QStringLiteral("gain"));
    gain_->setToolTip(tr("Brightness; 1 shows the values as computed"));
    gamma_->setObjectName(QStringLiteral("gamma"));
    gamma_->setToolTip(tr("Above 1 lifts the dark parts; 1 is linear"));
    auto *reset = new QPushButton(tr("Reset"), this);
    reset->setObjectName(QStringLiteral("resetView"));
    reset->setToolTip(tr("Back to the values of a new start"));

    connect(reset, &QPushButton::clicked, this, [this] {
        setSettings({});
        emit changed(settings_);
    });
    title_->setObjectName(QStringLiteral("methodTitle"));
    what_->setWordWrap(true);
    what_->setProperty("role", QStringLiteral("dim"));
    rows_ = form({{tr("Window"), window_},
                  {tr("Interval"), convention_},
                  {tr("Reach"), reach_},
                  {tr("Begins"), form_},
                  {tr("History"), history_}},
                 this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 10, 10);
    layout->addWidget(title_);
    layout->addWidget(what_);
    layout->addLayout(rows_);
    layout->addSpacing(6);
    layout->addWidget(heading(tr("Brightness"), this));
    layout->addLayout(form({{tr("Gain"), gain_}, {tr("Gamma"), gamma_}}, this));
    layout->addStretch();
    layout->addWidget(reset, 0, Qt::AlignRight);
}

void ViewPanel::setMethod(const std::string &name) {
    const auto methods = reconMethods();
    const auto found = std::find_if(methods.begin(), methods.end(),
                                    [&](const ReconMethodInfo &info) { return info.name == name; });
    if (found == methods.end())
        return;
    title_->setText(QString::fromUtf8(found->title.data(), qsizetype(found->title.size())));
    const QString what = QString::fromUtf8(found->what.data(), qsizetype(found->what.size()));
    what_->setText(what.left(1).toUpper() + what.mid(1));
    rows_->setRowVisible(window_, found->reads(ReconParameter::Window));
    rows_->setRowVisible(convention_, found->reads(ReconParameter::Convention));
    rows_->setRowVisible(reach_, found->reads(ReconParameter::Reach));
    rows_->setRowVisible(form_, found->reads(ReconParameter::Form));
    rows_->setRowVisible(history_, found->reads(ReconParameter::History));
}

void ViewPanel::setSettings(const ReconSettings &settings) {
    settings_ = settings;
    const QSignalBlocker block(convention_);
    const QSignalBlocker blockForm(form_);
    window_->setValue(settings.window);
    convention_->setCurrentIndex(convention_->findData(static_cast<int>(settings.convention)));
    reach_->setValue(settings.reach);
    form_->setCurrentIndex(form_->findData(static_cast<int>(settings.form)));
    history_->setValue(settings.history);
    gain_->setValue(settings.gain);
    gamma_->setValue(settings.gamma);
}

void ViewPanel::read() {
    // Odd, so that the shown plane is in the middle.
    const auto window = static_cast<std::uint32_t>(std::lround(window_->value())) | 1U;
    window_->setValue(window);
    settings_.window = window;
    settings_.convention = static_cast<TfiConvention>(convention_->currentData().toInt());
    settings_.reach = static_cast<std::uint32_t>(std::lround(reach_->value()));
    settings_.form = static_cast<TfstpForm>(form_->currentData().toInt());
    settings_.history = static_cast<std::uint32_t>(std::lround(history_->value()));
    settings_.gain = gain_->value();
    settings_.gamma = gamma_->value();
    emit changed(settings_);
}

}  // namespace fovea
