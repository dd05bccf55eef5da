// SPDX-License-Identifier: Apache-2.0
// Asks how a file without header is to be read, and shows what comes out.
#pragma once

#include "engine/pipeline/config.h"
#include "ui/background.h"
#include "ui/panels/preview.h"
#include "ui/views/picture_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTimer>

namespace fovea {

/// Starts with the likeliest shape for the size of the file; every change shows a new preview.
///
/// Threads: GUI; files are read elsewhere.
class ShapeDialog final : public QDialog {
    Q_OBJECT
public:
    ShapeDialog(RecordingShelf &shelf, const QString &path, const QString &reason,
                QWidget *parent = nullptr);

    /// What was chosen.
    [[nodiscard]] SourceConfig source() const;
    /// The newest preview, if that of the present choice could be made.
    [[nodiscard]] const std::optional<Preview> &preview() const { return preview_; }

signals:
    void previewed(bool possible);

private:
    void nameControls();
    void build(const QString &reason);
    [[nodiscard]] QLayout *choices(const QString &reason);
    void connectAll();
    void fillGuesses();
    void takeGuess(int index);
    void schedule();
    void makeNow();
    void show(const Result<Preview> &preview);

    RecordingShelf &shelf_;
    QString path_;
    std::vector<RecordingGuess> guesses_;
    QComboBox *guess_;
    QSpinBox *width_;
    QSpinBox *height_;
    QComboBox *format_;
    QCheckBox *flip_;
    QDoubleSpinBox *rate_;
    PictureView *view_;
    QLabel *facts_;
    QPushButton *open_ = nullptr;
    QDialogButtonBox *buttons_;
    QTimer timer_;
    std::optional<Preview> preview_;
    int wanted_ = 0;
    Background background_;
};

}  // namespace fovea
