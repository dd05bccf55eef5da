// SPDX-License-Identifier: Apache-2.0
// Answers the ioctl calls of usbfs for the model camera.
#include "tests/fakes/usb_testbed.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/usbdevice_fs.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <thread>
#include <umockdev.h>
#include <unistd.h>

namespace fovea::test {

namespace {

constexpr std::uint8_t commandOut = 0x01;
constexpr std::uint8_t streamIn = 0x82;
constexpr std::size_t pipeBytes = 4096;

int errorOf(BulkIn::End end) {
    switch (end) {
    case BulkIn::End::Stall:
        return -EPIPE;
    case BulkIn::End::Overflow:
        return -EOVERFLOW;
    case BulkIn::End::Error:
        return -EPROTO;
    case BulkIn::End::Gone:
        return -ESHUTDOWN;
    default:
        return 0;
    }
}

}  // namespace

class UsbTestbed::Impl {
public:
    explicit Impl(Ft60xModel &camera) : model_(camera) {
        bed_ = umockdev_testbed_new();
        handler_ = umockdev_ioctl_base_new();
        g_signal_connect_after(handler_, "handle-ioctl", G_CALLBACK(&Impl::onIoctl), this);
        ticker_ = std::thread([this] { tick(); });
    }
    ~Impl() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        ticker_.join();
        if (!system_.empty())
            umockdev_testbed_remove_device(bed_, system_.c_str());
        g_object_unref(handler_);
        g_object_unref(bed_);
        for (const Urb &urb : waiting_)
            umockdev_ioctl_data_unref(urb.data);
        for (const Urb &urb : done_)
            umockdev_ioctl_data_unref(urb.data);
        if (pipe_ >= 0)
            ::close(pipe_);
    }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    void plugIn(int address, bool told);
    void pull(bool told);

    mutable std::mutex mutex_;
    int address_ = 0;
    pid_t client_ = getpid();
    int claimError_ = 0;
    std::size_t memory_ = 1000;
    bool scatterGather_ = true;
    std::uint64_t unknown_ = 0;

private:
    struct Urb {
        UMockdevIoctlData *data = nullptr;
        gulong address = 0;
        unsigned char endpoint = 0;
        void *buffer = nullptr;
        int length = 0;
        int status = 0;
        int actual = 0;
    };

    static gboolean onIoctl(UMockdevIoctlBase *, UMockdevIoctlClient *client, gpointer self) {
        return static_cast<Impl *>(self)->handle(client);
    }
    gboolean handle(UMockdevIoctlClient *client);
    int submit(UMockdevIoctlData *argument);
    int discard(UMockdevIoctlData *argument);
    int reap(UMockdevIoctlData *argument);
    int capabilities(UMockdevIoctlData *argument) const;
    int answerControl(Urb &urb);
    void advance();
    void finish(Urb urb, int status);
    void showReady();
    void tick();

    Ft60xModel &model_;
    UMockdevTestbed *bed_ = nullptr;
    UMockdevIoctlBase *handler_ = nullptr;
    std::string system_;  ///< the camera's folder in /sys; empty while it is pulled
    std::string device_;  ///< its node in /dev
    int pipe_ = -1;
    bool ready_ = true;
    bool stopping_ = false;
    std::deque<Urb> waiting_;  ///< for the stream
    std::deque<Urb> done_;
    std::vector<std::uint8_t> bytes_;
    std::thread ticker_;
};

/// usbfs says "something can be reaped" as POLLOUT; a pipe that is full or empty does the same.
void UsbTestbed::Impl::showReady() {
    const bool ready = !done_.empty() || !model_.plugged();
    if (pipe_ < 0 || ready == ready_)
        return;
    static std::array<char, pipeBytes> page{};
    ready_ = ready;
    const ssize_t moved =
        ready ? ::read(pipe_, page.data(), page.size()) : ::write(pipe_, page.data(), page.size());
    (void)moved;
}

void UsbTestbed::Impl::finish(Urb urb, int status) {
    urb.status = status;
    done_.push_back(urb);
}

/// Gives the transfers that wait what the camera has for them; with the mutex held.
void UsbTestbed::Impl::advance() {
    while (!waiting_.empty() && done_.size() < 2) {
        Urb urb = waiting_.front();
        bytes_.resize(static_cast<std::size_t>(urb.length));
        const BulkIn result = model_.bulkIn(bytes_);
        if (result.end == BulkIn::End::NotYet)
            break;
        waiting_.pop_front();
        // Through the kernel, so that it works for other processes, too.
        const iovec from{bytes_.data(), result.bytes};
        const iovec to{urb.buffer, result.bytes};
        const ssize_t written = process_vm_writev(client_, &from, 1, &to, 1, 0);
        urb.actual = written < 0 ? 0 : static_cast<int>(written);
        finish(urb, errorOf(result.end));
        while (result.end == BulkIn::End::Gone && !waiting_.empty()) {
            finish(waiting_.front(), -ESHUTDOWN);
            waiting_.pop_front();
        }
    }
    showReady();
}

void UsbTestbed::Impl::tick() {
    for (bool stop = false; !stop;) {
        std::this_thread::sleep_for(std::chrono::microseconds{500});
        const std::lock_guard lock(mutex_);
        advance();
        stop = stopping_;
    }
}

int UsbTestbed::Impl::capabilities(UMockdevIoctlData *argument) const {
    g_autoptr(UMockdevIoctlData) data =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(std::uint32_t), nullptr);
    const std::uint32_t all = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
                              USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_REAP_AFTER_DISCONNECT |
                              (scatterGather_ ? USBDEVFS_CAP_BULK_SCATTER_GATHER : 0U);
    std::memcpy(data->data, &all, sizeof all);
    return 0;
}

int UsbTestbed::Impl::answerControl(Urb &urb) {
    g_autoptr(UMockdevIoctlData) data = umockdev_ioctl_data_resolve(
        urb.data, G_STRUCT_OFFSET(usbdevfs_urb, buffer), static_cast<gsize>(urb.length), nullptr);
    const std::uint8_t *setup = data->data;
    const auto value = static_cast<std::uint16_t>(setup[2] | setup[3] << 8);
    const auto answer = model_.controlIn(setup[1], value, static_cast<std::size_t>(urb.length) - 8);
    if (!answer)
        return -EPIPE;
    std::memcpy(data->data + 8, answer->data(), answer->size());
    urb.actual = static_cast<int>(answer->size());
    return 0;
}

int UsbTestbed::Impl::submit(UMockdevIoctlData *argument) {
    if (!model_.plugged())
        return -ENODEV;
    if (waiting_.size() + done_.size() >= memory_)
        return -ENOMEM;
    Urb urb;
    urb.data = umockdev_ioctl_data_resolve(argument, 0, sizeof(usbdevfs_urb), nullptr);
    usbdevfs_urb seen;
    std::memcpy(&seen, urb.data->data, sizeof seen);
    urb.address = urb.data->client_addr;
    urb.endpoint = seen.endpoint;
    urb.buffer = seen.buffer;
    urb.length = seen.buffer_length;
    if (seen.type == USBDEVFS_URB_TYPE_CONTROL) {
        const int status = answerControl(urb);
        finish(urb, status);
    } else if (urb.endpoint == commandOut) {
        g_autoptr(UMockdevIoctlData) data =
            umockdev_ioctl_data_resolve(urb.data, G_STRUCT_OFFSET(usbdevfs_urb, buffer),
                                        static_cast<gsize>(urb.length), nullptr);
        const bool known =
            model_.command(std::span(data->data, static_cast<std::size_t>(urb.length)));
        urb.actual = known ? urb.length : 0;
        finish(urb, known ? 0 : -EPIPE);
    } else if (urb.endpoint == streamIn) {
        waiting_.push_back(urb);
    } else {
        umockdev_ioctl_data_unref(urb.data);
        return -ENOENT;
    }
    showReady();
    return 0;
}

int UsbTestbed::Impl::discard(UMockdevIoctlData *argument) {
    gulong address = 0;
    std::memcpy(&address, argument->data, sizeof address);
    for (auto urb = waiting_.begin(); urb != waiting_.end(); ++urb)
        if (urb->address == address) {
            finish(*urb, -ENOENT);
            waiting_.erase(urb);
            showReady();
            return 0;
        }
    return -EINVAL;
}

int UsbTestbed::Impl::reap(UMockdevIoctlData *argument) {
    if (done_.empty())
        advance();
    if (done_.empty())
        return model_.plugged() ? -EAGAIN : -ENODEV;
    const Urb urb = done_.front();
    done_.pop_front();
    usbdevfs_urb seen;
    std::memcpy(&seen, urb.data->data, sizeof seen);
    seen.status = urb.status;
    seen.actual_length = urb.actual;
    std::memcpy(urb.data->data, &seen, sizeof seen);
    g_autoptr(UMockdevIoctlData) pointer =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(gpointer), nullptr);
    umockdev_ioctl_data_set_ptr(pointer, 0, urb.data);
    umockdev_ioctl_data_unref(urb.data);
    showReady();
    return 0;
}

gboolean UsbTestbed::Impl::handle(UMockdevIoctlClient *client) {
    const std::lock_guard lock(mutex_);
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    int result = 0;
    switch (umockdev_ioctl_client_get_request(client)) {
    case USBDEVFS_GET_CAPABILITIES:
        result = capabilities(argument);
        break;
    case USBDEVFS_CLAIMINTERFACE:
        result = model_.plugged() ? -claimError_ : -ENODEV;
        break;
    case USBDEVFS_CLEAR_HALT:
        model_.clearHalt();
        [[fallthrough]];
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_RESET:
        result = model_.plugged() ? 0 : -ENODEV;
        break;
    case USBDEVFS_GETDRIVER:
    case USBDEVFS_IOCTL:
        result = -ENODATA;  // no kernel driver is bound
        break;
    case USBDEVFS_DISCONNECT_CLAIM:
        result = model_.plugged() ? -claimError_ : -ENODEV;
        break;
    case USBDEVFS_SUBMITURB:
        result = submit(argument);
        break;
    case USBDEVFS_DISCARDURB:
        result = discard(argument);
        break;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
        result = reap(argument);
        break;
    default:
        ++unknown_;
        result = -ENOTTY;
    }
    umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
    return TRUE;
}

void UsbTestbed::Impl::plugIn(int address, bool told) {
    address_ = address;
    const std::string &node = device_ = fmt::format("/dev/bus/usb/002/{:03}", address);
    system_ = fmt::format("/sys/devices/usb2/2-{}", address);
    std::string descriptors;
    for (const std::uint8_t byte : model_.descriptors())
        descriptors += fmt::format("{:02x}", byte);
    const std::string text = fmt::format(
        "P: /devices/usb2/2-{0}\nN: bus/usb/002/{0:03}\nE: SUBSYSTEM=usb\nE: DRIVER=usb\n"
        "E: BUSNUM=002\nE: DEVNUM={0:03}\nE: DEVNAME={1}\nE: DEVTYPE=usb_device\nE: MAJOR=189\n"
        "E: MINOR={0}\nE: PRODUCT=403/601f/0\nA: bConfigurationValue=1\\n\nA: busnum=2\\n\n"
        "A: devnum={0}\\n\nA: speed=5000\\n\nA: idVendor=0403\\n\nA: idProduct=601f\\n\n"
        "A: serial={2}\\n\nA: product=Spike camera\\n\nH: descriptors={3}\n",
        address, node, model_.serial(), descriptors);
    umockdev_testbed_attach_ioctl(bed_, node.c_str(), handler_, nullptr);
    umockdev_testbed_add_from_string(bed_, text.c_str(), nullptr);
    g_autofree char *root = umockdev_testbed_get_root_dir(bed_);
    const std::lock_guard lock(mutex_);
    const std::string file = root + node;
    ::unlink(file.c_str());
    ::mkfifo(file.c_str(), 0666);
    ::chmod(file.c_str(), 0666);
    if (pipe_ >= 0)
        ::close(pipe_);
    pipe_ = ::open(file.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ::fcntl(pipe_, F_SETPIPE_SZ, pipeBytes);
    model_.plugIn();
    ready_ = true;
    showReady();
    if (told)
        umockdev_testbed_uevent(bed_, system_.c_str(), "add");
}

void UsbTestbed::Impl::pull(bool told) {
    {
        const std::lock_guard lock(mutex_);
        model_.unplug();
        advance();
    }
    if (told)
        umockdev_testbed_uevent(bed_, system_.c_str(), "remove");
    umockdev_testbed_remove_device(bed_, std::exchange(system_, {}).c_str());
    umockdev_testbed_detach_ioctl(bed_, device_.c_str(), nullptr);
}

UsbTestbed::UsbTestbed(Ft60xModel &model) : impl_(std::make_unique<Impl>(model)) {}
UsbTestbed::~UsbTestbed() = default;

bool UsbTestbed::possible() {
    return umockdev_in_mock_environment() != 0;
}
void UsbTestbed::plugIn(int address, bool told) {
    impl_->plugIn(address, told);
}
void UsbTestbed::pull(bool told) {
    impl_->pull(told);
}
int UsbTestbed::address() const {
    return impl_->address_;
}
void UsbTestbed::setClient(pid_t process) {
    const std::lock_guard lock(impl_->mutex_);
    impl_->client_ = process;
}
void UsbTestbed::setClaimError(int error) {
    const std::lock_guard lock(impl_->mutex_);
    impl_->claimError_ = error;
}
void UsbTestbed::setMemory(std::size_t transfers) {
    const std::lock_guard lock(impl_->mutex_);
    impl_->memory_ = transfers;
}
void UsbTestbed::setScatterGather(bool yes) {
    const std::lock_guard lock(impl_->mutex_);
    impl_->scatterGather_ = yes;
}
std::uint64_t UsbTestbed::unknownCalls() const {
    const std::lock_guard lock(impl_->mutex_);
    return impl_->unknown_;
}

}  // namespace fovea::test
