// SPDX-License-Identifier: Apache-2.0
// What one pixel does: its values, its spikes, its intervals.
#include "ui/panels/probe_panel.h"

#include "ui/settings/theme.h"

#include <QFormLayout>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace fovea {
namespace {

constexpr double tickStep = 2;  ///< points a plane

}  // namespace

TrainPlot::TrainPlot(QWidget *parent) : QWidget(parent) {
    setAccessibleName(tr("Spikes and intervals of the pixel"));
    setToolTip(tr("Above: a tick for each spike, newest on the right; missing planes are shaded.\n"
                  "Below: the interval that ends at each spike, in planes."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void TrainPlot::setTrain(const PixelTrain *train) {
    train_ = train;
    update();
}

std::size_t TrainPlot::firstShown() const {
    const auto room = static_cast<std::size_t>(std::max(0.0, (width() - 12) / tickStep));
    const std::size_t count = train_->states().size();
    return count > room ? count - room : 0;
}

void TrainPlot::paintEvent(QPaintEvent *) {
    const Colours &c = colours();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(c.border);
    painter.setBrush(c.base);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (train_ == nullptr || train_->states().empty())
        return;
    const QRectF inner = QRectF(rect()).adjusted(6, 6, -6, -6);
    const double ticks = std::floor(inner.height() * 0.28);
    paintTicks(painter, {inner.left(), inner.top(), inner.width(), ticks});
    paintIntervals(painter, {inner.left(), inner.top() + ticks + 8, inner.width(),
                             inner.height() - ticks - 8});
}

void TrainPlot::paintTicks(QPainter &painter, const QRectF &area) const {
    const Colours &c = colours();
    QColor missing = c.red;
    missing.setAlpha(110);
    const auto &states = train_->states();
    const std::size_t first = firstShown();
    for (std::size_t i = first; i < states.size(); ++i) {
        const double x = area.right() - tickStep * static_cast<double>(states.size() - i);
        if (states[i] == PixelState::Missing)
            painter.fillRect(QRectF(x, area.top(), tickStep, area.height()), missing);
        else if (states[i] == PixelState::Spike)
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), c.accent);
    }
    painter.setPen(c.border);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
}

void TrainPlot::paintIntervals(QPainter &painter, const QRectF &area) const {
    const Colours &c = colours();
    const auto intervals = train_->intervals();
    std::uint32_t longest = 4;
    for (const std::uint32_t interval : intervals)
        longest = std::max(longest, interval);
    const auto &states = train_->states();
    const std::size_t first = firstShown();
    std::size_t since = 0;
    bool known = false;
    for (std::size_t i = 0; i < states.size(); ++i) {
        ++since;
        if (states[i] == PixelState::Missing)
            known = false;
        if (states[i] != PixelState::Spike)
            continue;
        if (known && i >= first) {
            const double x = area.right() - tickStep * static_cast<double>(states.size() - i);
            const double y = area.bottom() - area.height() * static_cast<double>(since) / longest;
            const double w = std::min(tickStep * static_cast<double>(since), x - area.left());
            painter.fillRect(QRectF(x - w, y, std::max(w, 1.0), 2), c.amber);
        }
        known = true;
        since = 0;
    }
    QFont small = font();
    small.setPointSizeF(font().pointSizeF() * 0.8);
    painter.setFont(small);
    painter.setPen(c.dim);
    painter.drawText(area, Qt::AlignTop | Qt::AlignLeft, tr("%1 planes").arg(longest));
}

ProbePanel::ProbePanel(QWidget *parent)
    : QWidget(parent), place_(new QLabel(this)), value_(new QLabel(this)), rate_(new QLabel(this)),
      interval_(new QLabel(this)), plot_(new TrainPlot(this)) {
    place_->setObjectName(QStringLiteral("probePlace"));
    value_->setObjectName(QStringLiteral("probeValue"));
    rate_->setObjectName(QStringLiteral("probeRate"));
    interval_->setObjectName(QStringLiteral("probeInterval"));
    auto *form = new QFormLayout;
    form->setVerticalSpacing(2);
    form->setHorizontalSpacing(12);
    for (const auto &[name, label] :
         {std::pair{tr("Pixel"), place_}, std::pair{tr("Value"), value_},
          std::pair{tr("Spikes"), rate_}, std::pair{tr("Interval"), interval_}}) {
        auto *title = new QLabel(name, this);
        title->setProperty("role", QStringLiteral("dim"));
        form->addRow(title, label);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addLayout(form);
    layout->addWidget(plot_, 1);
    plot_->setTrain(&train_);
    refresh();
}

void ProbePanel::hover(std::optional<QPoint> pixel) {
    hovered_ = pixel;
    if (!picked_)
        follow();
}

void ProbePanel::pick(QPoint pixel) {
    picked_ = picked_ == pixel ? std::nullopt : std::optional(pixel);
    emit pickedChanged(picked_);
    follow();
}

void ProbePanel::follow() {
    if (const auto at = pixel()) {
        train_.setPixel(static_cast<std::uint32_t>(at->x()), static_cast<std::uint32_t>(at->y()));
        if (frame_ && frame_->block)
            train_.take(*frame_->block);
    }
    refresh();
}

void ProbePanel::take(const FrameResultPtr &frame) {
    frame_ = frame;
    if (frame_ && frame_->block && pixel())
        train_.take(*frame_->block);
    refresh();
}

void ProbePanel::clear() {
    frame_.reset();
    train_.clear();
    picked_.reset();
    emit pickedChanged(picked_);
    refresh();
}

std::vector<int> ProbePanel::values() const {
    std::vector<int> result;
    const auto at = pixel();
    if (!at || !frame_)
        return result;
    for (const ViewPicture &view : frame_->views) {
        const PlaneShape shape = view.picture.shape;
        const auto x = static_cast<std::size_t>(at->x());
        const auto y = static_cast<std::size_t>(at->y());
        if (x < shape.width && y < shape.height)
            result.push_back(view.picture.grey[y * shape.width + x]);
    }
    return result;
}

void ProbePanel::refresh() {
    plot_->update();
    const auto at = pixel();
    if (!at || !frame_) {
        place_->setText(tr("point at the picture"));
        for (QLabel *label : {value_, rate_, interval_})
            label->setText(QStringLiteral("–"));
        return;
    }
    place_->setText(picked_ ? tr("%1, %2  (held)").arg(at->x()).arg(at->y())
                            : tr("%1, %2").arg(at->x()).arg(at->y()));
    QStringList values;
    for (const int value : this->values())
        values.append(QString::number(value));
    value_->setText(values.join(QStringLiteral("  |  ")));
    const std::size_t seen = train_.seen();
    const std::size_t spikes = train_.spikes();
    const double share = seen > 0 ? static_cast<double>(spikes) / static_cast<double>(seen) : 0;
    rate_->setText(tr("%1 in %2 planes  (%3)").arg(spikes).arg(seen).arg(share, 0, 'f', 3));
    const auto intervals = train_.intervals();
    if (intervals.empty()) {
        interval_->setText(QStringLiteral("–"));
        return;
    }
    double sum = 0;
    for (const std::uint32_t interval : intervals)
        sum += interval;
    const auto [low, high] = std::minmax_element(intervals.begin(), intervals.end());
    interval_->setText(tr("mean %1   last %2   %3 to %4 planes")
                           .arg(sum / static_cast<double>(intervals.size()), 0, 'f', 2)
                           .arg(intervals.back())
                           .arg(*low)
                           .arg(*high));
}

}  // namespace fovea
