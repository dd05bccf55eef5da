// SPDX-License-Identifier: Apache-2.0
// Two buffers each way.
#include "engine/cuda/pinned_copies.h"

#include <algorithm>
#include <cstring>

namespace fovea {

namespace {
constexpr std::size_t bufferBytes = std::size_t{4} << 20;
}  // namespace

PlaneUpload::PlaneUpload(DeviceWork &work, PlaneShape shape)
    : work_(work), stride_(shape.wordStride()),
      planesPerBuffer_(std::max<std::size_t>(1, bufferBytes / (stride_ * 8))) {
    for (Buffer &buffer : buffers_) {
        buffer.words = work.pinned<std::uint64_t>(planesPerBuffer_ * stride_);
        buffer.copied = work.event();
    }
}

void PlaneUpload::upload(PlanePointers planes, std::uint64_t *target) {
    for (std::size_t done = 0; done < planes.size(); done += planesPerBuffer_) {
        const PlanePointers some =
            planes.subspan(done, std::min(planesPerBuffer_, planes.size() - done));
        Buffer &buffer = buffers_[next_ % buffers_.size()];
        ++next_;
        if (!work_.finish(buffer.copied))
            return;
        for (std::size_t i = 0; i < some.size(); ++i) {
            std::uint64_t *words = buffer.words.get() + i * stride_;
            if (some[i] == nullptr)
                std::fill_n(words, stride_, std::uint64_t{0});
            else
                std::memcpy(words, some[i], stride_ * 8);
        }
        work_.copy(DeviceStream::Upload, target + done * stride_,
                   const_cast<const std::uint64_t *>(buffer.words.get()), some.size() * stride_);
        work_.record(DeviceStream::Upload, buffer.copied);
    }
}

HostDownload::HostDownload(DeviceWork &work, std::size_t bytes) : work_(work) {
    for (Buffer &buffer : buffers_) {
        buffer.bytes = work.pinned<std::uint8_t>(bytes);
        buffer.copied = work.event();
    }
}

void HostDownload::hand(Buffer &buffer) {
    if (!buffer.take)
        return;
    if (work_.finish(buffer.copied))
        buffer.take(buffer.bytes.get());
    buffer.take = nullptr;
}

void HostDownload::download(const std::uint8_t *source, std::size_t bytes, Take take) {
    Buffer &buffer = buffers_[next_ % buffers_.size()];
    ++next_;
    hand(buffer);
    work_.follow(DeviceStream::Download, DeviceStream::Compute);
    work_.copy(DeviceStream::Download, buffer.bytes.get(), source, bytes);
    work_.record(DeviceStream::Download, buffer.copied);
    buffer.take = std::move(take);
}

void HostDownload::finish() {
    for (std::size_t i = 0; i < buffers_.size(); ++i)
        hand(buffers_[(next_ + i) % buffers_.size()]);
}

}  // namespace fovea
