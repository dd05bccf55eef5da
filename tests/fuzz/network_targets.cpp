// SPDX-License-Identifier: Apache-2.0
// Files of networks, and the pictures and events that they are judged by.
#include "datasets/event_file.h"
#include "datasets/idx_file.h"
#include "engine/snn/nir_file.h"
#include "engine/snn/onnx_file.h"
#include "tests/fuzz/fuzz_target.h"

namespace fovea::fuzz {

void nirNetwork(Bytes bytes) {
    (void)readNir(writeFile("a.nir", bytes));
}

void onnxNetwork(Bytes bytes) {
    (void)readOnnx(writeFile("a.onnx", bytes));
}

void idxFile(Bytes bytes) {
    const std::uint64_t items = takeByte(bytes);
    (void)readIdx(writeFile("a.idx", bytes), items);
}

/// The first byte says whether it is a file of events or a list of such files.
void eventFile(Bytes bytes) {
    if (takeByte(bytes) % 2 == 0)
        (void)readEvents(writeFile("a.bin", bytes));
    else
        (void)listEventFiles(writeFile("train.txt", bytes).parent_path(), PictureSplit::Train);
}

}  // namespace fovea::fuzz
