// SPDX-License-Identifier: Apache-2.0
// The bar stays away from anything that is not a terminal.
#include "app/progress.h"

#include "tests/support/files.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

using namespace fovea;

namespace {

/// Replaces stderr by `descriptor` while it lives.
class OtherStderr {
public:
    explicit OtherStderr(int descriptor) : saved_(dup(STDERR_FILENO)) {
        fflush(stderr);
        dup2(descriptor, STDERR_FILENO);
    }
    ~OtherStderr() {
        fflush(stderr);
        dup2(saved_, STDERR_FILENO);
        close(saved_);
    }

private:
    int saved_;
};

void drawSome(bool quiet) {
    Progress progress("testing", 100, "planes", quiet);
    progress.update(50);
}

/// All that comes until it is quiet: a terminal hands over what was written in pieces.
std::string readable(int descriptor) {
    constexpr int quietMilliseconds = 300;
    std::string text;
    std::array<char, 4096> buffer{};
    pollfd wait{descriptor, POLLIN, 0};
    while (poll(&wait, 1, quietMilliseconds) > 0) {
        const ssize_t count = read(descriptor, buffer.data(), buffer.size());
        if (count <= 0)
            break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

}  // namespace

TEST_CASE("nothing is drawn into a file", "[app]") {
    const test::TemporaryFolder folder;
    const auto path = folder / "err.txt";
    const int file = open(path.c_str(), O_CREAT | O_RDWR, 0600);
    REQUIRE(file >= 0);
    {
        const OtherStderr other(file);
        drawSome(false);
    }
    close(file);
    CHECK(test::readBytes(path).empty());
}

TEST_CASE("a terminal sees the bar and a clean line afterwards", "[app]") {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
        WARN("no pseudo terminals here: skipped");
        return;
    }
    const int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    REQUIRE(slave >= 0);
    {
        const OtherStderr other(slave);
        drawSome(false);
    }
    const std::string text = readable(terminal);
    CHECK(text.find("testing [###############               ]  50 %") != std::string::npos);
    CHECK(text.substr(text.size() - 4) == "\r\x1b[K");
    {
        const OtherStderr other(slave);
        drawSome(true);
    }
    CHECK(readable(terminal).empty());
    close(slave);
    close(terminal);
}
