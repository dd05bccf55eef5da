// SPDX-License-Identifier: Apache-2.0
// A client that says exactly what a test wants to say, also what no decent client would.
#pragma once

#include <arpa/inet.h>
#include <charconv>
#include <chrono>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace fovea::test {

/// A TCP connection to a port of this machine.
class Client {
public:
    explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ =
            ::connect(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    }
    Client(Client &&other) noexcept
        : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
    ~Client() {
        if (socket_ >= 0)
            ::close(socket_);
    }
    [[nodiscard]] bool connected() const { return connected_; }

    /// False when the other side has closed.
    bool send(std::string_view text) const {
        while (!text.empty()) {
            const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// What comes until the other side closes, or nothing new comes for `quiet`.
    [[nodiscard]] std::string receive(std::chrono::milliseconds quiet) const {
        std::string text;
        char buffer[4096];
        pollfd entry{socket_, POLLIN, 0};
        while (::poll(&entry, 1, static_cast<int>(quiet.count())) > 0) {
            const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
            if (count <= 0)
                break;
            text.append(buffer, static_cast<std::size_t>(count));
        }
        return text;
    }
    /// Whether the other side closes within `limit`; what it says before is thrown away.
    [[nodiscard]] bool closedWithin(std::chrono::milliseconds limit) const {
        const auto end = std::chrono::steady_clock::now() + limit;
        char buffer[4096];
        while (std::chrono::steady_clock::now() < end) {
            pollfd entry{socket_, POLLIN, 0};
            if (::poll(&entry, 1, 20) > 0 && ::recv(socket_, buffer, sizeof buffer, 0) <= 0)
                return true;
        }
        return false;
    }

private:
    int socket_;
    bool connected_ = false;
};

struct Reply {
    int status = 0;  ///< 0: no answer
    std::string head;
    std::string body;
};

inline Reply parseReply(const std::string &text) {
    Reply reply;
    if (text.starts_with("HTTP/1.1 ") && text.size() > 12)
        std::from_chars(text.data() + 9, text.data() + 12, reply.status);
    const auto end = text.find("\r\n\r\n");
    reply.head = text.substr(0, end);
    if (end != std::string::npos)
        reply.body = text.substr(end + 4);
    return reply;
}

/// Sends `request` as it is and reads until the server closes.
inline Reply ask(int port, std::string_view request,
                 std::chrono::milliseconds limit = std::chrono::milliseconds(15000)) {
    const Client client(port);
    client.send(request);
    return parseReply(client.receive(limit));
}

inline Reply get(int port, const std::string &path, const std::string &headers = {},
                 const std::string &method = "GET") {
    return ask(port, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                         headers + "\r\n");
}

/// The port in "http://127.0.0.1:8765".
inline int portOf(const std::string &url) {
    int port = 0;
    const auto colon = url.rfind(':');
    std::from_chars(url.data() + colon + 1, url.data() + url.size(), port);
    return port;
}

}  // namespace fovea::test
