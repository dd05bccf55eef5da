// SPDX-License-Identifier: Apache-2.0
// A line above the pictures that says what happened and what can be done.
#include "ui/views/banner.h"

#include "ui/settings/theme.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QToolButton>

namespace fovea {

Banner::Banner(QWidget *parent)
    : QWidget(parent), text_(new QLabel(this)), button_(new QPushButton(this)) {
    setObjectName(QStringLiteral("banner"));
    setAttribute(Qt::WA_StyledBackground);
    text_->setObjectName(QStringLiteral("bannerText"));
    text_->setWordWrap(true);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    button_->setObjectName(QStringLiteral("bannerButton"));
    auto *close = new QToolButton(this);
    close->setObjectName(QStringLiteral("bannerClose"));
    close->setText(QStringLiteral("×"));
    close->setToolTip(tr("Close"));
    close->setAutoRaise(true);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 5, 6, 5);
    layout->addWidget(text_, 1);
    layout->addWidget(button_);
    layout->addWidget(close);
    timer_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, &Banner::clear);
    connect(close, &QToolButton::clicked, this, &Banner::clear);
    connect(button_, &QPushButton::clicked, this, [this] {
        if (action_)
            action_();
    });
    hide();
}

void Banner::note(const QString &text) {
    if (isError())
        return;  // an error is worth more than a note
    button_->hide();
    show(text, false);
    timer_.start(6000);
}

void Banner::error(const QString &text, const QString &button, std::function<void()> action) {
    timer_.stop();
    action_ = std::move(action);
    button_->setText(button);
    button_->setVisible(!button.isEmpty());
    show(text, true);
}

void Banner::clear() {
    timer_.stop();
    hide();
}

void Banner::show(const QString &text, bool error) {
    error_ = error;
    text_->setText(text);
    setProperty("level", error ? QStringLiteral("error") : QStringLiteral("note"));
    style()->unpolish(this);
    style()->polish(this);
    setVisible(true);
}

}  // namespace fovea
