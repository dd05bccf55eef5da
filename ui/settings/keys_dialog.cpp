// SPDX-License-Identifier: Apache-2.0
// The sheet of all keys, where they are changed too.
#include "ui/settings/keys_dialog.h"

#include "ui/actions.h"
#include "ui/settings/theme.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QVBoxLayout>
#include <map>

namespace fovea {
namespace {

constexpr int specRole = Qt::UserRole;

QString keysOf(const QAction &action) {
    QStringList keys;
    for (const QKeySequence &key : action.shortcuts())
        keys.append(key.toString(QKeySequence::NativeText));
    return keys.join(KeysDialog::tr(" or "));
}

}  // namespace

KeysDialog::KeysDialog(Actions &actions, QWidget *parent)
    : QDialog(parent), actions_(actions), list_(new QTreeWidget(this)), name_(new QLabel(this)),
      edit_(new QKeySequenceEdit(this)), set_(new QPushButton(tr("Set"), this)),
      reset_(new QPushButton(tr("Default"), this)), message_(new QLabel(this)) {
    setWindowTitle(tr("Keys"));
    setObjectName(QStringLiteral("keysDialog"));
    build();
    fill();
    showChosen();
    connect(&actions_, &Actions::keysChanged, this, &KeysDialog::refresh);
    connect(list_, &QTreeWidget::currentItemChanged, this, &KeysDialog::showChosen);
    connect(set_, &QPushButton::clicked, this, [this] {
        const QKeySequence key = edit_->keySequence();
        take(key.isEmpty() ? QList<QKeySequence>() : QList<QKeySequence>{QKeySequence(key[0])});
    });
    connect(reset_, &QPushButton::clicked, this, [this] {
        if (const ActSpec *spec = chosen())
            take(Actions::defaultKeys(*spec));
    });
    resize(600, 660);
}

void KeysDialog::build() {
    auto *search = new QLineEdit(this);
    search->setObjectName(QStringLiteral("keysFilter"));
    search->setPlaceholderText(tr("Find an action or a key"));
    search->setClearButtonEnabled(true);
    connect(search, &QLineEdit::textChanged, this, &KeysDialog::filter);
    list_->setObjectName(QStringLiteral("keysList"));
    list_->setAccessibleName(tr("Keys"));
    list_->setHeaderLabels({tr("Key"), tr("What it does")});
    list_->setRootIsDecorated(false);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto *all = buttons->addButton(tr("All default"), QDialogButtonBox::ResetRole);
    all->setObjectName(QStringLiteral("keysAllDefault"));
    all->setToolTip(tr("Give every action its first keys back"));
    all->setAutoDefault(false);
    connect(all, &QPushButton::clicked, &actions_, &Actions::resetKeys);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 12);
    layout->addWidget(search);
    layout->addWidget(list_, 1);
    layout->addLayout(editor());
    layout->addWidget(message_);
    layout->addWidget(buttons);
}

QLayout *KeysDialog::editor() {
    name_->setTextFormat(Qt::PlainText);
    edit_->setObjectName(QStringLiteral("keyEdit"));
    edit_->setAccessibleName(tr("New key"));
    edit_->setMaximumWidth(180);
    set_->setObjectName(QStringLiteral("keySet"));
    set_->setToolTip(tr("Use this key; an empty one takes the key away"));
    reset_->setObjectName(QStringLiteral("keyReset"));
    reset_->setToolTip(tr("Give the chosen action its first keys back"));
    for (QPushButton *button : {set_, reset_})
        button->setAutoDefault(false);
    message_->setObjectName(QStringLiteral("keyMessage"));
    message_->setWordWrap(true);
    message_->setMinimumHeight(2 * fontMetrics().height());
    message_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto *line = new QHBoxLayout;
    line->addWidget(name_, 1);
    line->addWidget(edit_);
    line->addWidget(set_);
    line->addWidget(reset_);
    return line;
}

void KeysDialog::fill() {
    std::map<MenuId, QTreeWidgetItem *> groups;
    for (const ActSpec &spec : Actions::specs()) {
        QTreeWidgetItem *&group = groups[spec.menu];
        if (group == nullptr) {
            group = new QTreeWidgetItem(list_,
                                        {Actions::menuTitle(spec.menu).remove(QLatin1Char('&'))});
            QFont bold = font();
            bold.setBold(true);
            group->setFont(0, bold);
            group->setFlags(Qt::ItemIsEnabled);
            group->setFirstColumnSpanned(true);
        }
        const QAction *action = actions_[spec.id];
        auto *item = new QTreeWidgetItem(group, {keysOf(*action), action->statusTip()});
        item->setData(0, specRole, static_cast<int>(&spec - Actions::specs().data()));
    }
    list_->expandAll();
    list_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
}

void KeysDialog::refresh() {
    for (QTreeWidgetItemIterator it(list_); *it != nullptr; ++it)
        if (const QVariant index = (*it)->data(0, specRole); index.isValid())
            (*it)->setText(0, keysOf(*actions_[Actions::specs()[index.toUInt()].id]));
    showChosen();
}

void KeysDialog::choose(const QString &name) {
    for (QTreeWidgetItemIterator it(list_); *it != nullptr; ++it)
        if (const QVariant index = (*it)->data(0, specRole);
            index.isValid() && name == QLatin1String(Actions::specs()[index.toUInt()].name))
            list_->setCurrentItem(*it);
}

const ActSpec *KeysDialog::chosen() const {
    const QTreeWidgetItem *item = list_->currentItem();
    const QVariant index = item != nullptr ? item->data(0, specRole) : QVariant();
    return index.isValid() ? &Actions::specs()[index.toUInt()] : nullptr;
}

void KeysDialog::showChosen() {
    const ActSpec *spec = chosen();
    for (QWidget *control : std::initializer_list<QWidget *>{edit_, set_, reset_})
        control->setEnabled(spec != nullptr);
    const QAction *action = spec != nullptr ? actions_[spec->id] : nullptr;
    name_->setText(action != nullptr ? action->text().remove(QLatin1Char('&'))
                                     : tr("Choose an action to change its key"));
    edit_->setKeySequence(action != nullptr ? action->shortcut() : QKeySequence());
    message_->clear();
}

void KeysDialog::take(const QList<QKeySequence> &keys) {
    const ActSpec *spec = chosen();
    if (spec == nullptr)
        return;
    const QString refused = actions_.setKeys(*spec, keys);
    QPalette palette = message_->palette();
    palette.setColor(QPalette::WindowText, refused.isEmpty() ? colours().good : colours().red);
    message_->setPalette(palette);
    message_->setText(refused.isEmpty() ? tr("Changed.") : refused);
}

void KeysDialog::filter(const QString &text) {
    for (int g = 0; g < list_->topLevelItemCount(); ++g) {
        QTreeWidgetItem *group = list_->topLevelItem(g);
        bool any = false;
        for (int i = 0; i < group->childCount(); ++i) {
            QTreeWidgetItem *item = group->child(i);
            const bool hit = item->text(0).contains(text, Qt::CaseInsensitive) ||
                             item->text(1).contains(text, Qt::CaseInsensitive);
            item->setHidden(!hit);
            any = any || hit;
        }
        group->setHidden(!any);
    }
}

}  // namespace fovea
