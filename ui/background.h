// SPDX-License-Identifier: Apache-2.0
// Work off the GUI thread whose result comes back to it.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace fovea {

/// A few threads for slow things: files, pictures, stopping.
///
/// Threads: GUI; `work` runs elsewhere and must own what it uses, `done` runs in the GUI thread and
/// not at all when the Background is gone by then. The destructor waits for work in progress.
class Background final : public QObject {
    Q_OBJECT
public:
    explicit Background(int threads, QObject *parent = nullptr) : QObject(parent) {
        pool_.setMaxThreadCount(threads);
        pool_.setExpiryTimeout(-1);
    }
    ~Background() override {
        pool_.clear();
        pool_.waitForDone();
    }
    Background(const Background &) = delete;
    Background &operator=(const Background &) = delete;

    template <class Work, class Done> void run(Work work, Done done) {
        ++running_;
        pool_.start([this, work = std::move(work), done = std::move(done)]() mutable {
            using Value = std::invoke_result_t<Work &>;
            auto value = std::make_shared<Value>(work());
            post([done = std::move(done), value]() mutable { done(std::move(*value)); });
        });
    }
    [[nodiscard]] int running() const { return running_; }

private:
    void post(std::function<void()> call) {
        QMetaObject::invokeMethod(
            this,
            [this, call = std::move(call)] {
                --running_;
                call();
            },
            Qt::QueuedConnection);
    }

    int running_ = 0;
    QThreadPool pool_;
};

}  // namespace fovea
