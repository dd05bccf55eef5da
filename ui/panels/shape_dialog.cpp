// SPDX-License-Identifier: Apache-2.0
// Asks how a file without header is to be read, and shows what comes out.
#include "ui/panels/shape_dialog.h"

#include "engine/core/speed_ladder.h"
#include "ui/panels/form.h"
#include "ui/playback/time_text.h"
#include "ui/settings/theme.h"

#include <QDialogButtonBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace fovea {

ShapeDialog::ShapeDialog(RecordingShelf &shelf, const QString &path, const QString &reason,
                         QWidget *parent)
    : QDialog(parent), shelf_(shelf), path_(path), guess_(new QComboBox(this)),
      width_(new QSpinBox(this)), height_(new QSpinBox(this)), format_(new QComboBox(this)),
      flip_(new QCheckBox(tr("Bottom row is stored first"), this)), rate_(new QDoubleSpinBox(this)),
      view_(new PictureView(this)), facts_(new QLabel(this)),
      buttons_(new QDialogButtonBox(QDialogButtonBox::Cancel, this)), background_(1) {
    setWindowTitle(tr("How is this file to be read?"));
    setObjectName(QStringLiteral("shapeDialog"));
    timer_.setSingleShot(true);
    nameControls();
    build(reason);
    connectAll();
    fillGuesses();
    schedule();
}

void ShapeDialog::nameControls() {
    guess_->setObjectName(QStringLiteral("guess"));
    width_->setObjectName(QStringLiteral("width"));
    height_->setObjectName(QStringLiteral("height"));
    for (QSpinBox *box : {width_, height_})
        box->setRange(1, static_cast<int>(PlaneShape::maxSide));
    format_->setObjectName(QStringLiteral("format"));
    format_->addItem(tr("Spikes only"), QStringLiteral("raw"));
    format_->addItem(tr("Rows with 16 header bits"), QStringLiteral("head"));
    format_->addItem(tr("Wire dump (1000x1000)"), QStringLiteral("m1k40"));
    flip_->setObjectName(QStringLiteral("flip"));
    flip_->setChecked(true);
    rate_->setObjectName(QStringLiteral("rate"));
    rate_->setLocale(QLocale::c());
    rate_->setRange(1, planeRateLimitHz);
    rate_->setDecimals(0);
    rate_->setValue(40000);
    rate_->setSuffix(tr(" planes/s"));
    view_->setMinimumSize(420, 270);
    view_->setEmptyText(tr("No picture with these settings"));
    facts_->setObjectName(QStringLiteral("shapeFacts"));
    facts_->setWordWrap(true);
    facts_->setMinimumHeight(fontMetrics().height() * 3);
    facts_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    open_ = buttons_->addButton(tr("Open"), QDialogButtonBox::AcceptRole);
    open_->setDefault(true);
    open_->setEnabled(false);
}

QLayout *ShapeDialog::choices(const QString &reason) {
    auto *why = new QLabel(reason, this);
    why->setWordWrap(true);
    why->setProperty("role", QStringLiteral("dim"));
    auto *column = new QVBoxLayout;
    column->addWidget(heading(QFileInfo(path_).fileName(), this));
    column->addWidget(why);
    column->addSpacing(8);
    column->addLayout(form({{tr("Guess"), guess_},
                            {tr("Width"), width_},
                            {tr("Height"), height_},
                            {tr("Layout"), format_},
                            {tr("Rate"), rate_},
                            {tr("Order"), flip_}},
                           this));
    column->addStretch();
    return column;
}

void ShapeDialog::build(const QString &reason) {
    auto *right = new QVBoxLayout;
    right->addWidget(view_, 1);
    right->addWidget(facts_);
    auto *columns = new QHBoxLayout;
    columns->addLayout(choices(reason));
    columns->addSpacing(12);
    columns->addLayout(right, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 12);
    layout->addLayout(columns, 1);
    layout->addWidget(buttons_);
}

void ShapeDialog::connectAll() {
    connect(&timer_, &QTimer::timeout, this, &ShapeDialog::makeNow);
    connect(buttons_, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons_, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(guess_, &QComboBox::activated, this, &ShapeDialog::takeGuess);
    for (QSpinBox *box : {width_, height_})
        connect(box, &QSpinBox::valueChanged, this, &ShapeDialog::schedule);
    connect(format_, &QComboBox::currentIndexChanged, this, &ShapeDialog::schedule);
    connect(flip_, &QCheckBox::toggled, this, &ShapeDialog::schedule);
    connect(rate_, &QDoubleSpinBox::valueChanged, this, &ShapeDialog::schedule);
}

void ShapeDialog::fillGuesses() {
    guesses_ = shelf_.guesses(path_.toStdString());
    for (const RecordingGuess &guess : guesses_) {
        const int layout = format_->findData(QString::fromStdString(guess.format));
        QString text =
            tr("%1 (%2 planes)")
                .arg(QString::fromStdString(toString(guess.shape)), planeText(guess.planes));
        if (layout > 0)
            text += QStringLiteral(", ") + format_->itemText(layout).toLower();
        guess_->addItem(text);
    }
    if (guesses_.empty())
        guess_->addItem(tr("none fits"));
    guess_->setEnabled(!guesses_.empty());
    width_->setValue(400);
    height_->setValue(250);
    if (!guesses_.empty())
        takeGuess(0);
}

void ShapeDialog::takeGuess(int index) {
    if (index < 0 || static_cast<std::size_t>(index) >= guesses_.size())
        return;
    const RecordingGuess &guess = guesses_[static_cast<std::size_t>(index)];
    width_->setValue(static_cast<int>(guess.shape.width));
    height_->setValue(static_cast<int>(guess.shape.height));
    format_->setCurrentIndex(format_->findData(QString::fromStdString(guess.format)));
}

SourceConfig ShapeDialog::source() const {
    SourceConfig source;
    source.kind = "file";
    source.path = path_.toStdString();
    source.shape = PlaneShape{static_cast<std::uint32_t>(width_->value()),
                              static_cast<std::uint32_t>(height_->value())};
    source.planeRateHz = rate_->value();
    source.flip = flip_->isChecked();
    source.format = format_->currentData().toString().toStdString();
    return source;
}

void ShapeDialog::schedule() {
    open_->setEnabled(false);
    timer_.start(120);
}

void ShapeDialog::makeNow() {
    const int number = ++wanted_;
    background_.run([shelf = &shelf_, source = source()] { return makePreview(*shelf, source); },
                    [this, number](Result<Preview> preview) {
                        if (number == wanted_)  // a newer choice is on its way otherwise
                            show(preview);
                    });
}

void ShapeDialog::show(const Result<Preview> &preview) {
    QPalette palette = facts_->palette();
    palette.setColor(QPalette::WindowText, preview ? colours().text : colours().red);
    facts_->setPalette(palette);
    open_->setEnabled(preview.has_value());
    preview_.reset();
    if (!preview) {
        facts_->setText(QString::fromStdString(preview.error().message));
        view_->show(nullptr, 0);
        emit previewed(false);
        return;
    }
    preview_ = *preview;
    const RecordingLook &info = preview->look;
    QString text = tr("%1 planes, %2, mean rate %3")
                       .arg(planeText(info.planes), timeText(info.seconds()))
                       .arg(preview->meanRate, 0, 'f', 4);
    for (const std::string &warning : info.warnings)
        text += QLatin1Char('\n') + QString::fromStdString(warning);
    facts_->setText(text);
    auto frame = std::make_shared<FrameResult>();
    frame->views.push_back({"tfp", false, preview->picture});
    view_->show(frame, 0);
    emit previewed(true);
}

}  // namespace fovea
