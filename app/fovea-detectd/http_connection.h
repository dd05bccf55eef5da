// SPDX-License-Identifier: Apache-2.0
// One client of the HTTP server: reads a request within its limits, answers, waits for the next.
#pragma once

#include "app/fovea-detectd/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace fovea {

class HttpConnection;

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpRequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
using HttpRoutes = std::map<std::string, HttpServer::Handler, std::less<>>;

void setLimits(HttpRequestParser &parser, const HttpLimits &limits);
/// The answer to a whole request: from its route, or why not.
[[nodiscard]] HttpReply answerTo(const HttpRequest &request, const HttpRoutes &routes);
/// The answer to a request that could not be read; nothing when there is nobody to answer.
[[nodiscard]] std::optional<HttpReply> errorReplyTo(boost::beast::error_code error,
                                                    const HttpLimits &limits);

/// What the connections of one server have in common. All of it belongs to the server's thread.
struct HttpShared {
    HttpLimits limits;
    HttpRoutes routes;
    std::list<HttpConnection *> open;  ///< longest waiting first
};

/// Keeps itself alive by the operation it waits for.
///
/// Threads: the server's only.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(boost::asio::ip::tcp::socket socket, HttpShared &shared);
    ~HttpConnection();
    HttpConnection(const HttpConnection &) = delete;
    HttpConnection &operator=(const HttpConnection &) = delete;

    /// Waits for the next request.
    void read();
    /// Ends the operation that is going on, and with it the connection.
    void close();

private:
    void onRead(boost::beast::error_code error);
    void write(HttpReply reply, bool keep);
    void onWritten(boost::beast::error_code error, bool keep);
    void drain();

    HttpShared &shared_;
    std::list<HttpConnection *>::iterator place_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    std::size_t drained_ = 0;
    std::optional<HttpRequestParser> parser_;
    boost::beast::http::response<boost::beast::http::string_body> response_;
};

/// Whether a Host header names this machine: 127.0.0.1, [::1] or localhost, with or without port.
[[nodiscard]] bool isLocalHost(std::string_view host);
/// Whether an Origin header is a page of this machine: http:// or https:// and a local host.
[[nodiscard]] bool isLocalOrigin(std::string_view origin);

}  // namespace fovea
