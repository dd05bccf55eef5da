// SPDX-License-Identifier: Apache-2.0
// Files of networks, and the pictures that they are judged by.
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

}  // namespace fovea::fuzz
