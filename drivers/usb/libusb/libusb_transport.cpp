// SPDX-License-Identifier: Apache-2.0
// Transfers, hot-plug and life cycle of libusb; the only file that knows it.
#include "drivers/usb/libusb/libusb_transport.h"

#ifdef FOVEA_WITH_LIBUSB
#include "drivers/usb/ft60x.h"
#include "drivers/usb/usb_devices.h"

#include <algorithm>
#include <atomic>
#include <libusb-1.0/libusb.h>
#include <new>

namespace fovea {

namespace {

constexpr unsigned answerMilliseconds = 100;
constexpr std::size_t pageBytes = 4096;

UsbCode codeOf(int error) {
    switch (error) {
    case LIBUSB_SUCCESS:
        return UsbCode::Ok;
    case LIBUSB_ERROR_ACCESS:
        return UsbCode::Access;
    case LIBUSB_ERROR_BUSY:
        return UsbCode::Busy;
    case LIBUSB_ERROR_NO_DEVICE:
        return UsbCode::NoDevice;
    case LIBUSB_ERROR_NOT_FOUND:
        return UsbCode::NotFound;
    case LIBUSB_ERROR_NO_MEM:
        return UsbCode::NoMemory;
    case LIBUSB_ERROR_TIMEOUT:
        return UsbCode::TimedOut;
    case LIBUSB_ERROR_OVERFLOW:
        return UsbCode::Overflow;
    case LIBUSB_ERROR_PIPE:
        return UsbCode::Stall;
    case LIBUSB_ERROR_IO:
        return UsbCode::Io;
    default:
        return UsbCode::Other;
    }
}

UsbCode codeOf(libusb_transfer_status status) {
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return UsbCode::Ok;
    case LIBUSB_TRANSFER_TIMED_OUT:
        return UsbCode::TimedOut;
    case LIBUSB_TRANSFER_CANCELLED:
        return UsbCode::Cancelled;
    case LIBUSB_TRANSFER_STALL:
        return UsbCode::Stall;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return UsbCode::NoDevice;
    case LIBUSB_TRANSFER_OVERFLOW:
        return UsbCode::Overflow;
    default:
        return UsbCode::Io;
    }
}

/// One open device: everything that transfers in flight refer to. Given up as a whole, or, when
/// transfers do not come back, left behind as a whole.
class Connection {
public:
    Connection() = default;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    ~Connection() {
        for (Slot &slot : slots_)
            libusb_free_transfer(slot.transfer);
        freeBuffers();
        if (handle_ != nullptr) {
            for (int i = 0; i < claimed_; ++i)
                libusb_release_interface(handle_, i);
            libusb_close(handle_);
        }
        if (context_ != nullptr)
            libusb_exit(context_);
    }

    [[nodiscard]] UsbCode open(const UsbDevice &wanted) {
        if (const int error = libusb_init(&context_); error != LIBUSB_SUCCESS)
            return codeOf(error);
        // Not there on every system, and then transfers tell of the loss alone.
        (void)libusb_hotplug_register_callback(context_, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                                               LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY,
                                               LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                                               &left, this, nullptr);
        if (const int error = openHandle(wanted); error != LIBUSB_SUCCESS)
            return codeOf(error);
        libusb_device *device = libusb_get_device(handle_);
        packet_ = std::max(0, libusb_get_max_packet_size(device, ft60x::streamIn));
        libusb_set_auto_detach_kernel_driver(handle_, 1);
        for (; claimed_ < ft60x::interfaces; ++claimed_)
            if (const int error = libusb_claim_interface(handle_, claimed_);
                error != LIBUSB_SUCCESS)
                return codeOf(error);
        return UsbCode::Ok;
    }

    [[nodiscard]] UsbCode allocate(std::size_t count, std::size_t bytes,
                                   UsbTransport::Completed completed) {
        completed_ = std::move(completed);
        bytes_ = bytes;
        slots_.resize(count);
        lent_ = true;
        for (Slot &slot : slots_)
            if (lent_ && (slot.buffer = libusb_dev_mem_alloc(handle_, bytes)) == nullptr)
                lent_ = false;
        if (!lent_)
            takeOrdinaryMemory();
        for (std::size_t i = 0; i < count; ++i) {
            Slot &slot = slots_[i];
            slot.owner = this;
            slot.number = static_cast<UsbTransport::Slot>(i);
            slot.transfer = libusb_alloc_transfer(0);
            if (slot.transfer == nullptr)
                return UsbCode::NoMemory;
            // No time-out: with it, cancelling a queued transfer may lose what it holds.
            libusb_fill_bulk_transfer(slot.transfer, handle_, ft60x::streamIn, slot.buffer,
                                      static_cast<int>(bytes), &ended, &slot, 0);
        }
        return UsbCode::Ok;
    }

    [[nodiscard]] UsbCode submit(UsbTransport::Slot number) {
        const int error = libusb_submit_transfer(slots_[number].transfer);
        if (error == LIBUSB_SUCCESS) {
            slots_[number].flying = true;
            ++flying_;
        }
        return codeOf(error);
    }
    void cancelAll() {
        for (const Slot &slot : slots_)
            if (slot.flying)
                libusb_cancel_transfer(slot.transfer);
    }
    [[nodiscard]] UsbCode poll(std::chrono::milliseconds limit) {
        timeval time{limit.count() / 1000, limit.count() % 1000 * 1000};
        const int error = libusb_handle_events_timeout_completed(context_, &time, nullptr);
        if (gone_)
            return UsbCode::NoDevice;
        return error == LIBUSB_ERROR_INTERRUPTED ? UsbCode::Ok : codeOf(error);
    }
    [[nodiscard]] bool idle() const { return flying_ == 0; }
    [[nodiscard]] libusb_device_handle *handle() const { return handle_; }
    [[nodiscard]] std::size_t packet() const { return static_cast<std::size_t>(packet_); }
    [[nodiscard]] bool lent() const { return lent_; }
    [[nodiscard]] std::span<const std::uint8_t> buffer(UsbTransport::Slot number) const {
        return {slots_[number].buffer, bytes_};
    }

private:
    struct Slot {
        Connection *owner = nullptr;
        UsbTransport::Slot number = 0;
        libusb_transfer *transfer = nullptr;
        std::uint8_t *buffer = nullptr;
        bool flying = false;
    };

    [[nodiscard]] int openHandle(const UsbDevice &wanted) {
        libusb_device **list = nullptr;
        const ssize_t count = libusb_get_device_list(context_, &list);
        int error = count < 0 ? static_cast<int>(count) : LIBUSB_ERROR_NO_DEVICE;
        for (ssize_t i = 0; i < count; ++i)
            if (libusb_get_bus_number(list[i]) == wanted.bus &&
                libusb_get_device_address(list[i]) == wanted.address)
                error = libusb_open(list[i], &handle_);
        if (list != nullptr)
            libusb_free_device_list(list, 1);
        return error;
    }
    void freeBuffers() {
        for (Slot &slot : slots_) {
            if (slot.buffer != nullptr && lent_)
                libusb_dev_mem_free(handle_, slot.buffer, bytes_);
            else if (slot.buffer != nullptr)
                ::operator delete[](slot.buffer, std::align_val_t{pageBytes});
            slot.buffer = nullptr;
        }
    }
    /// All of the kernel's memory or none: a part would use up what transfers need themselves.
    void takeOrdinaryMemory() {
        lent_ = true;
        freeBuffers();
        lent_ = false;
        // Zeros make the system hand every page over now, not in the middle of the stream.
        for (Slot &slot : slots_)
            slot.buffer = new (std::align_val_t{pageBytes}) std::uint8_t[bytes_]();
    }
    static void LIBUSB_CALL ended(libusb_transfer *transfer) {
        auto *slot = static_cast<Slot *>(transfer->user_data);
        slot->flying = false;
        --slot->owner->flying_;
        slot->owner->completed_(slot->number, codeOf(transfer->status),
                                static_cast<std::size_t>(transfer->actual_length));
    }
    static int LIBUSB_CALL left(libusb_context *, libusb_device *device, libusb_hotplug_event,
                                void *self) {
        auto *connection = static_cast<Connection *>(self);
        if (connection->handle_ != nullptr && libusb_get_device(connection->handle_) == device)
            connection->gone_ = true;
        return 0;
    }

    libusb_context *context_ = nullptr;
    libusb_device_handle *handle_ = nullptr;
    int claimed_ = 0;
    int packet_ = 0;
    std::atomic<bool> gone_{false};
    bool lent_ = false;
    std::size_t bytes_ = 0;
    std::size_t flying_ = 0;
    std::vector<Slot> slots_;
    UsbTransport::Completed completed_;
};

class LibusbTransport final : public UsbTransport {
public:
    ~LibusbTransport() override { LibusbTransport::close(); }

    std::vector<UsbDevice> devices() override { return readUsbDevices(); }

    UsbCode open(const UsbDevice &device) override {
        close();
        auto connection = std::make_unique<Connection>();
        const UsbCode code = connection->open(device);
        if (code == UsbCode::Ok)
            connection_ = std::move(connection);
        return code;
    }
    void close() override {
        if (connection_ && !connection_->idle())
            (void)connection_.release();  // the system still writes there
        connection_.reset();
    }
    [[nodiscard]] std::size_t maxPacketBytes() const override { return connection_->packet(); }
    UsbCode controlIn(std::uint8_t request, std::uint16_t value,
                      std::span<std::uint8_t> data) override {
        constexpr auto vendorIn =
            static_cast<std::uint8_t>(int{LIBUSB_ENDPOINT_IN} | int{LIBUSB_REQUEST_TYPE_VENDOR});
        const int got =
            libusb_control_transfer(connection_->handle(), vendorIn, request, value, 0, data.data(),
                                    static_cast<std::uint16_t>(data.size()), answerMilliseconds);
        if (got < 0)
            return codeOf(got);
        return static_cast<std::size_t>(got) == data.size() ? UsbCode::Ok : UsbCode::Io;
    }
    UsbCode bulkOut(std::uint8_t endpoint, std::span<const std::uint8_t> data) override {
        std::vector<std::uint8_t> bytes(data.begin(), data.end());
        int sent = 0;
        const int error =
            libusb_bulk_transfer(connection_->handle(), endpoint, bytes.data(),
                                 static_cast<int>(bytes.size()), &sent, answerMilliseconds);
        if (error == LIBUSB_SUCCESS && static_cast<std::size_t>(sent) < bytes.size())
            return UsbCode::Io;
        return codeOf(error);
    }
    UsbCode clearHalt() override {
        return codeOf(libusb_clear_halt(connection_->handle(), ft60x::streamIn));
    }
    UsbCode allocate(std::size_t slots, std::size_t bytes, Completed completed) override {
        return connection_->allocate(slots, bytes, std::move(completed));
    }
    [[nodiscard]] std::span<const std::uint8_t> buffer(Slot slot) const override {
        return connection_->buffer(slot);
    }
    [[nodiscard]] bool zeroCopy() const override { return connection_->lent(); }
    UsbCode submit(Slot slot) override { return connection_->submit(slot); }
    void cancelAll() override { connection_->cancelAll(); }
    UsbCode poll(Milliseconds limit) override { return connection_->poll(limit); }

private:
    std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<UsbTransport> makeLibusbTransport() {
    return std::make_unique<LibusbTransport>();
}

}  // namespace fovea
#else
namespace fovea {

std::unique_ptr<UsbTransport> makeLibusbTransport() {
    return nullptr;
}

}  // namespace fovea
#endif
