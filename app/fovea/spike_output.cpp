// SPDX-License-Identifier: Apache-2.0
// Names and clean-up around SpikeWriter.
#include "app/fovea/spike_output.h"

#include "app/options.h"
#include "app/output_file.h"

namespace fovea {

namespace fs = std::filesystem;

std::string programName() {
    return fmt::format("fovea {}", version());
}

Descriptor descriptorOf(const SpikeFileInfo &info) {
    Descriptor descriptor = info.descriptor.value_or(Descriptor{});
    descriptor.shape = info.shape;
    // An assumed rate stays an assumption: writing it down would make it a fact.
    descriptor.rateHz = info.rateAssumed ? std::nullopt : std::optional(info.rateHz);
    descriptor.flip = info.flip;
    descriptor.createdBy = programName();
    return descriptor;
}

Result<void> prepareRecording(const std::string &path, const std::string &input, bool replace) {
    if (path == "-")
        return fail(ErrorCode::Usage,
                    "-o: a recording is two files and cannot go to stdout; allowed: a file name");
    const fs::path inputPath = input;
    if (auto checked = checkOutput(path, {&inputPath, input.empty() ? 0U : 1U}); !checked)
        return checked;
    std::error_code error;
    if (!fs::exists(path, error))
        return {};
    if (!fs::is_regular_file(path, error))
        return fail(ErrorCode::Io, "{}: is no regular file, recordings cannot go there", path);
    if (!replace)
        return fail(ErrorCode::Io, "{}: exists already; another name, or --force to replace it",
                    path);
    return {};
}

Result<SpikeOutput> SpikeOutput::create(const std::string &path, Descriptor descriptor,
                                        bool replace) {
    Result<SpikeWriter> writer = SpikeWriter::create(
        path, std::move(descriptor), replace ? IfExists::Replace : IfExists::Refuse);
    if (!writer)
        return failed(writer);
    return SpikeOutput(std::move(*writer));
}

SpikeOutput::~SpikeOutput() {
    if (writer_)
        writer_->discard();
}

Result<void> SpikeOutput::finish() {
    const Result<fs::path> closed = writer_->close();
    writer_.reset();
    if (!closed)
        return tl::make_unexpected(closed.error());
    return {};
}

}  // namespace fovea
