// SPDX-License-Identifier: Apache-2.0
// Files under a temporary name, stdout and devices behind one door.
#include "app/output_file.h"

#include "datasets/descriptor.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fovea {

namespace fs = std::filesystem;

namespace {

std::atomic<bool> readerLeft{false};

/// It has a descriptor beside it, or a recording's extension.
bool isRecording(const fs::path &file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error))
        return false;
    const std::string extension = file.extension().string();
    return fs::exists(sidecarPath(file), error) || extension == ".dat" || extension == ".npz" ||
           extension == ".zst";
}

std::string reasonText(int reason) {
    return std::generic_category().message(reason);
}

}  // namespace

Result<void> checkOutput(const fs::path &target, std::span<const fs::path> inputs) {
    std::error_code error;
    for (const fs::path &input : inputs) {
        if (fs::equivalent(target, input, error) && !error)
            return fail(ErrorCode::Usage, "{}: is the input; it is never overwritten",
                        target.string());
    }
    if (fs::is_directory(target, error))
        return fail(ErrorCode::Io, "{}: is a directory, a file name is needed", target.string());
    const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, error))
        return fail(ErrorCode::Io, "{}: the folder {} does not exist", target.string(),
                    folder.string());
    return {};
}

Result<void> checkDocument(const fs::path &target, std::span<const fs::path> inputs) {
    if (Result<void> checked = checkOutput(target, inputs); !checked)
        return checked;
    if (isRecording(target))
        return fail(ErrorCode::Usage, "{}: is a recording; nothing else is written over one",
                    target.string());
    return {};
}

UnfinishedFile::UnfinishedFile(fs::path target) : target_(std::move(target)) {
    std::error_code error;
    if (fs::is_symlink(target_, error)) {
        const fs::path real = fs::canonical(target_, error);
        if (!error)
            target_ = real;
    }
    static std::atomic<unsigned> count{0};
    unfinished_ =
        target_.parent_path() / fmt::format(".{}.{}-{}.unfinished{}", target_.stem().string(),
                                            getpid(), count++, target_.extension().string());
}

UnfinishedFile::UnfinishedFile(UnfinishedFile &&other) noexcept
    : target_(std::move(other.target_)), unfinished_(std::exchange(other.unfinished_, {})) {}

UnfinishedFile::~UnfinishedFile() {
    std::error_code ignored;
    if (!unfinished_.empty())
        fs::remove(unfinished_, ignored);
}

Result<void> UnfinishedFile::commit() {
    std::error_code error;
    fs::rename(unfinished_, target_, error);
    if (error)
        return fail(ErrorCode::Io, "{}: {}", target_.string(), error.message());
    unfinished_.clear();
    return {};
}

void ProgramOutput::Close::operator()(std::FILE *file) const {
    if (file != stdout)
        std::fclose(file);
}

Result<ProgramOutput> ProgramOutput::create(const std::string &path,
                                            std::span<const fs::path> inputs) {
    ProgramOutput output;
    if (path == "-") {
        output.name_ = "stdout";
        output.file_.reset(stdout);
        return output;
    }
    output.name_ = path;
    if (auto checked = checkDocument(path, inputs); !checked)
        return failed(checked);
    std::error_code error;
    fs::path opened = path;
    const bool device = fs::exists(path, error) && !fs::is_regular_file(path, error);
    if (!device) {
        output.unfinished_ = std::make_unique<UnfinishedFile>(path);
        opened = output.unfinished_->path();
    }
    output.file_.reset(std::fopen(opened.c_str(), device ? "wbe" : "wbxe"));
    if (!output.file_)
        return output.failure(errno);
    return output;
}

tl::unexpected<Error> ProgramOutput::failure(int reason) const {
    if (file_.get() == stdout && reason == EPIPE)
        readerLeft = true;
    return fail(ErrorCode::Io, "{}: {}", name_, reasonText(reason));
}

Result<void> ProgramOutput::write(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
        return failure(errno);
    return {};
}

Result<void> ProgramOutput::write(std::span<const unsigned char> bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
        return failure(errno);
    return {};
}

Result<void> ProgramOutput::flush() {
    if (std::fflush(file_.get()) != 0)
        return failure(errno);
    return {};
}

Result<void> ProgramOutput::finish() {
    if (auto flushed = flush(); !flushed)
        return flushed;
    if (file_.get() == stdout)
        return {};
    if (std::fclose(file_.release()) != 0)
        return failure(errno);
    return unfinished_ ? unfinished_->commit() : Result<void>{};
}

Result<void> printOut(std::string_view text) {
    Result<ProgramOutput> out = ProgramOutput::create("-");
    if (auto written = out->write(text); !written)
        return written;
    return out->finish();
}

bool stdoutReaderLeft() {
    return readerLeft;
}

}  // namespace fovea
