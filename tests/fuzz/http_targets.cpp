// SPDX-License-Identifier: Apache-2.0
// Requests to the service, as one connection sends them, without a socket.
#include "app/fovea-detectd/http_connection.h"
#include "tests/fuzz/fuzz_target.h"

#include <cstdlib>

namespace fovea::fuzz {

void httpRequest(Bytes bytes) {
    const HttpLimits limits{.headerBytes = 512, .bodyBytes = 256};
    HttpRoutes routes;
    routes["/healthz"] = [] { return HttpReply{200, "text/plain", "ok\n"}; };
    for (int requests = 0; requests < 8 && !bytes.empty(); ++requests) {
        HttpRequestParser parser;
        setLimits(parser, limits);
        parser.eager(true);  // as reading from a socket does
        boost::beast::error_code error;
        std::size_t used = 0;
        while (!error && !parser.is_done() && used < bytes.size()) {
            const auto got = parser.put(
                boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
            used += got;
            if (got == 0)
                break;
        }
        if (error || !parser.is_done()) {
            const auto reply = errorReplyTo(error, limits);
            if (reply && (reply->status < 400 || reply->body.empty()))
                std::abort();
            return;
        }
        const HttpRequest request = parser.release();
        const HttpReply reply = answerTo(request, routes);
        // Nothing but a GET that names this machine gets more than an error.
        if (reply.status == 200 &&
            (request.method() != boost::beast::http::verb::get || request.body().size() > 256))
            std::abort();
        bytes = bytes.subspan(used);
    }
}

}  // namespace fovea::fuzz
