// SPDX-License-Identifier: Apache-2.0
// The sheet of all keys, where they are changed too.
#pragma once

#include <QDialog>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>

namespace fovea {

class Actions;
struct ActSpec;

/// Lists every action of the registry by menu, with a filter; the chosen one gets another key. A
/// key that means something else is refused with what it means. Threads: GUI.
class KeysDialog final : public QDialog {
    Q_OBJECT
public:
    explicit KeysDialog(Actions &actions, QWidget *parent = nullptr);
    [[nodiscard]] QTreeWidget *list() const { return list_; }
    /// Chooses the action of this object name.
    void choose(const QString &name);

private:
    void build();
    [[nodiscard]] QLayout *editor();
    void fill();
    void refresh();
    void filter(const QString &text);
    [[nodiscard]] const ActSpec *chosen() const;
    void showChosen();
    void take(const QList<QKeySequence> &keys);

    Actions &actions_;
    QTreeWidget *list_;
    QLabel *name_;
    QKeySequenceEdit *edit_;
    QPushButton *set_;
    QPushButton *reset_;
    QLabel *message_;
};

}  // namespace fovea
