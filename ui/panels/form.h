// SPDX-License-Identifier: Apache-2.0
// How panels are laid out: one look for all.
#pragma once

#include <QFormLayout>
#include <QFrame>
#include <QLabel>
#include <QString>
#include <initializer_list>
#include <utility>

namespace fovea {

/// Two columns: dim names that are as wide as needed, and controls.
[[nodiscard]] inline QFormLayout *form(std::initializer_list<std::pair<QString, QWidget *>> rows,
                                       QWidget *parent) {
    auto *layout = new QFormLayout;
    layout->setVerticalSpacing(5);
    layout->setHorizontalSpacing(10);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    layout->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    for (const auto &[name, control] : rows) {
        auto *label = new QLabel(name, parent);
        label->setProperty("role", QStringLiteral("dim"));
        label->setMinimumWidth(64);
        label->setBuddy(control);
        if (control->accessibleName().isEmpty())
            control->setAccessibleName(name);
        layout->addRow(label, control);
    }
    return layout;
}

[[nodiscard]] inline QLabel *heading(const QString &text, QWidget *parent) {
    auto *label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("heading"));
    return label;
}

[[nodiscard]] inline QFrame *rule(QWidget *parent) {
    auto *line = new QFrame(parent);
    line->setProperty("role", QStringLiteral("rule"));
    return line;
}

}  // namespace fovea
