// SPDX-License-Identifier: Apache-2.0
// One or two pictures side by side, linked or not.
#pragma once

#include "engine/pipeline/config.h"
#include "ui/views/picture_view.h"

#include <QComboBox>
#include <QLabel>
#include <QSplitter>
#include <QToolButton>
#include <array>
#include <vector>

namespace fovea {

/// A picture with a line above it: how it is made, with or without noise, which plane.
///
/// Threads: GUI.
class ViewTile final : public QWidget {
    Q_OBJECT
public:
    explicit ViewTile(QWidget *parent = nullptr);

    [[nodiscard]] PictureView *view() const { return view_; }
    [[nodiscard]] ViewConfig config() const;
    void setConfig(const ViewConfig &config);
    void setActive(bool active);
    void show(const FrameResultPtr &frame, std::size_t index);

signals:
    void configChanged();

private:
    QWidget *header_;
    QComboBox *method_;
    QToolButton *clean_;
    QLabel *facts_;
    PictureView *view_;
};

/// Holds the tiles; one of them is the active one, which keys and the histogram mean.
///
/// Threads: GUI.
class ViewArea final : public QSplitter {
    Q_OBJECT
public:
    explicit ViewArea(QWidget *parent = nullptr);

    void setViews(const std::vector<ViewConfig> &views);
    [[nodiscard]] std::vector<ViewConfig> views() const;
    void setLinked(bool linked);
    [[nodiscard]] bool linked() const { return linked_; }

    [[nodiscard]] ViewTile *tile(std::size_t index) const { return tiles_[index]; }
    [[nodiscard]] std::size_t active() const { return active_; }
    [[nodiscard]] ViewTile *activeTile() const { return tiles_[active_]; }
    void setActive(std::size_t index);
    void setMethod(const std::string &method);

    void show(const FrameResultPtr &frame);
    void setStale(bool stale);
    void setEmptyText(const QString &text);
    [[nodiscard]] Overlay &overlay() { return overlay_; }
    void refreshOverlay();
    void setProbe(std::optional<QPoint> pixel);
    void fit();
    void oneToOne();
    void zoomBy(double factor);

signals:
    void viewsChanged();
    void activeChanged();
    void hovered(std::optional<QPoint> pixel);
    void picked(QPoint pixel);
    void painted();

private:
    std::array<ViewTile *, 2> tiles_{};
    std::array<ViewTransform *, 2> transforms_{};
    Overlay overlay_;
    std::size_t count_ = 1;
    std::size_t active_ = 0;
    bool linked_ = true;
};

}  // namespace fovea
