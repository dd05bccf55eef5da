// SPDX-License-Identifier: Apache-2.0
// The real program as a child: its lines, its log, its pages, its exit code.
#pragma once

#include "app/frame_json.h"
#include "tests/app/fovea-detectd/http_client.h"
#include "tests/support/files.h"

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char **environ;

namespace fovea::test {

inline std::chrono::milliseconds scaled(int milliseconds) {
    return std::chrono::milliseconds(static_cast<int>(milliseconds * slowness()));
}

inline std::string textOf(const std::filesystem::path &path) {
    const auto bytes = readBytes(path);
    return {bytes.begin(), bytes.end()};
}

/// A program that runs beside the test; its stdout is a pipe, its stderr a file.
class Process {
public:
    Process(const std::string &program, std::vector<std::string> arguments)
        : log_(folder_ / "stderr") {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        lines_ = ends[0];
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
        arguments.insert(arguments.begin(), program);
        std::vector<char *> argv;
        for (std::string &argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        const int failed =
            ::posix_spawn(&process_, program.c_str(), &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        REQUIRE(failed == 0);
    }
    ~Process() {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
        closeReader();
    }
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    void signal(int number) const { ::kill(process_, number); }
    [[nodiscard]] pid_t id() const { return process_; }
    void closeReader() {
        if (lines_ >= 0)
            ::close(lines_);
        lines_ = -1;
    }

    /// The next line of stdout; nothing at the end or after `limit`.
    [[nodiscard]] std::optional<std::string> line(std::chrono::milliseconds limit = scaled(20000)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (true) {
            const auto newline = text_.find('\n', read_);
            if (newline != std::string::npos) {
                std::string found = text_.substr(read_, newline - read_);
                read_ = newline + 1;
                return found;
            }
            text_.erase(0, read_);
            read_ = 0;
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                end - std::chrono::steady_clock::now());
            pollfd entry{lines_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0)
                return std::nullopt;
            std::array<char, 65536> buffer;
            const auto count = ::read(lines_, buffer.data(), buffer.size());
            if (count <= 0)
                return std::nullopt;
            text_.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    [[nodiscard]] std::optional<Json> json(std::chrono::milliseconds limit = scaled(20000)) {
        const auto text = line(limit);
        return text ? std::optional(Json::parse(*text)) : std::nullopt;
    }
    /// All lines until the program closes stdout.
    [[nodiscard]] std::vector<Json> rest() {
        std::vector<Json> lines;
        while (const auto text = line())
            lines.push_back(Json::parse(*text));
        return lines;
    }

    /// The exit code, or 1000 + the signal that ended it; nothing while it runs after `limit`.
    [[nodiscard]] std::optional<int> exitCode(std::chrono::milliseconds limit) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (process_ > 0) {
            int status = 0;
            if (::waitpid(process_, &status, WNOHANG) == process_) {
                process_ = -1;
                exitCode_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
            } else if (std::chrono::steady_clock::now() > end) {
                return std::nullopt;
            } else {
                ::usleep(2000);
            }
        }
        return exitCode_;
    }
    [[nodiscard]] std::string log() const { return textOf(log_); }

private:
    TemporaryFolder folder_;
    std::filesystem::path log_;
    pid_t process_ = -1;
    int lines_ = -1;
    int exitCode_ = -1;
    std::string text_;
    std::size_t read_ = 0;
};

/// The service with a configuration; any free port.
class ServiceProcess : public Process {
public:
    explicit ServiceProcess(const std::string &yaml, std::vector<std::string> more = {})
        : ServiceProcess(configFile(yaml), std::move(more), 0) {}

    /// Reads the first line and remembers the port.
    Json hello() {
        auto first = json();
        if (!first)
            FAIL("no first line; log: " << log());
        REQUIRE(first->at("type") == "hello");
        port = portOf(first->at("http"));
        return *first;
    }
    [[nodiscard]] Json status() const {
        const Reply reply = get(port, "/v1/status");
        REQUIRE(reply.status == 200);
        return Json::parse(reply.body);
    }
    /// A number of the JSON lines output in the status: "waiting", "dropped", ...
    [[nodiscard]] std::uint64_t lines(const char *key) const {
        const Json all = status();
        for (const Json &sink : all.at("sinks"))
            if (sink.at("name") == "json-lines")
                return sink.at(key).get<std::uint64_t>();
        return 0;
    }
    [[nodiscard]] const std::filesystem::path &config() const { return *path_; }
    int port = 0;

private:
    struct Written {
        std::unique_ptr<TemporaryFolder> folder;
        std::unique_ptr<std::filesystem::path> path;
    };
    static Written configFile(const std::string &yaml) {
        Written written{std::make_unique<TemporaryFolder>(), nullptr};
        written.path = std::make_unique<std::filesystem::path>(*written.folder / "config.yaml");
        std::ofstream(*written.path) << yaml;
        return written;
    }
    ServiceProcess(Written written, std::vector<std::string> more, int)
        : Process(FOVEA_DETECTD, arguments(*written.path, std::move(more))),
          folder_(std::move(written.folder)), path_(std::move(written.path)) {}
    static std::vector<std::string> arguments(const std::filesystem::path &path,
                                              std::vector<std::string> more) {
        std::vector<std::string> all{"--config", path.string(), "--set", "service.port=0"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    std::unique_ptr<TemporaryFolder> folder_;
    std::unique_ptr<std::filesystem::path> path_;
};

/// A small synthetic camera.
inline std::string camera(const std::string &more = {}) {
    return "source:\n  kind: synthetic\n  shape: 96x64\n  rate_hz: 10000\n  objects: 2\n" + more;
}

/// A recording of a small synthetic scene.
inline void simulate(const std::filesystem::path &target, const std::string &seconds) {
    Process process(FOVEA_CLI, {"simulate", "--shape", "160x120", "--rate", "20000", "--objects",
                                "3", "--seconds", seconds, "--seed", "7", "-o", target.string()});
    const auto code = process.exitCode(scaled(60000));
    INFO(process.log());
    REQUIRE(code == 0);
}

}  // namespace fovea::test
