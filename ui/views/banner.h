// SPDX-License-Identifier: Apache-2.0
// A line above the pictures that says what happened and what can be done.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QWidget>
#include <functional>

namespace fovea {

/// Notes go away by themselves, errors stay until closed or until all is well again.
///
/// Threads: GUI.
class Banner final : public QWidget {
    Q_OBJECT
public:
    explicit Banner(QWidget *parent = nullptr);
    void note(const QString &text);
    void error(const QString &text, const QString &button = {}, std::function<void()> action = {});
    void clear();
    [[nodiscard]] QString text() const { return isHidden() ? QString() : text_->text(); }
    [[nodiscard]] bool isError() const { return error_ && !isHidden(); }

private:
    void show(const QString &text, bool error);

    QLabel *text_;
    QPushButton *button_;
    QTimer timer_;
    std::function<void()> action_;
    bool error_ = false;
};

}  // namespace fovea
