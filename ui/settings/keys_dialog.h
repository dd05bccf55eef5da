// SPDX-License-Identifier: Apache-2.0
// The sheet of all keys.
#pragma once

#include <QDialog>

class QTreeWidget;

namespace fovea {

class Actions;

/// Lists every action of the registry by menu, with a filter. Threads: GUI.
class KeysDialog final : public QDialog {
    Q_OBJECT
public:
    explicit KeysDialog(const Actions &actions, QWidget *parent = nullptr);
    [[nodiscard]] QTreeWidget *list() const { return list_; }

private:
    void fill(const Actions &actions);
    void filter(const QString &text);

    QTreeWidget *list_;
};

}  // namespace fovea
