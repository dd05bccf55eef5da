// SPDX-License-Identifier: Apache-2.0
// The FT600/FT601 bridge chip in the USB camera: every fact of its protocol that we use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// None of this has been seen on a device of ours. Sources, read for facts: ft60x-rs
/// (apertus-open-source-cinema), ft60x_driver (lambdaconcept), openft60x, LimeSuite
/// (ConnectionFT601), and SpikeCV's spikelinkapi.dll, which reads pipe 0x82 as a stream and sends
/// the camera no command. The frames inside the stream: datasets/usb_frames.h.
namespace fovea::ft60x {

constexpr std::uint16_t vendor = 0x0403;
constexpr std::uint16_t ft600 = 0x601e;  ///< 16 bits wide, 200 MB/s at most
constexpr std::uint16_t ft601 = 0x601f;  ///< 32 bits wide, 400 MB/s at most, about 360 sustained

// Interface 0 takes commands, interface 1 has the pipes; both must be claimed.
constexpr int interfaces = 2;
constexpr std::uint8_t commandOut = 0x01;
constexpr std::uint8_t streamIn = 0x82;
constexpr std::size_t superSpeedPacket = 1024;  ///< 512 in a USB 2 port

/// Vendor request that reads the chip's configuration; its twin that writes is never sent, because
/// a wrong byte there makes the chip another device.
constexpr std::uint8_t readConfigRequest = 0xCF;
constexpr std::uint16_t readConfigValue = 1;
constexpr std::size_t configBytes = 152;
constexpr std::size_t configVendorOffset = 0;  ///< u16, then the product
constexpr std::size_t configFifoOffset = 138;  ///< 0 = 245 mode, 1 = 600 mode

enum class Operation : std::uint8_t {
    Abort = 0,
    SetStream = 2,  ///< from now on the pipe streams in pieces of `length`
    Flush = 3,
};

/// 20 bytes on `commandOut`: u32 number, u8 pipe, u8 operation, u16 0, u32 length, u64 0.
using Command = std::array<std::uint8_t, 20>;
[[nodiscard]] inline Command makeCommand(std::uint32_t number, Operation operation,
                                         std::uint32_t length) {
    Command command{};
    std::memcpy(command.data(), &number, sizeof number);
    command[4] = streamIn;
    command[5] = static_cast<std::uint8_t>(operation);
    std::memcpy(command.data() + 8, &length, sizeof length);
    return command;
}

}  // namespace fovea::ft60x
