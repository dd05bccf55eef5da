// SPDX-License-Identifier: Apache-2.0
// A small read-only HTTP server for loopback: fixed paths, strict limits, one thread.
#pragma once

#include "engine/core/error.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace fovea {

struct HttpReply {
    unsigned status = 200;
    std::string contentType = "application/json";
    std::string body;
};

/// What a client may cost us.
struct HttpLimits {
    std::size_t headerBytes = 8 * 1024;
    std::size_t bodyBytes = 64 * 1024;
    std::chrono::milliseconds requestTime{5000};  ///< to send a whole request, and to take a reply
    std::size_t connections = 256;  ///< one more closes the one that has waited longest
};

/// Answers GET on exact paths; the handlers make the whole reply.
///
/// Binds loopback addresses only. A request needs a Host that names this machine (so that a web
/// page cannot reach the service by a name of its own) and, when it has an Origin, one of this
/// machine. Everything waits on one thread without blocking it, so clients that connect and say
/// nothing cost a socket each and no more. No path touches the disk.
/// Threads: route before start; start, stop and the destructor belong to one thread; handlers run
/// on the server's own thread.
class HttpServer {
public:
    using Handler = std::function<HttpReply()>;

    explicit HttpServer(HttpLimits limits = {});
    ~HttpServer();
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    void route(std::string path, Handler handler);
    /// `port` 0 takes any free one. Usage: not a loopback address; Io: the port is in use.
    [[nodiscard]] Result<void> start(const std::string &address, std::uint32_t port);
    /// Where it listens: "http://127.0.0.1:8765"; empty before start().
    [[nodiscard]] const std::string &url() const;
    /// Closes everything and ends the thread; idempotent.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Error Usage when `text` is not an address that only this machine can reach: 127.x.x.x, ::1 or
/// localhost.
[[nodiscard]] Result<void> checkLoopbackAddress(const std::string &text);

}  // namespace fovea
