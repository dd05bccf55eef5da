// SPDX-License-Identifier: Apache-2.0
// The HTTP server against clients that are polite, wrong, slow and many.
#include "app/fovea-detectd/http_server.h"

#include "tests/app/fovea-detectd/http_client.h"
#include "tests/app/fovea-detectd/service_process.h"
#include "tests/support/files.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <new>
#include <thread>
#include <vector>

using namespace fovea;
using namespace fovea::test;
using std::chrono::milliseconds;

namespace {

/// A server with two pages on a free port.
struct Site {
    explicit Site(HttpLimits limits = {}) : server(limits) {
        server.route("/healthz", [] { return HttpReply{200, "text/plain", "ok\n"}; });
        server.route("/v1/status", [] { return HttpReply{503, "application/json", "{}\n"}; });
        const auto started = server.start("127.0.0.1", 0);
        if (!started)
            FAIL(started.error().message);
        port = portOf(server.url());
    }
    HttpServer server;
    int port = 0;
};

/// Memory that really is there, in bytes.
std::size_t residentBytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    in >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("pages are answered with their status, type and text", "[detectd]") {
    const Site site;
    const Reply health = get(site.port, "/healthz");
    CHECK(health.status == 200);
    CHECK(health.body == "ok\n");
    CHECK(health.head.find("Content-Type: text/plain") != std::string::npos);
    CHECK(health.head.find("X-Content-Type-Options: nosniff") != std::string::npos);
    CHECK(health.head.find("Cache-Control: no-store") != std::string::npos);
    CHECK(get(site.port, "/v1/status").status == 503);
    CHECK(get(site.port, "/healthz?verbose=1").status == 200);
}

TEST_CASE("a page that cannot be made ends its connection only", "[detectd]") {
    HttpServer server;
    server.route("/bad", []() -> HttpReply { throw std::bad_alloc(); });
    server.route("/healthz", [] { return HttpReply{200, "text/plain", "ok\n"}; });
    REQUIRE(server.start("127.0.0.1", 0));
    const int port = portOf(server.url());
    for (int i = 0; i < 3; ++i) {
        CHECK(get(port, "/bad").status != 200);
        CHECK(get(port, "/healthz").status == 200);
    }
}

TEST_CASE("a connection can be used again", "[detectd]") {
    const Site site;
    const Client client(site.port);
    for (int i = 0; i < 3; ++i) {
        REQUIRE(client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        CHECK(parseReply(client.receive(scaled(300))).status == 200);
    }
}

TEST_CASE("unknown pages and paths out of the tree are not found", "[detectd]") {
    const Site site;
    for (const char *path : {"/", "/nothing", "/healthz/", "/../../etc/passwd", "/v1/../healthz",
                             "/%2e%2e/etc/passwd", "//healthz", "*", "http://localhost/healthz"}) {
        CAPTURE(path);
        CHECK(get(site.port, path).status == 404);
    }
}

TEST_CASE("only GET is served", "[detectd]") {
    const Site site;
    for (const char *method : {"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"}) {
        CAPTURE(method);
        const Reply reply = get(site.port, "/healthz", "", method);
        CHECK(reply.status == 405);
        CHECK(reply.head.find("Allow: GET") != std::string::npos);
    }
}

TEST_CASE("names and origins of other machines are refused", "[detectd]") {
    const Site site;
    const auto withHeaders = [&](const std::string &headers) {
        return ask(site.port, "GET /healthz HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n")
            .status;
    };
    CHECK(withHeaders("Host: 127.0.0.1:1\r\n") == 200);
    CHECK(withHeaders("") == 400);
    CHECK(withHeaders("Host: localhost\r\nHost: localhost\r\n") == 400);
    CHECK(withHeaders("Host: rebound.example.org\r\n") == 403);
    CHECK(withHeaders("Host: localhost\r\nOrigin: http://localhost:3000\r\n") == 200);
    CHECK(withHeaders("Host: localhost\r\nOrigin: http://example.org\r\n") == 403);
    CHECK(withHeaders("Host: localhost\r\nOrigin: null\r\n") == 403);
}

TEST_CASE("what is too long or no HTTP is refused", "[detectd]") {
    const Site site;
    const std::string begin = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    CHECK(get(site.port, "/healthz", "X: " + std::string(9000, 'x') + "\r\n").status == 431);
    CHECK(get(site.port, "/" + std::string(9000, 'x')).status == 431);
    CHECK(get(site.port, "/healthz", "X: " + std::string(7000, 'x') + "\r\n").status == 200);
    CHECK(get(site.port, "/healthz", "Range: bytes=" + std::string(7000, '0') + "-\r\n").status ==
          200);
    const std::string body(100000, 'b');
    CHECK(ask(site.port, begin + "Content-Length: 100000\r\n\r\n" + body).status == 413);
    std::string chunked = begin + "Transfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 100; ++i)
        chunked += "3e8\r\n" + std::string(1000, 'c') + "\r\n";
    CHECK(ask(site.port, chunked + "0\r\n\r\n").status == 413);
    CHECK(ask(site.port, begin + "Content-Length: 18446744073709551615\r\n\r\n").status == 413);
    for (const char *text :
         {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
        CAPTURE(text);
        CHECK(ask(site.port, text).status == 400);
    }
    CHECK(get(site.port, "/healthz").status == 200);
}

TEST_CASE("a request must be whole in time, however it trickles in", "[detectd]") {
    HttpLimits limits;
    limits.requestTime = scaled(400);
    const Site site(limits);
    const Client silent(site.port);
    const Client trickling(site.port);
    const auto begin = std::chrono::steady_clock::now();
    bool open = trickling.send("GET /healthz HTTP/1.1\r\nX: ");
    while (open && std::chrono::steady_clock::now() - begin < 10 * limits.requestTime) {
        std::this_thread::sleep_for(limits.requestTime / 20);
        open = trickling.send("x");
    }
    CHECK_FALSE(open);
    CHECK(silent.closedWithin(10 * limits.requestTime));
    CHECK(get(site.port, "/healthz").status == 200);
}

TEST_CASE("many half-open connections do not stop the answers", "[detectd]") {
    const Site site;
    const std::size_t before = residentBytes();
    std::vector<Client> clients;
    for (int i = 0; i < 600; ++i) {
        clients.emplace_back(site.port);
        REQUIRE(clients.back().connected());
        clients.back().send(i % 2 == 0 ? "GET /hea" : "");
        if (i == 199 || i == 599) {
            const auto begin = std::chrono::steady_clock::now();
            CHECK(get(site.port, "/healthz").status == 200);
            // A bound on being stuck, not on speed: the half-open ones stay for 5 s.
            CHECK(std::chrono::steady_clock::now() - begin < scaled(2500));
        }
    }
    CHECK(residentBytes() - before < 16U << 20U);
    // The first ones had to make room.
    CHECK(clients.front().closedWithin(scaled(2000)));
}

TEST_CASE("a port in use is an error that names it", "[detectd]") {
    const Site site;
    HttpServer second;
    const auto started = second.start("127.0.0.1", static_cast<std::uint32_t>(site.port));
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::Io);
    CHECK(started.error().message.find(std::to_string(site.port)) != std::string::npos);
    CHECK(started.error().message.find("in use") != std::string::npos);
}

TEST_CASE("a port can be taken again right after its service ended", "[detectd]") {
    int port = 0;
    {
        const Site site;
        port = site.port;
        CHECK(get(port, "/healthz").status == 200);
    }
    HttpServer next;
    CHECK(next.start("127.0.0.1", static_cast<std::uint32_t>(port)));
}

TEST_CASE("only loopback addresses are bound", "[detectd]") {
    for (const char *address : {"0.0.0.0", "192.168.1.1", "::", "example.org", "", "127.0.0.1 "}) {
        CAPTURE(address);
        HttpServer server;
        const auto started = server.start(address, 0);
        REQUIRE_FALSE(started);
        CHECK(started.error().code == ErrorCode::Usage);
        CHECK(started.error().message.find("127.0.0.1") != std::string::npos);
        CHECK_FALSE(checkLoopbackAddress(address));
    }
    CHECK(checkLoopbackAddress("127.0.0.53"));
    CHECK(checkLoopbackAddress("::1"));
    CHECK(checkLoopbackAddress("localhost"));
}

TEST_CASE("stopping ends open connections", "[detectd]") {
    Site site;
    const Client idle(site.port);
    REQUIRE(get(site.port, "/healthz").status == 200);
    site.server.stop();
    CHECK(idle.closedWithin(scaled(2000)));
    CHECK(get(site.port, "/healthz").status == 0);
    site.server.stop();
}
