// SPDX-License-Identifier: Apache-2.0
// Scores by sum, rate, largest potential or first spike.
#include "engine/snn/read_out.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace fovea {

ReadOut::ReadOut(ReadOutKind kind, std::size_t classes, std::size_t batch, std::size_t steps)
    : kind_(kind), classes_(classes), batch_(batch), steps_(steps) {
    assert(classes >= 1 && batch >= 1);
    reset();
}

void ReadOut::reset() {
    done_ = 0;
    const bool max = kind_ == ReadOutKind::MaxPotential;
    scores_.assign(classes_ * batch_, max ? -std::numeric_limits<float>::infinity() : 0.0F);
    decided_.assign(batch_, std::nullopt);
}

void ReadOut::add(std::span<const float> outputs) {
    assert(outputs.size() == scores_.size());
    const std::size_t step = done_++;
    if (kind_ == ReadOutKind::FirstSpike && step >= steps_)
        return;
    for (std::size_t i = 0; i < scores_.size(); ++i) {
        if (kind_ == ReadOutKind::MaxPotential) {
            scores_[i] = std::max(scores_[i], outputs[i]);
        } else if (kind_ == ReadOutKind::FirstSpike) {
            scores_[i] = std::max(scores_[i], outputs[i] * static_cast<float>(steps_ - step));
            if (outputs[i] > 0 && !decided_[i / classes_])
                decided_[i / classes_] = step;
        } else {
            scores_[i] += outputs[i];
        }
    }
}

std::vector<float> ReadOut::scores() const {
    std::vector<float> scores = scores_;
    if (kind_ == ReadOutKind::Rate && done_ > 0)
        for (float &score : scores)
            score /= static_cast<float>(done_);
    return scores;
}

std::size_t ReadOut::winner(std::size_t sample) const {
    const auto first = scores_.begin() + static_cast<std::ptrdiff_t>(sample * classes_);
    const auto last = first + static_cast<std::ptrdiff_t>(classes_);
    return static_cast<std::size_t>(std::max_element(first, last) - first);
}

std::optional<std::size_t> ReadOut::decidedAt(std::size_t sample) const {
    return decided_[sample];
}

bool ReadOut::allDecided() const {
    return std::all_of(decided_.begin(), decided_.end(),
                       [](const auto &step) { return step.has_value(); });
}

}  // namespace fovea
