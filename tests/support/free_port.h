// SPDX-License-Identifier: Apache-2.0
// A port of this machine that nobody listens at.
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace fovea::test {

[[nodiscard]] inline std::uint16_t freePort() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    const bool known =
        ::bind(descriptor, reinterpret_cast<const sockaddr *>(&address), size) == 0 &&
        ::getsockname(descriptor, reinterpret_cast<sockaddr *>(&address), &size) == 0;
    ::close(descriptor);
    if (!known)
        throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

}  // namespace fovea::test
