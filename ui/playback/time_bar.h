// SPDX-License-Identifier: Apache-2.0
// The whole recording as a bar: place, marks, gaps.
#pragma once

#include "engine/pipeline/recordings.h"

#include <QWidget>
#include <cstdint>
#include <vector>

class QPainter;

namespace fovea {

/// Click and drag go to a plane; hovering tells time and plane; the wheel steps a hundredth.
///
/// Threads: GUI.
class TimeBar final : public QWidget {
    Q_OBJECT
public:
    static constexpr std::size_t maxGaps = 4096;

    explicit TimeBar(QWidget *parent = nullptr);
    void setRecording(std::uint64_t planes, double planeRateHz);
    void setPlane(std::uint64_t plane);
    void setMarks(std::uint64_t begin, std::uint64_t end);
    /// Gaps are shaded where they were met.
    void addGap(PlaneSpan gap);
    void clearGaps();
    [[nodiscard]] const std::vector<PlaneSpan> &gaps() const { return gaps_; }
    [[nodiscard]] std::uint64_t planeAt(double x) const;
    [[nodiscard]] double xOf(std::uint64_t plane) const;
    QSize sizeHint() const override { return {400, 26}; }
    QSize minimumSizeHint() const override { return {120, 26}; }

signals:
    void seekWanted(quint64 plane);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    [[nodiscard]] QRectF groove() const;
    void paintTicks(QPainter &painter) const;
    void paintHover(QPainter &painter) const;

    std::uint64_t planes_ = 0;
    double planeRateHz_ = 40000;
    std::uint64_t plane_ = 0;
    std::uint64_t markBegin_ = 0;
    std::uint64_t markEnd_ = 0;
    std::vector<PlaneSpan> gaps_;
    double hoverX_ = -1;
};

}  // namespace fovea
