// SPDX-License-Identifier: Apache-2.0
// The spiking network: which, how it is run, what it says and takes.
#include "ui/panels/model_panel.h"

#include "ui/panels/form.h"
#include "ui/panels/health.h"
#include "ui/views/overlay.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace fovea {
namespace {

template <class Value> void addChoice(QComboBox *box, const QString &text, Value value) {
    box->addItem(text, static_cast<int>(value));
}

QSpinBox *number(const char *name, int least, int most, const QString &special, QWidget *parent) {
    auto *box = new QSpinBox(parent);
    box->setObjectName(QString::fromLatin1(name));
    box->setRange(least, most);
    if (!special.isEmpty())
        box->setSpecialValueText(special);
    return box;
}

template <class Value> void choose(QComboBox *box, Value value) {
    const QSignalBlocker blocker(box);
    box->setCurrentIndex(box->findData(static_cast<int>(value)));
}

void put(QSpinBox *box, std::uint32_t value) {
    const QSignalBlocker blocker(box);
    box->setValue(static_cast<int>(value));
}

}  // namespace

ModelPanel::ModelPanel(QWidget *parent)
    : QWidget(parent), file_(new QLabel(this)), what_(new QLabel(this)),
      open_(new QPushButton(tr("Open..."), this)), unload_(new QPushButton(tr("Remove"), this)),
      progress_(new QProgressBar(this)), cancel_(new QPushButton(tr("Cancel"), this)),
      mode_(new QComboBox(this)),
      steps_(number("modelSteps", 0, ModelSettings::maxSteps, tr("as the model says"), this)),
      calibration_(number("modelCalibration", 1, ModelSettings::maxSteps, {}, this)),
      hop_(number("modelHop", 0, ModelSettings::maxPlanes, tr("as the model says"), this)),
      fit_(new QComboBox(this)), backend_(new QComboBox(this)), precision_(new QComboBox(this)),
      answer_(new QLabel(this)), cost_(new QLabel(this)), counts_(new QLabel(this)),
      scores_(new ScoreBars(this)), chart_(new RateChart(this)) {
    buildControls();
    build();
    for (QComboBox *box : {mode_, fit_, backend_, precision_})
        connect(box, &QComboBox::currentIndexChanged, this, &ModelPanel::read);
    for (QSpinBox *box : {steps_, calibration_, hop_}) {
        box->setKeyboardTracking(false);
        connect(box, &QSpinBox::valueChanged, this, &ModelPanel::read);
    }
    connect(open_, &QPushButton::clicked, this, &ModelPanel::openWanted);
    connect(unload_, &QPushButton::clicked, this, &ModelPanel::unloadWanted);
    connect(cancel_, &QPushButton::clicked, this, &ModelPanel::cancelWanted);
    setSettings({});
    setModel({}, nullptr);
    setLoading({});
    show(nullptr);
}

void ModelPanel::buildControls() {
    file_->setObjectName(QStringLiteral("modelFile"));
    what_->setObjectName(QStringLiteral("modelWhat"));
    open_->setObjectName(QStringLiteral("modelOpen"));
    open_->setToolTip(
        tr("Load a network from a NIR file; dropping one on the window does the same"));
    unload_->setObjectName(QStringLiteral("modelRemove"));
    unload_->setToolTip(tr("Run no network"));
    progress_->setObjectName(QStringLiteral("modelProgress"));
    progress_->setRange(0, 0);
    progress_->setTextVisible(false);
    cancel_->setObjectName(QStringLiteral("modelCancel"));
    cancel_->setToolTip(tr("Do without the network that is being loaded"));
    mode_->setObjectName(QStringLiteral("modelMode"));
    mode_->setToolTip(tr("How a converted network runs: plain, with neurons silenced by their "
                         "residual (SRP), or with shifted starts (COS)"));
    addChoice(mode_, tr("Plain (IF)"), InferenceMode::If);
    addChoice(mode_, tr("Quick calibration (SRP)"), InferenceMode::Srp);
    addChoice(mode_, tr("Calibration (COS)"), InferenceMode::Cos);
    steps_->setToolTip(tr("T: steps of a decision"));
    calibration_->setToolTip(tr("Steps that only measure: tau of SRP, rho of COS"));
    hop_->setToolTip(tr("Planes between two decisions"));
    fit_->setObjectName(QStringLiteral("modelFit"));
    fit_->setToolTip(tr("What a network of another size than the camera sees"));
    addChoice(fit_, tr("As the model says"), ModelFit::Auto);
    addChoice(fit_, tr("Same size only"), ModelFit::Exact);
    addChoice(fit_, tr("Middle of the picture"), ModelFit::Crop);
    addChoice(fit_, tr("Whole picture, resized"), ModelFit::Resize);
    addChoice(fit_, tr("Tiles"), ModelFit::Tiles);
    backend_->setObjectName(QStringLiteral("modelBackend"));
    backend_->setToolTip(tr("What computes"));
    addChoice(backend_, tr("Fastest"), ExecutorBackend::Auto);
    addChoice(backend_, tr("CPU"), ExecutorBackend::Cpu);
    addChoice(backend_, tr("CUDA"), ExecutorBackend::Cuda);
    addChoice(backend_, tr("Reference"), ExecutorBackend::Reference);
    precision_->setObjectName(QStringLiteral("modelPrecision"));
    precision_->setToolTip(tr("Numbers that the weights are kept in; spikes are exact in all"));
    addChoice(precision_, QStringLiteral("fp32"), Precision::Fp32);
    addChoice(precision_, QStringLiteral("bf16"), Precision::Bf16);
    addChoice(precision_, QStringLiteral("int8"), Precision::Int8);
    answer_->setObjectName(QStringLiteral("modelAnswer"));
    answer_->setAccessibleName(tr("Class and score"));
    cost_->setObjectName(QStringLiteral("modelCost"));
    counts_->setObjectName(QStringLiteral("modelCounts"));
}

void ModelPanel::build() {
    for (QLabel *label : {file_, what_, cost_, counts_})
        label->setWordWrap(true);
    for (QLabel *label : {what_, cost_, counts_})
        label->setProperty("role", QStringLiteral("dim"));
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    answer_->setFont(large);
    form_ = form({{tr("Mode"), mode_},
                  {tr("Steps"), steps_},
                  {tr("Calibration"), calibration_},
                  {tr("Hop"), hop_},
                  {tr("Fit"), fit_},
                  {tr("Backend"), backend_},
                  {tr("Precision"), precision_}},
                 this);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(open_);
    buttons->addWidget(unload_);
    buttons->addStretch();
    auto *waiting = new QHBoxLayout;
    waiting->addWidget(progress_, 1);
    waiting->addWidget(cancel_);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 8, 10, 10);
    layout->addWidget(file_);
    layout->addWidget(what_);
    layout->addLayout(buttons);
    layout->addLayout(waiting);
    layout->addLayout(form_);
    layout->addSpacing(6);
    layout->addWidget(answer_);
    layout->addWidget(scores_);
    layout->addWidget(cost_);
    layout->addWidget(counts_);
    layout->addWidget(heading(tr("Spike rates"), this));
    layout->addWidget(chart_);
    layout->addStretch();
}

QString ModelPanel::describe(const Model &model) {
    const StreamForm &form = model.form;
    const QString in = form.input == StreamInput::Planes   ? tr("spike planes")
                       : form.input == StreamInput::Counts ? tr("spike counts")
                                                           : tr("pictures");
    const QString out = form.output == StreamOutput::Classes
                            ? tr("%1 classes").arg(form.classes.size())
                        : form.output == StreamOutput::Boxes ? tr("boxes")
                                                             : tr("pictures");
    return tr("%1 in %2, %3 out, %4 steps%5")
        .arg(in, QString::fromStdString(toString(form.shape)), out)
        .arg(form.steps)
        .arg(form.kept ? tr(", state is kept") : QString());
}

void ModelPanel::setSettings(const ModelSettings &settings) {
    const std::string file = use_.settings.file;
    use_.settings = settings;
    use_.settings.file = file;
    showChoices();
}

void ModelPanel::setModel(const std::string &file, ModelPtr model) {
    use_.settings.file = file;
    use_.model = std::move(model);
    file_->setText(file.empty() ? tr("No network is loaded.")
                                : QString::fromStdString(file.substr(file.rfind('/') + 1)));
    file_->setToolTip(QString::fromStdString(file));
    what_->setText(use_.model ? describe(*use_.model) : tr("Drop a .nir file on the window."));
    unload_->setEnabled(use_.model != nullptr);
    if (!use_.model)
        show(nullptr);
}

void ModelPanel::setLoading(const QString &file) {
    progress_->setVisible(!file.isEmpty());
    cancel_->setVisible(!file.isEmpty());
    open_->setEnabled(file.isEmpty());
    if (!file.isEmpty())
        what_->setText(tr("Loading %1").arg(file.section(QLatin1Char('/'), -1)));
    else
        what_->setText(use_.model ? describe(*use_.model) : tr("Drop a .nir file on the window."));
}

void ModelPanel::showChoices() {
    const ModelSettings &s = use_.settings;
    choose(mode_, s.mode);
    choose(fit_, s.fit);
    choose(backend_, s.backend);
    choose(precision_, s.precision);
    put(steps_, s.steps);
    put(calibration_, s.calibration);
    put(hop_, s.hop);
    form_->setRowVisible(calibration_, s.mode != InferenceMode::If);
}

void ModelPanel::read() {
    ModelSettings &s = use_.settings;
    s.mode = static_cast<InferenceMode>(mode_->currentData().toInt());
    s.fit = static_cast<ModelFit>(fit_->currentData().toInt());
    s.backend = static_cast<ExecutorBackend>(backend_->currentData().toInt());
    s.precision = static_cast<Precision>(precision_->currentData().toInt());
    s.steps = static_cast<std::uint32_t>(steps_->value());
    s.calibration = static_cast<std::uint32_t>(calibration_->value());
    s.hop = static_cast<std::uint32_t>(hop_->value());
    showChoices();
    emit changed();
}

void ModelPanel::show(const NetworkReportPtr &report) {
    scores_->show(report);
    chart_->show(report);
    if (!report) {
        answer_->setText(tr("-"));
        cost_->clear();
        counts_->clear();
        return;
    }
    const QString answer = Overlay::answer(*report);
    answer_->setText(answer.isEmpty() ? tr("-") : answer);
    cost_->setText(tr("%1, %2 synaptic operations, %3 uJ a decision of %4 steps (%5, %6)")
                       .arg(milliseconds(report->seconds),
                            compact(static_cast<double>(report->synops)),
                            QString::number(report->energyMicrojoules, 'f', 2))
                       .arg(report->steps)
                       .arg(QString::fromStdString(report->backend),
                            QString::fromStdString(report->precision)));
    QString counts = tr("%1 decisions").arg(report->decisions);
    if (report->skipped + report->restarts > 0)
        counts += tr(", %1 skipped and %2 restarts for lost planes")
                      .arg(report->skipped)
                      .arg(report->restarts);
    counts_->setText(counts);
}

}  // namespace fovea
