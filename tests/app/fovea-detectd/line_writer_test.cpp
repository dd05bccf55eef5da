// SPDX-License-Identifier: Apache-2.0
// Writing lines to files, full devices, pipes that nobody reads and pipes that nobody holds.
#include "app/fovea-detectd/line_writer.h"

#include "tests/app/fovea-detectd/service_process.h"
#include "tests/support/files.h"

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace fovea;
using namespace fovea::test;
using namespace std::chrono_literals;

namespace {

struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
    ~Pipe() { closeReader(); }
    void closeReader() {
        if (ends[0] >= 0)
            ::close(ends[0]);
        ends[0] = -1;
    }
    std::array<int, 2> ends{};  ///< the writer takes the second over
};

}  // namespace

TEST_CASE("a file is appended to, never overwritten", "[detectd]") {
    const TemporaryFolder folder;
    const std::string path = folder / "lines.jsonl";
    for (const char *line : {"first", "second"}) {
        auto writer = LineWriter::open(path);
        REQUIRE(writer);
        REQUIRE((*writer)->write(line));
    }
    CHECK(textOf(path) == "first\nsecond\n");
}

TEST_CASE("places that cannot be written to are named", "[detectd]") {
    const TemporaryFolder folder;
    for (const std::string &path :
         {folder.path().string(), (folder / "no/such/folder").string(), std::string()}) {
        const auto writer = LineWriter::open(path);
        REQUIRE_FALSE(writer);
        CHECK(writer.error().code == ErrorCode::Io);
        CHECK(writer.error().message.find(path) != std::string::npos);
    }
}

TEST_CASE("a full disk is an error, and the last one", "[detectd]") {
    auto writer = LineWriter::open("/dev/full");
    REQUIRE(writer);
    const auto written = (*writer)->write("x");
    REQUIRE_FALSE(written);
    CHECK(written.error().message.find("/dev/full") != std::string::npos);
    CHECK((*writer)->failed());
    CHECK_FALSE((*writer)->readerLeft());
    CHECK_FALSE((*writer)->write("y"));
}

TEST_CASE("a reader that left is known as such", "[detectd]") {
    ::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    LineWriter writer(pipe.ends[1], "pipe");
    REQUIRE(writer.write("x"));
    pipe.closeReader();
    REQUIRE_FALSE(writer.write("y"));
    CHECK(writer.readerLeft());
}

TEST_CASE("a slow reader gets everything, also lines longer than a pipe", "[detectd]") {
    Pipe pipe;
    std::string got;
    std::thread reader([&] {
        std::array<char, 1000> buffer{};
        for (::ssize_t n = 0; (n = ::read(pipe.ends[0], buffer.data(), buffer.size())) > 0;) {
            got.append(buffer.data(), static_cast<std::size_t>(n));
            if (got.size() % 7 == 0)
                std::this_thread::sleep_for(1ms);
        }
    });
    const std::string line(300000, 'l');
    {
        LineWriter writer(pipe.ends[1], "pipe");
        CHECK(writer.write(line));
        CHECK(writer.write("end"));
    }
    reader.join();
    CHECK(got == line + "\nend\n");
}

TEST_CASE("a reader that never reads is given up in time", "[detectd]") {
    Pipe pipe;
    LineWriter writer(pipe.ends[1], "pipe");
    std::thread stopper([&] {
        std::this_thread::sleep_for(100ms);
        writer.giveUpAt(std::chrono::steady_clock::now());
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto written = writer.write(std::string(1 << 20, 'x'));
    const auto took = std::chrono::steady_clock::now() - begin;
    stopper.join();
    REQUIRE_FALSE(written);
    CHECK(written.error().message.find("reader") != std::string::npos);
    CHECK(writer.failed());
    CHECK_FALSE(writer.readerLeft());
    CHECK(took < std::chrono::duration<double>(5 * slowness()));
}

TEST_CASE("a named pipe without a reader is refused at once", "[detectd]") {
    const TemporaryFolder folder;
    const std::string path = folder / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto writer = LineWriter::open(path);
    REQUIRE_FALSE(writer);
    CHECK(writer.error().message.find("nobody reads") != std::string::npos);
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const auto other = LineWriter::open(path);
    REQUIRE(other);
    CHECK((*other)->write("line"));
    ::close(reader);
    CHECK_FALSE((*other)->write("line"));
    CHECK((*other)->readerLeft());
}

TEST_CASE("after a failure the same reason comes again", "[detectd]") {
    auto writer = LineWriter::open("/dev/full");
    REQUIRE(writer);
    const auto first = (*writer)->write("line");
    const auto second = (*writer)->write("line");
    REQUIRE_FALSE(first);
    CHECK(first.error().message.find("No space") != std::string::npos);
    CHECK(second.error().message == first.error().message);
}
