// SPDX-License-Identifier: Apache-2.0
// Disturbs the spikes on purpose: which injectors, how strong, which seed.
#include "ui/panels/noise_panel.h"

#include "ui/panels/form.h"
#include "ui/settings/theme.h"

#include <QAction>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QRandomGenerator>
#include <QVBoxLayout>
#include <algorithm>

namespace fovea {
namespace {

/// The strength of an injector that was never touched: visible, not ruinous.
double startStrength(InjectorKind kind) {
    switch (kind) {
    case InjectorKind::Brightness:
        return 0.5;
    case InjectorKind::Jitter:
    case InjectorKind::Missing:
        return 0.2;
    case InjectorKind::Extra:
        return 0.02;
    case InjectorKind::Dead:
    case InjectorKind::Hot:
    case InjectorKind::Rows:
    case InjectorKind::Columns:
        return 0.02;
    case InjectorKind::Flip:
        return 0.05;
    case InjectorKind::Drop:
    case InjectorKind::Burst:
        return 0.1;
    }
    return 0.1;
}

QString title(InjectorKind kind) {
    switch (kind) {
    case InjectorKind::Brightness:
        return NoisePanel::tr("Brightness");
    case InjectorKind::Jitter:
        return NoisePanel::tr("Jitter");
    case InjectorKind::Missing:
        return NoisePanel::tr("Missing spikes");
    case InjectorKind::Extra:
        return NoisePanel::tr("Extra spikes");
    case InjectorKind::Dead:
        return NoisePanel::tr("Dead pixels");
    case InjectorKind::Hot:
        return NoisePanel::tr("Hot pixels");
    case InjectorKind::Rows:
        return NoisePanel::tr("Stuck rows");
    case InjectorKind::Columns:
        return NoisePanel::tr("Stuck columns");
    case InjectorKind::Flip:
        return NoisePanel::tr("Flipped bits");
    case InjectorKind::Drop:
        return NoisePanel::tr("Lost planes");
    case InjectorKind::Burst:
        return NoisePanel::tr("Burst loss");
    }
    return {};
}

}  // namespace

const std::vector<NoisePreset> &noisePresets() {
    using enum InjectorKind;
    static const std::vector<NoisePreset> presets{
        {QT_TRANSLATE_NOOP("fovea::NoisePanel", "Slight"), {{Flip, 0.01}, {Missing, 0.05}}},
        {QT_TRANSLATE_NOOP("fovea::NoisePanel", "Dark room"), {{Brightness, 0.3}, {Extra, 0.01}}},
        {QT_TRANSLATE_NOOP("fovea::NoisePanel", "Aged sensor"),
         {{Dead, 0.01}, {Hot, 0.005}, {Rows, 0.01}, {Columns, 0.01}}},
        {QT_TRANSLATE_NOOP("fovea::NoisePanel", "Bad link"),
         {{Flip, 0.005}, {Drop, 0.05}, {Burst, 0.1}}},
        {QT_TRANSLATE_NOOP("fovea::NoisePanel", "Heavy"),
         {{Flip, 0.15}, {Missing, 0.3}, {Extra, 0.05}, {Hot, 0.01}}}};
    return presets;
}

NoisePanel::NoisePanel(QAction *compare, QAction *newSeed, QWidget *parent)
    : QWidget(parent), on_(new QCheckBox(tr("Noise on"), this)), preset_(new QComboBox(this)),
      seed_(new SeedBox(this)) {
    on_->setObjectName(QStringLiteral("noiseOn"));
    on_->setToolTip(tr("Switch all injectors on or off"));
    auto *compareButton = new QToolButton(this);
    compareButton->setDefaultAction(compare);
    compareButton->setObjectName(QStringLiteral("noiseCompare"));
    compareButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    preset_->setObjectName(QStringLiteral("noisePreset"));
    preset_->addItem(tr("Choose..."));
    for (const NoisePreset &preset : noisePresets())
        preset_->addItem(tr(preset.name));
    seed_->setObjectName(QStringLiteral("noiseSeed"));
    seed_->setKeyboardTracking(false);
    seed_->setToolTip(tr("The same seed gives the same noise"));
    auto *dice = new QToolButton(this);
    dice->setObjectName(QStringLiteral("noiseDice"));
    dice->setDefaultAction(newSeed);
    auto *seedLine = new QWidget(this);
    auto *seedLayout = new QHBoxLayout(seedLine);
    seedLayout->setContentsMargins(0, 0, 0, 0);
    seedLayout->addWidget(seed_, 1);
    seedLayout->addWidget(dice);

    auto *top = new QHBoxLayout;
    top->addWidget(on_, 1);
    top->addWidget(compareButton);
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    for (const InjectorInfo &info : injectorInfos())
        addRow(info, grid);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 10, 10);
    layout->addLayout(top);
    layout->addLayout(form({{tr("Preset"), preset_}, {tr("Seed"), seedLine}}, this));
    layout->addWidget(rule(this));
    layout->addLayout(grid);
    layout->addStretch();

    connect(on_, &QCheckBox::toggled, this, [this](bool on) {
        if (!showing_)
            setOn(on);
    });
    connect(preset_, &QComboBox::activated, this, [this](int index) {
        if (index > 0)
            usePreset(static_cast<std::size_t>(index) - 1);
    });
    connect(seed_, &QSpinBox::valueChanged, this, &NoisePanel::read);
    show();
}

void NoisePanel::addRow(const InjectorInfo &info, QGridLayout *grid) {
    const bool light = info.kind == InjectorKind::Brightness;
    const QString name = QString::fromUtf8(info.name.data(), qsizetype(info.name.size()));
    auto *check = new QCheckBox(title(info.kind), this);
    check->setObjectName(QStringLiteral("noise.") + name);
    check->setToolTip(QString::fromUtf8(info.what.data(), qsizetype(info.what.size())));
    auto *strength =
        new SliderRow(title(info.kind),
                      {light ? 0.05 : 0.0001, info.maximum, 0.001, light ? 2 : 4, true, {}}, this);
    strength->setObjectName(QStringLiteral("strength.") + name);
    strength->setToolTip(check->toolTip());
    strength->setValue(startStrength(info.kind));
    const int line = grid->rowCount();
    grid->addWidget(check, line, 0);
    grid->addWidget(strength, line, 1);
    rows_.push_back({info.kind, check, strength});
    connect(check, &QCheckBox::toggled, this, [this](bool checked) {
        if (showing_)
            return;
        if (checked && !on_->isChecked()) {
            showing_ = true;
            on_->setChecked(true);
            showing_ = false;
        }
        read();
    });
    connect(strength, &SliderRow::changed, this, [this, check] {
        showing_ = true;
        check->setChecked(true);
        on_->setChecked(true);
        showing_ = false;
        read();
    });
}

void NoisePanel::setSettings(const NoiseSettings &settings, bool on) {
    settings_ = settings;
    showing_ = true;
    on_->setChecked(on);
    showing_ = false;
    show();
}

NoiseSettings NoisePanel::effective() const {
    NoiseSettings result = settings_;
    if (!on())
        result.injectors.clear();
    std::erase_if(result.injectors,
                  [](const InjectorSettings &injector) { return !injector.enabled; });
    return result;
}

void NoisePanel::setOn(bool on) {
    showing_ = true;
    on_->setChecked(on);
    showing_ = false;
    const bool any = std::any_of(rows_.begin(), rows_.end(),
                                 [](const Row &row) { return row.check->isChecked(); });
    if (on && !any)
        usePreset(0);  // switching on must do something
    else
        emit changed();
}

void NoisePanel::newSeed() {
    seed_->setValue(static_cast<int>(QRandomGenerator::global()->bounded(1, 999999999)));
}

void NoisePanel::usePreset(std::size_t index) {
    if (index >= noisePresets().size())
        return;
    const std::uint64_t seed = settings_.seed;
    setSettings({seed, noisePresets()[index].injectors}, true);
    preset_->setCurrentIndex(static_cast<int>(index) + 1);
    emit changed();
}

void NoisePanel::show() {
    showing_ = true;
    seed_->setSeed(settings_.seed);
    for (const Row &row : rows_) {
        const auto found =
            std::find_if(settings_.injectors.begin(), settings_.injectors.end(),
                         [&](const InjectorSettings &one) { return one.kind == row.kind; });
        const bool there = found != settings_.injectors.end();
        row.check->setChecked(there && found->enabled);
        if (there)
            row.strength->setValue(found->strength);
    }
    showing_ = false;
}

void NoisePanel::read() {
    if (showing_)
        return;
    settings_.seed = seed_->seed();
    settings_.injectors.clear();
    for (const Row &row : rows_)
        if (row.check->isChecked())
            settings_.injectors.push_back({row.kind, row.strength->value(), true});
    preset_->setCurrentIndex(0);
    emit changed();
}

}  // namespace fovea
