// SPDX-License-Identifier: Apache-2.0
// What is known of the JR6101 capture card's library, and nothing else: never seen on a device.
#pragma once

#include <cstddef>
#include <cstdint>

/// The C interface of libhda100.so (x86-64), as SpikeCV's source calls it. Every function gives 0
/// when it worked. Only channel 0 is read: the sensor's four channels are inside its one stream.
namespace fovea::jr6101 {

constexpr const char *library = "libhda100.so";
constexpr const char *node = "/dev/JR6101";  ///< of the card's kernel driver

constexpr std::int32_t noFlag = 0;
constexpr std::int32_t channel = 0;
constexpr std::int32_t readMode = 0;         ///< 1: send, 2: both
constexpr std::int32_t revisionUnit = 1000;  ///< 1000 is version 1.0

#pragma pack(push, 1)

struct DeviceInfo {
    std::int32_t driverRevision;
    std::int32_t deviceRevision;
    std::int32_t fpgaRevision;
};

/// A piece of the stream in memory that the card's driver owns until it is given back.
struct MemoryBlock {
    std::int64_t bytes;    ///< valid ones
    std::int64_t waiting;  ///< blocks that wait behind it
    std::int64_t flag;
    std::int32_t *data;
    std::int32_t reserved;
};

#pragma pack(pop)

static_assert(sizeof(DeviceInfo) == 12 && offsetof(DeviceInfo, fpgaRevision) == 8);
static_assert(sizeof(void *) == 8 && sizeof(MemoryBlock) == 36);
static_assert(offsetof(MemoryBlock, bytes) == 0 && offsetof(MemoryBlock, waiting) == 8);
static_assert(offsetof(MemoryBlock, flag) == 16 && offsetof(MemoryBlock, data) == 24);
static_assert(offsetof(MemoryBlock, reserved) == 32);

extern "C" {
using DevOpen = std::int32_t(DeviceInfo *info, std::int32_t flag);
using DevClose = std::int32_t();
using DevOpenCh = std::int32_t(std::int32_t channel, std::int32_t mode);
using DevCloseCh = std::int32_t(std::int32_t channel);
/// Not 0: no block is there yet.
using DevMBRead = std::int32_t(std::int32_t channel, MemoryBlock *block);
using DevReadMBFree = std::int32_t(std::int32_t channel, MemoryBlock *block);
}

}  // namespace fovea::jr6101
