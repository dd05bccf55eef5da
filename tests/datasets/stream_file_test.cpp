// SPDX-License-Identifier: Apache-2.0
// Every byte arrives in order, whatever the pieces; a slow disk holds up, a broken one is told.
#include "datasets/stream_file.h"

#include "tests/datasets/recordings.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;

namespace {

Bytes noise(std::size_t count) {
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i)
        bytes[i] = static_cast<unsigned char>(randomAt(1, 2, i));
    return bytes;
}

}  // namespace

TEST_CASE("a stream is in the file byte by byte") {
    const TemporaryFolder folder;
    const Bytes all = noise(300'000);
    for (const bool direct : {true, false})
        for (const std::size_t piece : {std::size_t{1'000}, std::size_t{8'192}, all.size()}) {
            CAPTURE(direct, piece);
            const auto path = folder / fmt::format("{}-{}", direct, piece);
            StreamFileOptions options;
            options.chunkBytes = 16'384;
            options.chunks = 3;
            options.direct = direct;
            auto file = StreamFile::create(path, options);
            REQUIRE(file);
            for (std::size_t at = 0; at < all.size(); at += piece)
                REQUIRE(file->append(
                    std::span(all).subspan(at).first(std::min(piece, all.size() - at))));
            REQUIRE(file->drain());
            CHECK(file->bytes() == all.size());
            CHECK(file->written() == all.size());
            REQUIRE(file->truncate(all.size() - 1));
            REQUIRE(file->finish());
            CHECK(readBytes(path) == Bytes(all.begin(), all.end() - 1));
        }
    CHECK(StreamFile::create(folder / "true-1000").error().code == ErrorCode::InvalidArgument);
}

TEST_CASE("what does not fill a chunk is in the file soon, without another call") {
    const TemporaryFolder folder;
    auto file = StreamFile::create(folder / "a");
    REQUIRE(file);
    const Bytes some = noise(5'000);
    REQUIRE(file->append(some));
    for (int i = 0; i < 500 * slowness() && file->written() < some.size(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    CHECK(readBytes(folder / "a") == some);
    REQUIRE(file->append(some));
    REQUIRE(file->drain());
    CHECK(readBytes(folder / "a").size() == 10'000);
}

TEST_CASE("a file that may not grow stops the stream and says why") {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit limit{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        StreamFileOptions options;
        options.chunkBytes = 65'536;
        options.chunks = 2;
        auto file = StreamFile::create(folder / "a", options);
        const Bytes some = noise(10'000);
        Result<void> done;
        for (int i = 0; i < 100 && done; ++i)
            done = file->append(some);
        const bool told = !done && done.error().message.find("size limit") != std::string::npos;
        ::_exit(told && !file->drain() && file->written() == 100'000 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a folder that goes away stops the stream and says so") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "disk");
    auto file = StreamFile::create(folder / "disk" / "a");
    REQUIRE(file);
    std::filesystem::remove_all(folder / "disk");
    const Bytes some = noise(10'000);
    Result<void> done;
    for (int i = 0; i < 1000 * slowness() && done; ++i) {
        done = file->append(some);
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    REQUIRE_FALSE(done);
    INFO(done.error().message);
    CHECK(done.error().message.find("is gone") != std::string::npos);
}
