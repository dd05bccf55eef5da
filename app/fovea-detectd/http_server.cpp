// SPDX-License-Identifier: Apache-2.0
// The loopback HTTP server, on Boost.Beast: parsing, limits and time-outs are the library's.
#include "app/fovea-detectd/http_server.h"

#include "app/fovea-detectd/http_connection.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>
#include <thread>

namespace fovea {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

Result<asio::ip::address> loopback(const std::string &text) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(text == "localhost" ? "127.0.0.1" : text, error);
    if (error)
        return fail(ErrorCode::Usage,
                    "service.address: found '{}', allowed: 127.0.0.1, ::1 or localhost", text);
    if (!address.is_loopback())
        return fail(ErrorCode::Usage,
                    "service.address: '{}' can be reached from other machines, which this version "
                    "does not allow because it has no access token yet; allowed: 127.0.0.1, ::1 "
                    "or localhost (forward the port with ssh -L to reach it from elsewhere)",
                    text);
    return address;
}

}  // namespace

Result<void> checkLoopbackAddress(const std::string &text) {
    auto address = loopback(text);
    return address ? Result<void>{} : failed(address);
}

class HttpServer::Impl {
public:
    explicit Impl(HttpLimits limits) : shared_{limits, {}, {}} {}

    void route(std::string path, Handler handler) {
        shared_.routes[std::move(path)] = std::move(handler);
    }

    Result<void> start(const std::string &text, std::uint32_t port) {
        auto address = loopback(text);
        if (!address)
            return failed(address);
        if (port > 65535)
            return fail(ErrorCode::Usage, "service.port: found {}, allowed: 0 to 65535", port);
        const tcp::endpoint wanted(*address, static_cast<std::uint16_t>(port));
        try {
            acceptor_.open(wanted.protocol());
            // Only lets us follow a service that has just ended; a running one still refuses us.
            acceptor_.set_option(tcp::acceptor::reuse_address(true));
            acceptor_.bind(wanted);
            acceptor_.listen(static_cast<int>(shared_.limits.connections));
        } catch (const boost::system::system_error &error) {
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            return fail(ErrorCode::Io, "cannot listen on {} port {}: {}", text, port,
                        error.code().message());
        }
        const tcp::endpoint bound = acceptor_.local_endpoint();
        const std::string host = bound.address().to_string();
        url_ = bound.address().is_v6() ? fmt::format("http://[{}]:{}", host, bound.port())
                                       : fmt::format("http://{}:{}", host, bound.port());
        accept();
        thread_ = std::thread([this] {
            const auto serve = [this]() -> Result<void> {
                context_.run();
                return {};
            };
            // A reply that cannot be made ends its connection, not the service.
            for (Result<void> done = withoutThrowing(serve); !done; done = withoutThrowing(serve))
                spdlog::error("http: {}", done.error().message);
        });
        return {};
    }

    void stop() {
        asio::post(context_, [this] {
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            retry_.cancel();
            for (HttpConnection *connection : shared_.open)
                connection->close();
        });
        if (thread_.joinable())
            thread_.join();
    }

    [[nodiscard]] const std::string &url() const { return url_; }

private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            if (!acceptor_.is_open())
                return;
            if (error) {  // out of descriptors, for example: try again when some may be free
                retry_.expires_after(std::chrono::milliseconds(50));
                retry_.async_wait([this](boost::system::error_code stopped) {
                    if (!stopped)
                        accept();
                });
                return;
            }
            makeRoom();
            accept();
            std::make_shared<HttpConnection>(std::move(socket), shared_)->read();
        });
    }

    /// The longest waiting connection makes way for a new one.
    void makeRoom() {
        if (shared_.open.size() >= shared_.limits.connections)
            shared_.open.front()->close();
    }

    HttpShared shared_;
    asio::io_context context_{1};
    tcp::acceptor acceptor_{context_};
    asio::steady_timer retry_{context_};
    std::string url_;
    std::thread thread_;
};

HttpServer::HttpServer(HttpLimits limits) : impl_(std::make_unique<Impl>(limits)) {}

HttpServer::~HttpServer() {
    stop();
}

void HttpServer::route(std::string path, Handler handler) {
    impl_->route(std::move(path), std::move(handler));
}

Result<void> HttpServer::start(const std::string &address, std::uint32_t port) {
    return impl_->start(address, port);
}

const std::string &HttpServer::url() const {
    return impl_->url();
}

void HttpServer::stop() {
    impl_->stop();
}

}  // namespace fovea
