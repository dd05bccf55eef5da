// SPDX-License-Identifier: Apache-2.0
// Which Host and Origin headers count as this machine.
#include "app/fovea-detectd/http_connection.h"

#include <catch2/catch.hpp>

using namespace fovea;

TEST_CASE("hosts of this machine, with and without port", "[detectd]") {
    for (const char *host : {"127.0.0.1", "127.0.0.1:8765", "localhost", "LocalHost:1",
                             "localhost:65535", "[::1]", "[::1]:8765"}) {
        CAPTURE(host);
        CHECK(isLocalHost(host));
    }
}

TEST_CASE("any other host is a stranger", "[detectd]") {
    for (const char *host :
         {"", "example.org", "localhost.example.org", "127.0.0.1.example.org", "127.0.0.10",
          "localhost:", "localhost:80:80", "localhost:http", "localhost:123456", "::1", "[::1",
          "[::1]x", "[::2]", "[::1]:", " localhost", "user@localhost", "0.0.0.0"}) {
        CAPTURE(host);
        CHECK_FALSE(isLocalHost(host));
    }
}

TEST_CASE("origins are pages of this machine only", "[detectd]") {
    CHECK(isLocalOrigin("http://localhost:8765"));
    CHECK(isLocalOrigin("https://127.0.0.1"));
    CHECK_FALSE(isLocalOrigin("http://example.org"));
    CHECK_FALSE(isLocalOrigin("null"));
    CHECK_FALSE(isLocalOrigin("file://localhost"));
    CHECK_FALSE(isLocalOrigin(""));
}
