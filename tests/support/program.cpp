// SPDX-License-Identifier: Apache-2.0
// fork, exec, pipes and waiting with a limit.
#include "tests/support/program.h"

#include "tests/support/files.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace fovea::test {

namespace {

using Pipe = std::array<int, 2>;

Pipe makePipe() {
    Pipe ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    return ends;
}

void readAll(int descriptor, std::string &text) {
    std::array<char, 65536> buffer{};
    for (ssize_t count = 0; (count = read(descriptor, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(count));
    close(descriptor);
}

std::vector<char *> pointers(std::vector<std::string> &texts) {
    std::vector<char *> list;
    for (std::string &text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// Our environment with changes, as "NAME=value" texts.
std::vector<std::string> environmentWith(const std::map<std::string, std::string> &changes) {
    std::map<std::string, std::string> all;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const std::size_t equals = text.find('=');
        if (equals != std::string::npos)
            all[text.substr(0, equals)] = text.substr(equals + 1);
    }
    for (const auto &[name, value] : changes) {
        if (value.empty())
            all.erase(name);
        else
            all[name] = value;
    }
    std::vector<std::string> texts;
    for (const auto &[name, value] : all)
        texts.push_back(name + "=" + value);
    return texts;
}

}  // namespace

Program::Program(const std::string &path, const std::vector<std::string> &arguments)
    : Program(path, arguments, Options{}) {}

Program::Program(const std::string &path, const std::vector<std::string> &arguments,
                 const Options &options) {
    // All memory is taken before fork: the child of a threaded process may not allocate.
    std::vector<std::string> texts{path};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = environmentWith(options.environment);
    const std::vector<char *> argumentList = pointers(texts);
    const std::vector<char *> environmentList = pointers(environment);
    const Pipe out = makePipe();
    const Pipe err = makePipe();
    child_ = fork();
    if (child_ < 0)
        throw std::runtime_error("no process");
    if (child_ == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        const int null = open("/dev/null", O_RDONLY);
        dup2(null, STDIN_FILENO);
        if (!options.folder.empty() && chdir(options.folder.c_str()) != 0)
            _exit(127);
        execve(path.c_str(), argumentList.data(), environmentList.data());
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    if (options.closeOut)
        close(out[0]);
    else
        outReader_ = std::thread([this, end = out[0]] { readAll(end, result_.out); });
    errReader_ = std::thread([this, end = err[0]] { readAll(end, result_.err); });
}

Program::~Program() {
    if (child_ > 0)
        static_cast<void>(wait(std::chrono::milliseconds{0}));
}

void Program::signal(int number) const {
    if (child_ > 0)
        kill(child_, number);
}

ProgramResult Program::wait(std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(limit * slowness());
    int status = 0;
    while (waitpid(child_, &status, WNOHANG) == 0) {
        if (Clock::now() >= end) {
            result_.timedOut = true;
            kill(child_, SIGKILL);
            waitpid(child_, &status, 0);
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    child_ = -1;
    if (outReader_.joinable())
        outReader_.join();
    errReader_.join();
    result_.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result_;
}

ProgramResult runProgram(const std::string &path, const std::vector<std::string> &arguments,
                         const Program::Options &options) {
    return Program(path, arguments, options).wait();
}

}  // namespace fovea::test
