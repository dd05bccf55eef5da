// SPDX-License-Identifier: Apache-2.0
// The model camera at a real kernel: its module vhci-hcd takes a socket that speaks USB/IP
// (Documentation/usb/usbip_protocol.rst) as a device in a USB 3 port.
#include "tests/fakes/usb_testbed.h"

#include "drivers/usb/ft60x.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>

namespace fovea::test {

namespace fs = std::filesystem;

namespace {

const fs::path controller = "/sys/devices/platform/vhci_hcd.0";
constexpr std::uint32_t superSpeed = 5;
constexpr int socketBytes = 4 << 20;

/// Twelve big-endian words begin every message.
using Head = std::array<std::uint32_t, 12>;
enum Word : std::size_t { Command, Sequence, Device, Direction, Endpoint, Status, Length };
constexpr std::size_t setupWord = 10;
constexpr std::uint32_t submit = 1, unlink = 2, submitted = 3, unlinked = 4;
constexpr std::uint32_t noPackets = 0xFFFFFFFF;
constexpr std::size_t packetsWord = 8;

constexpr std::uint32_t streamEndpoint = 2;   ///< 0x82
constexpr std::uint32_t commandEndpoint = 1;  ///< 0x01

struct Transfer {
    std::uint32_t sequence = 0;
    std::uint32_t bytes = 0;
};

int errorOf(BulkIn::End end) {
    switch (end) {
    case BulkIn::End::Stall:
        return -EPIPE;
    case BulkIn::End::Overflow:
        return -EOVERFLOW;
    case BulkIn::End::Error:
        return -EPROTO;
    default:
        return 0;
    }
}

std::vector<std::uint8_t> stringDescriptor(const std::string &text) {
    std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(2 + 2 * text.size()), 3};
    for (const char letter : text) {
        bytes.push_back(static_cast<std::uint8_t>(letter));
        bytes.push_back(0);
    }
    return bytes;
}

/// The first port of the USB 3 hub that nothing is plugged into; -1 when there is none.
int freePort() {
    std::ifstream status(controller / "status");
    std::string line;
    std::getline(status, line);
    for (std::string hub, state; status >> hub;) {
        int port = -1;
        status >> port >> state;
        std::getline(status, line);
        if (hub == "ss" && state == "004")
            return port;
    }
    return -1;
}

std::string textOf(const fs::path &file) {
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    return text;
}

/// The camera in /sys once its node can be opened, or an empty path.
fs::path deviceOf(const std::string &serial) {
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator("/sys/bus/usb/devices", ignored)) {
        if (textOf(entry.path() / "serial") != serial)
            continue;
        const int bus = std::atoi(textOf(entry.path() / "busnum").c_str());
        const int address = std::atoi(textOf(entry.path() / "devnum").c_str());
        if (fs::exists(fmt::format("/dev/bus/usb/{:03}/{:03}", bus, address), ignored))
            return entry.path();
    }
    return {};
}

/// Waits until the kernel has taken notice.
template <class Ready> void waitUntil(Ready ready) {
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!ready() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(2ms);
}

}  // namespace

class UsbTestbed::Impl {
public:
    explicit Impl(Ft60xModel &camera) : model_(camera) {}
    ~Impl() { pull(); }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    void plugIn();
    void pull();
    [[nodiscard]] std::uint64_t unknown() const { return unknown_; }
    [[nodiscard]] int address() const;

private:
    void serve();
    [[nodiscard]] bool answer();
    [[nodiscard]] bool answerSubmit(const Head &head);
    [[nodiscard]] bool answerUnlink(const Head &head);
    [[nodiscard]] bool stream();
    [[nodiscard]] int control(const std::uint8_t *setup, std::vector<std::uint8_t> &bytes);
    [[nodiscard]] std::optional<std::vector<std::uint8_t>> descriptor(int type, int index) const;
    [[nodiscard]] bool receive(void *target, std::size_t bytes) const;
    [[nodiscard]] bool reply(std::uint32_t sequence, int status, std::size_t length,
                             std::span<const std::uint8_t> data) const;
    [[nodiscard]] bool send(const Head &head, std::span<const std::uint8_t> data) const;

    Ft60xModel &model_;
    int socket_ = -1;
    std::thread thread_;
    std::atomic<bool> pulled_{false};
    std::atomic<std::uint64_t> unknown_{0};
    std::deque<Transfer> waiting_;  ///< for the stream
    bool gave_ = false;             ///< the stream gave something just now
    std::vector<std::uint8_t> bytes_;
};

bool UsbTestbed::Impl::receive(void *target, std::size_t bytes) const {
    auto *at = static_cast<std::uint8_t *>(target);
    while (bytes > 0) {
        const ssize_t got = ::recv(socket_, at, bytes, 0);
        if (got <= 0)
            return false;
        at += got;
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

bool UsbTestbed::Impl::send(const Head &head, std::span<const std::uint8_t> data) const {
    Head words = head;
    for (std::uint32_t &word : words)
        word = htonl(word);
    std::array<std::span<const std::uint8_t>, 2> parts{
        std::span(reinterpret_cast<const std::uint8_t *>(words.data()), sizeof words), data};
    for (std::span<const std::uint8_t> part : parts)
        while (!part.empty()) {
            const ssize_t sent = ::send(socket_, part.data(), part.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            part = part.subspan(static_cast<std::size_t>(sent));
        }
    return true;
}

bool UsbTestbed::Impl::reply(std::uint32_t sequence, int status, std::size_t length,
                             std::span<const std::uint8_t> data) const {
    Head head{};
    head[Command] = submitted;
    head[Sequence] = sequence;
    head[Status] = static_cast<std::uint32_t>(status);
    head[Length] = static_cast<std::uint32_t>(length);
    head[packetsWord] = noPackets;
    return send(head, data);
}

std::optional<std::vector<std::uint8_t>> UsbTestbed::Impl::descriptor(int type, int index) const {
    constexpr std::ptrdiff_t deviceBytes = 18;
    const std::vector<std::uint8_t> all = model_.descriptors();
    switch (type) {
    case 1:
        return std::vector(all.begin(), all.begin() + deviceBytes);
    case 2:
        return std::vector(all.begin() + deviceBytes, all.end());
    case 3:
        if (index == 0)
            return std::vector<std::uint8_t>{4, 3, 9, 4};  // English
        return stringDescriptor(index == 3   ? model_.serial()
                                : index == 2 ? "Spike camera"
                                             : "Fovea");
    case 15:  // what a USB 3 device says of its speeds
        return std::vector<std::uint8_t>{0x05, 0x0f, 0x16, 0x00, 0x02, 0x07, 0x10, 0x02,
                                         0x00, 0x00, 0x00, 0x00, 0x0a, 0x10, 0x03, 0x00,
                                         0x0e, 0x00, 0x03, 0x0a, 0xff, 0x07};
    default:
        return std::nullopt;
    }
}

// 0, or the error; `bytes` are those of the answer.
int UsbTestbed::Impl::control(const std::uint8_t *setup, std::vector<std::uint8_t> &bytes) {
    constexpr std::uint8_t getDescriptor = 6, getStatus = 0, clearFeature = 1;
    const std::uint8_t type = setup[0], request = setup[1];
    const auto value = static_cast<std::uint16_t>(setup[2] | setup[3] << 8);
    const std::size_t length = setup[6] | std::size_t{setup[7]} << 8;
    bytes.clear();
    if ((type & 0x80) == 0) {
        if (type == 2 && request == clearFeature && setup[4] == ft60x::streamIn)
            model_.clearHalt();
        return 0;
    }
    std::optional<std::vector<std::uint8_t>> found;
    if (type == 0x80 && request == getDescriptor)
        found = descriptor(setup[3], setup[2]);
    else if (type == 0x80 && request == getStatus)
        found = std::vector<std::uint8_t>(2);
    else
        found = model_.controlIn(request, value, length);
    if (!found) {
        // The kernel asks for descriptors that a device may lack.
        unknown_ += request == getDescriptor ? 0U : 1U;
        return -EPIPE;
    }
    bytes = std::move(*found);
    bytes.resize(std::min(bytes.size(), length));
    return 0;
}

bool UsbTestbed::Impl::answerSubmit(const Head &head) {
    const std::uint32_t sequence = head[Sequence];
    const bool in = head[Direction] == 1;
    const std::uint32_t length = head[Length];
    std::vector<std::uint8_t> bytes;
    if (!in && length > 0) {
        bytes.resize(length);
        if (!receive(bytes.data(), bytes.size()))
            return false;
    }
    if (head[Endpoint] == 0) {
        std::array<std::uint32_t, 2> setup{htonl(head[setupWord]), htonl(head[setupWord + 1])};
        const int status = control(reinterpret_cast<const std::uint8_t *>(setup.data()), bytes);
        return in ? reply(sequence, status, bytes.size(), bytes)
                  : reply(sequence, status, length, {});
    }
    if (head[Endpoint] == commandEndpoint && !in)
        return model_.command(bytes) ? reply(sequence, 0, length, {})
                                     : reply(sequence, -EPIPE, 0, {});
    if (head[Endpoint] == streamEndpoint && in) {
        waiting_.push_back({sequence, length});
        return true;
    }
    ++unknown_;
    return reply(sequence, -EPIPE, 0, {});
}

bool UsbTestbed::Impl::answerUnlink(const Head &head) {
    const std::uint32_t wanted = head[Status];  // in this message: which one
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const Transfer &t) { return t.sequence == wanted; });
    Head answer{};
    answer[Command] = unlinked;
    answer[Sequence] = head[Sequence];
    if (found != waiting_.end()) {
        waiting_.erase(found);
        answer[Status] = static_cast<std::uint32_t>(-ECONNRESET);
    }
    return send(answer, {});
}

bool UsbTestbed::Impl::answer() {
    Head head;
    if (!receive(head.data(), sizeof head))
        return false;
    for (std::uint32_t &word : head)
        word = ntohl(word);
    if (head[Command] == submit)
        return answerSubmit(head);
    return head[Command] == unlink && answerUnlink(head);
}

/// Gives the oldest transfer what the camera has for it; false when the camera is gone.
bool UsbTestbed::Impl::stream() {
    gave_ = false;
    if (waiting_.empty())
        return model_.plugged();
    const Transfer transfer = waiting_.front();
    bytes_.resize(transfer.bytes);
    const BulkIn result = model_.bulkIn(bytes_);
    if (result.end == BulkIn::End::NotYet)
        return true;
    if (result.end == BulkIn::End::Gone)
        return false;
    waiting_.pop_front();
    gave_ = true;
    // The kernel takes no bytes with an error.
    const int status = errorOf(result.end);
    const std::size_t bytes = status == 0 ? result.bytes : 0;
    return reply(transfer.sequence, status, bytes, std::span(bytes_).first(bytes));
}

void UsbTestbed::Impl::serve() {
    while (!pulled_) {
        pollfd request{socket_, POLLIN, 0};
        ::poll(&request, 1, gave_ ? 0 : 1);
        if (request.revents != 0 && !answer())
            break;
        if (!stream())
            break;
    }
    ::shutdown(socket_, SHUT_RDWR);
}

void UsbTestbed::Impl::plugIn() {
    pull();
    model_.plugIn();
    const int port = freePort();
    std::array<int, 2> ends{-1, -1};
    if (port < 0 || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return;
    for (const int end : ends)
        for (const int option : {SO_SNDBUFFORCE, SO_RCVBUFFORCE})
            ::setsockopt(end, SOL_SOCKET, option, &socketBytes, sizeof socketBytes);
    socket_ = ends[1];
    pulled_ = false;
    gave_ = false;
    waiting_.clear();
    thread_ = std::thread([this] { serve(); });
    const int attach = ::open((controller / "attach").c_str(), O_WRONLY | O_CLOEXEC);
    const std::string words = fmt::format("{} {} {} {}", port, ends[0], 1 << 16 | 2, superSpeed);
    const bool taken = ::write(attach, words.data(), words.size()) > 0;
    ::close(attach);
    ::close(ends[0]);
    if (taken)
        waitUntil([this] { return !deviceOf(model_.serial()).empty(); });
}

void UsbTestbed::Impl::pull() {
    model_.unplug();
    pulled_ = true;
    if (!thread_.joinable())
        return;
    thread_.join();
    ::close(socket_);
    waitUntil([this] { return deviceOf(model_.serial()).empty(); });
}

int UsbTestbed::Impl::address() const {
    return std::atoi(textOf(deviceOf(model_.serial()) / "devnum").c_str());
}

UsbTestbed::UsbTestbed(Ft60xModel &model) : impl_(std::make_unique<Impl>(model)) {}
UsbTestbed::~UsbTestbed() = default;

bool UsbTestbed::possible() {
    return fs::exists(controller / "attach");
}
void UsbTestbed::plugIn(int, bool) {
    impl_->plugIn();
}
void UsbTestbed::pull(bool) {
    impl_->pull();
}
int UsbTestbed::address() const {
    return impl_->address();
}
std::uint64_t UsbTestbed::unknownCalls() const {
    return impl_->unknown();
}

// What a test cannot make a real kernel do.
void UsbTestbed::setClient(pid_t) {}
void UsbTestbed::setClaimError(int) {}
void UsbTestbed::setMemory(std::size_t) {}
void UsbTestbed::setScatterGather(bool) {}

}  // namespace fovea::test
