// SPDX-License-Identifier: Apache-2.0
// The sheet of all keys.
#include "ui/settings/keys_dialog.h"

#include "ui/actions.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <map>

namespace fovea {

KeysDialog::KeysDialog(const Actions &actions, QWidget *parent)
    : QDialog(parent), list_(new QTreeWidget(this)) {
    setWindowTitle(tr("Keys"));
    setObjectName(QStringLiteral("keysDialog"));
    auto *search = new QLineEdit(this);
    search->setObjectName(QStringLiteral("keysFilter"));
    search->setPlaceholderText(tr("Find an action or a key"));
    search->setClearButtonEnabled(true);
    list_->setObjectName(QStringLiteral("keysList"));
    list_->setHeaderLabels({tr("Key"), tr("What it does")});
    list_->setRootIsDecorated(false);
    list_->setSelectionMode(QAbstractItemView::NoSelection);
    list_->setFocusPolicy(Qt::TabFocus);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 12);
    layout->addWidget(search);
    layout->addWidget(list_, 1);
    layout->addWidget(buttons);
    connect(search, &QLineEdit::textChanged, this, &KeysDialog::filter);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    fill(actions);
    resize(560, 640);
}

void KeysDialog::fill(const Actions &actions) {
    std::map<MenuId, QTreeWidgetItem *> groups;
    for (const ActSpec &spec : Actions::specs()) {
        QTreeWidgetItem *&group = groups[spec.menu];
        if (group == nullptr) {
            group = new QTreeWidgetItem(list_,
                                        {Actions::menuTitle(spec.menu).remove(QLatin1Char('&'))});
            QFont bold = font();
            bold.setBold(true);
            group->setFont(0, bold);
            group->setFirstColumnSpanned(true);
        }
        const QAction *action = actions[spec.id];
        QStringList keys;
        for (const QKeySequence &key : action->shortcuts())
            keys.append(key.toString(QKeySequence::NativeText));
        new QTreeWidgetItem(group, {keys.join(tr(" or ")), action->statusTip()});
    }
    list_->expandAll();
    list_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
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
