// SPDX-License-Identifier: Apache-2.0
// A session's blocks to SpikeWriter.
#include "datasets/recorder.h"

namespace fovea {

std::string RecorderSink::name() const {
    return fmt::format("recorder {}", options_.path.filename().string());
}

Result<void> RecorderSink::open(IfExists ifExists) {
    auto writer = SpikeWriter::create(options_.path, descriptor_, ifExists);
    if (!writer)
        return failed(writer);
    writer_.emplace(std::move(*writer));
    return {};
}

Result<void> RecorderSink::begin(const SourceInfo &info) {
    descriptor_ = {};
    descriptor_.shape = info.shape;
    if (info.planeRateHz > 0)
        descriptor_.rateHz = info.planeRateHz;
    descriptor_.flip = options_.flip;
    descriptor_.device = info.name;
    descriptor_.serial = info.serial;
    descriptor_.clock = "planes";
    descriptor_.noise = options_.noise;
    descriptor_.createdBy = options_.createdBy;
    descriptor_.settings = options_.settings;
    epoch_.reset();
    return open(options_.ifExists);
}

Result<void> RecorderSink::write(const SpikeBlock &block) {
    if (epoch_ && *epoch_ != block.epoch()) {
        if (auto done = finish(); !done)
            return done;
        if (auto done = open(IfExists::NewName); !done)
            return done;
    }
    if (!writer_)
        return fail(ErrorCode::WrongState, "{}: write without begin", name());
    epoch_ = block.epoch();
    return writer_->write(block);
}

Result<void> RecorderSink::finish() {
    if (!writer_)
        return {};
    auto path = writer_->close();
    writer_.reset();
    if (!path)
        return failed(path);
    finished_.push_back(std::move(*path));
    return {};
}

}  // namespace fovea
