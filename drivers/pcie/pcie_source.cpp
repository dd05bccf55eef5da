// SPDX-License-Identifier: Apache-2.0
// The capture card as the link of a camera.
#include "drivers/pcie/pcie_source.h"

#include <filesystem>
#include <unistd.h>
#include <utility>

namespace fovea {

namespace {

constexpr std::chrono::milliseconds endingTime{400};  ///< of the second that stopping may take

}  // namespace

PcieSource::PcieSource(PcieSettings settings, Clock &clock)
    : LiveSource(settings.layout.shape(), settings, clock), settings_(std::move(settings)) {}

PcieSource::~PcieSource() {
    close();
}

Result<SourceInfo> PcieSource::openLink() {
    {
        const std::lock_guard lock(mutex());
        card_ = std::make_unique<CardReader>(settings_.card);
        // An interrupt() that came before had nothing to wake.
        if (interrupted())
            card_->wake();
    }
    Result<CardReader::Opened> opened = card_->start();
    if (!opened)
        return failed(opened);
    // The stream is entered anywhere, so its first byte begins nothing.
    reader_.emplace(*card_, WireFrameParser(settings_.layout, false), clock_);
    SourceInfo info;
    info.name = "PCIe camera";
    info.warnings = std::move(opened->warnings);
    return info;
}

void PcieSource::unpack(const std::uint8_t *frame, std::uint64_t *words) const {
    settings_.layout.unpack(frame, settings_.flip, words);
}

std::optional<std::string> PcieSource::lossReason() const {
    return card_->lossReason();
}

void PcieSource::wakeLink() {
    if (card_)
        card_->wake();
}

LiveCounts &PcieSource::readCounts() {
    counts_.frames = reader_->counts();
    counts_.card = card_->counts();
    return counts_;
}

PcieCounts PcieSource::counts() const {
    const std::lock_guard lock(mutex());
    return counts_;
}

void PcieSource::haltLink() {
    if (card_)
        (void)card_->stop(endingTime);
}

void PcieSource::releaseLink() {
    haltLink();
    reader_.reset();
    const std::lock_guard lock(mutex());
    card_.reset();
}

std::optional<std::string> describePcieCard(const std::string &node) {
    std::error_code ignored;
    if (!std::filesystem::exists(node, ignored))
        return std::nullopt;
    return fmt::format("{}, {}, {}", toString(WireLayout{}.shape()), node,
                       ::access(node.c_str(), R_OK | W_OK) == 0 ? "ready" : "no permission");
}

}  // namespace fovea
