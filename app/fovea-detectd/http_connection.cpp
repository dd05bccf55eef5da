// SPDX-License-Identifier: Apache-2.0
// Reading, checking and answering requests.
#include "app/fovea-detectd/http_connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>

namespace fovea {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

/// What is read and thrown away after an error, so that the client gets to see the answer.
constexpr std::size_t drainBytes = 256 * 1024;
constexpr std::chrono::milliseconds drainTime{1000};

HttpReply errorReply(unsigned status, std::string_view message) {
    return {status, "application/json", nlohmann::json{{"error", message}}.dump() + "\n"};
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

bool isLocalHost(std::string_view host) {
    const std::size_t colon =
        host.starts_with('[') ? host.find(':', host.find(']')) : host.find(':');
    if (colon != std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        if (port.empty() || port.size() > 5 ||
            !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return false;
    }
    const beast::string_view name(host.data(), std::min(colon, host.size()));
    return name == "127.0.0.1" || name == "[::1]" || beast::iequals(name, "localhost");
}

bool isLocalOrigin(std::string_view origin) {
    for (const std::string_view scheme : {"http://", "https://"})
        if (origin.starts_with(scheme))
            return isLocalHost(origin.substr(scheme.size()));
    return false;
}

void setLimits(HttpRequestParser &parser, const HttpLimits &limits) {
    parser.header_limit(static_cast<std::uint32_t>(limits.headerBytes));
    parser.body_limit(limits.bodyBytes);
}

std::optional<HttpReply> errorReplyTo(beast::error_code error, const HttpLimits &limits) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return errorReply(431, fmt::format("header over {} bytes", limits.headerBytes));
    if (error == http::error::body_limit)
        return errorReply(413, fmt::format("body over {} bytes", limits.bodyBytes));
    if (error == http::error::end_of_stream || error == http::error::partial_message)
        return std::nullopt;
    if (error.category() == make_error_code(http::error::bad_method).category())
        return errorReply(400, "not an HTTP request: " + error.message());
    return std::nullopt;  // time-out, or the connection is gone
}

HttpReply answerTo(const HttpRequest &request, const HttpRoutes &routes) {
    if (request.count(http::field::host) != 1)
        return errorReply(400, "exactly one Host header is needed");
    if (!isLocalHost(view(request[http::field::host])))
        return errorReply(403, "this Host is not served: use 127.0.0.1, [::1] or localhost");
    if (request.count(http::field::origin) > 0 &&
        !isLocalOrigin(view(request[http::field::origin])))
        return errorReply(403, "this Origin is not allowed");
    if (request.method() != http::verb::get)
        return errorReply(405, "only GET is served");
    const std::string_view target = view(request.target());
    const auto route = routes.find(target.substr(0, target.find('?')));
    if (route == routes.end())
        return errorReply(404, "no such page");
    return route->second();
}

HttpConnection::HttpConnection(boost::asio::ip::tcp::socket socket, HttpShared &shared)
    : shared_(shared), place_(shared.open.insert(shared.open.end(), this)),
      stream_(std::move(socket)) {
    buffer_.max_size(shared.limits.headerBytes + 4096);
}

HttpConnection::~HttpConnection() {
    shared_.open.erase(place_);
}

void HttpConnection::close() {
    stream_.close();
}

void HttpConnection::read() {
    shared_.open.splice(shared_.open.end(), shared_.open, place_);
    parser_.emplace();
    setLimits(*parser_, shared_.limits);
    stream_.expires_after(shared_.limits.requestTime);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->onRead(error); });
}

void HttpConnection::onRead(beast::error_code error) {
    if (!error) {
        const HttpRequest request = parser_->release();
        write(answerTo(request, shared_.routes), request.keep_alive());
    } else if (auto reply = errorReplyTo(error, shared_.limits)) {
        write(std::move(*reply), false);
    }
}

void HttpConnection::write(HttpReply reply, bool keep) {
    response_ = {static_cast<http::status>(reply.status), 11};
    response_.set(http::field::server, "fovea-detectd");
    response_.set(http::field::content_type, reply.contentType);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    if (reply.status == 405)
        response_.set(http::field::allow, "GET");
    response_.keep_alive(keep);
    response_.body() = std::move(reply.body);
    response_.prepare_payload();
    stream_.expires_after(shared_.limits.requestTime);
    http::async_write(stream_, response_,
                      [self = shared_from_this(), keep](beast::error_code error, std::size_t) {
                          self->onWritten(error, keep);
                      });
}

void HttpConnection::onWritten(beast::error_code error, bool keep) {
    if (error)
        return;
    if (keep) {
        read();
        return;
    }
    stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
    stream_.expires_after(drainTime);
    drain();
}

/// Closing with unread data would reset the connection and could take our answer with it.
void HttpConnection::drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096), [self = shared_from_this()](
                                                       beast::error_code error, std::size_t bytes) {
        self->drained_ += bytes;
        if (!error && self->drained_ < drainBytes)
            self->drain();
    });
}

}  // namespace fovea
