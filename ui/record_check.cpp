// SPDX-License-Identifier: Apache-2.0
// Before recording: do link, disk and engine keep up with the camera that is open?
#include "ui/record_check.h"

#include <spdlog/spdlog.h>

namespace fovea {
namespace {

constexpr qint64 interval = 1000;
/// Of a second: below it the engine's speed cannot be told from its load.
constexpr double leastLoad = 0.01;

/// What is known after a look at the disk.
struct Answer {
    PreflightInput input;
    std::optional<Result<double>> speed;  ///< measured just now
};

}  // namespace

RecordCheck::RecordCheck(SessionController &controller, RecordingShelf &shelf)
    : controller_(controller), shelf_(shelf), background_(1) {
    connect(&controller_, &SessionController::statusChanged, this, &RecordCheck::watch);
}

void RecordCheck::setFolder(const QString &folder) {
    folder_ = folder.toStdString();
}

void RecordCheck::watch(const SessionStatus &status) {
    const auto &source = controller_.source();
    if (!source || !source->live || status.state != SourceState::Streaming) {
        since_.invalidate();
        tell({});
        return;
    }
    if (!since_.isValid())
        since_.start();
    if (since_.elapsed() < interval || looking_ || status.engineLoad <= 0)
        return;
    since_.start();
    look(status);
}

void RecordCheck::look(const SessionStatus &status) {
    looking_ = true;
    const auto known = speeds_.find(folder_);
    const bool measure = known == speeds_.end() && !recording_;
    std::optional<double> speed;
    if (known != speeds_.end() && known->second > 0)
        speed = known->second;
    const double engine = status.engineRateHz / std::max(status.engineLoad, leastLoad);
    background_.run(
        [shelf = &shelf_, config = controller_.config(), source = *controller_.source(),
         folder = folder_, measure]() -> Answer {
            Answer answer{shelf->budget(config, source, folder), std::nullopt};
            if (measure)
                answer.speed = shelf->diskSpeed(folder);
            return answer;
        },
        [this, folder = folder_, speed, engine](Answer answer) {
            looking_ = false;
            answer.input.diskBytesPerSecond = speed;
            answer.input.enginePlanesPerSecond = engine;
            if (answer.speed) {
                if (*answer.speed)
                    answer.input.diskBytesPerSecond = **answer.speed;
                else
                    spdlog::warn("{}", answer.speed->error().message);
                speeds_[folder] = answer.speed->value_or(0);
            }
            if (since_.isValid() && folder == folder_)
                tell(checkBudgets(answer.input));
        });
}

void RecordCheck::tell(Preflight result) {
    if (result.budgets.empty() && result_.budgets.empty())
        return;
    result_ = std::move(result);
    emit changed(result_);
}

}  // namespace fovea
