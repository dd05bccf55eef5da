// SPDX-License-Identifier: Apache-2.0
// One or two pictures side by side, linked or not.
#include "ui/views/view_area.h"

#include "engine/recon/recon_methods.h"
#include "ui/playback/time_text.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>

namespace fovea {

ViewTile::ViewTile(QWidget *parent)
    : QWidget(parent), header_(new QWidget(this)), method_(new QComboBox(header_)),
      clean_(new QToolButton(header_)), facts_(new QLabel(header_)), view_(new PictureView(this)) {
    header_->setObjectName(QStringLiteral("tileHeader"));
    header_->setAttribute(Qt::WA_StyledBackground);
    method_->setObjectName(QStringLiteral("method"));
    for (const ReconMethodInfo &info : reconMethods()) {
        method_->addItem(QString::fromUtf8(info.title.data(), qsizetype(info.title.size())),
                         QString::fromUtf8(info.name.data(), qsizetype(info.name.size())));
        method_->setItemData(method_->count() - 1,
                             QString::fromUtf8(info.what.data(), qsizetype(info.what.size())),
                             Qt::ToolTipRole);
    }
    method_->setToolTip(tr("How the picture is made from spikes"));
    method_->setAccessibleName(tr("Picture method"));
    clean_->setObjectName(QStringLiteral("clean"));
    clean_->setText(tr("Clean"));
    clean_->setCheckable(true);
    clean_->setToolTip(tr("Leave the injected noise out of this view"));
    facts_->setProperty("role", QStringLiteral("dim"));
    facts_->setObjectName(QStringLiteral("facts"));

    auto *line = new QHBoxLayout(header_);
    line->setContentsMargins(6, 4, 8, 4);
    line->addWidget(method_);
    line->addWidget(clean_);
    line->addStretch();
    line->addWidget(facts_);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(header_);
    layout->addWidget(view_, 1);
    connect(method_, &QComboBox::currentIndexChanged, this, &ViewTile::configChanged);
    connect(clean_, &QToolButton::toggled, this, &ViewTile::configChanged);
}

ViewConfig ViewTile::config() const {
    return {method_->currentData().toString().toStdString(), clean_->isChecked()};
}

void ViewTile::setConfig(const ViewConfig &config) {
    const QSignalBlocker blockMethod(method_);
    const QSignalBlocker blockClean(clean_);
    method_->setCurrentIndex(std::max(0, method_->findData(QString::fromStdString(config.method))));
    clean_->setChecked(config.clean);
}

void ViewTile::setActive(bool active) {
    header_->setProperty("active", active);
    header_->style()->unpolish(header_);
    header_->style()->polish(header_);
}

void ViewTile::show(const FrameResultPtr &frame, std::size_t index) {
    view_->show(frame, index);
    const ViewPicture *picture = view_->picture();
    facts_->setText(picture == nullptr ? QString()
                                       : tr("%1x%2   plane %3")
                                             .arg(picture->picture.shape.width)
                                             .arg(picture->picture.shape.height)
                                             .arg(QLocale::c().toString(
                                                 static_cast<qulonglong>(picture->picture.plane))));
}

ViewArea::ViewArea(QWidget *parent) : QSplitter(Qt::Horizontal, parent) {
    setChildrenCollapsible(false);
    setObjectName(QStringLiteral("views"));
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
        tiles_[i] = new ViewTile(this);
        tiles_[i]->setObjectName(QStringLiteral("tile%1").arg(i + 1));
        transforms_[i] = new ViewTransform(this);
        addWidget(tiles_[i]);
        PictureView *view = tiles_[i]->view();
        view->setOverlay(&overlay_);
        connect(tiles_[i], &ViewTile::configChanged, this, [this, i] {
            setActive(i);
            emit viewsChanged();
        });
        connect(view, &PictureView::activated, this, [this, i] { setActive(i); });
        connect(view, &PictureView::hovered, this, &ViewArea::hovered);
        connect(view, &PictureView::picked, this, &ViewArea::picked);
    }
    connect(tiles_[0]->view(), &PictureView::painted, this, &ViewArea::painted);
    setSizes({1000, 1000});
    setLinked(true);
    setViews({ViewConfig{}});
}

void ViewArea::setViews(const std::vector<ViewConfig> &views) {
    count_ = std::clamp<std::size_t>(views.size(), 1, tiles_.size());
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
        if (i < views.size())
            tiles_[i]->setConfig(views[i]);
        tiles_[i]->setVisible(i < count_);
    }
    setActive(std::min(active_, count_ - 1));
}

std::vector<ViewConfig> ViewArea::views() const {
    std::vector<ViewConfig> result;
    for (std::size_t i = 0; i < count_; ++i)
        result.push_back(tiles_[i]->config());
    return result;
}

void ViewArea::setLinked(bool linked) {
    if (!linked && linked_)
        transforms_[1]->copyFrom(*transforms_[0]);
    linked_ = linked;
    tiles_[0]->view()->setTransform(transforms_[0]);
    tiles_[1]->view()->setTransform(transforms_[linked ? 0 : 1]);
}

void ViewArea::setActive(std::size_t index) {
    active_ = index;
    for (std::size_t i = 0; i < tiles_.size(); ++i)
        tiles_[i]->setActive(i == index && count_ > 1);
    emit activeChanged();
}

void ViewArea::setMethod(const std::string &method) {
    ViewConfig config = activeTile()->config();
    config.method = method;
    activeTile()->setConfig(config);
    emit viewsChanged();
}

void ViewArea::show(const FrameResultPtr &frame) {
    if (frame)
        overlay_.take(*frame);
    else
        overlay_.clear();
    for (std::size_t i = 0; i < count_; ++i)
        tiles_[i]->show(frame, i);
}

void ViewArea::setStale(bool stale) {
    for (ViewTile *tile : tiles_)
        tile->view()->setStale(stale);
}

void ViewArea::setEmptyText(const QString &text) {
    for (ViewTile *tile : tiles_)
        tile->view()->setEmptyText(text);
}

void ViewArea::refreshOverlay() {
    for (ViewTile *tile : tiles_)
        tile->view()->update();
}

void ViewArea::setProbe(std::optional<QPoint> pixel) {
    for (ViewTile *tile : tiles_)
        tile->view()->setProbe(pixel);
}

void ViewArea::fit() {
    activeTile()->view()->transform()->fit();
}

void ViewArea::oneToOne() {
    activeTile()->view()->oneToOne();
}

void ViewArea::zoomBy(double factor) {
    activeTile()->view()->zoomBy(factor);
}

}  // namespace fovea
