// SPDX-License-Identifier: Apache-2.0
// The table of fuzz targets. A new one: a line here (ctest finds it), a function, and small seeds
// in seeds/<name>/.
#include "tests/fuzz/fuzz_target.h"

#include <array>

namespace fovea::fuzz {

std::span<const Target> targets() {
    static constexpr std::array all{
        Target{"raw", rawRecording},
        Target{"head", headRecording},
        Target{"wire", wireRecording},
        Target{"npz", npzRecording},
        Target{"recording", recordingWithSidecar},
        Target{"index", recordingIndex},
        Target{"packed", packedRecording},
        Target{"sidecar", sidecar},
        Target{"spikecv", spikeCvConfig},
        Target{"mot", motLabels},
        Target{"detection", detectionLabels},
        Target{"usb_frames", usbFrames},
        Target{"wire_blocks", wireBlocks},
        Target{"config", configuration},
        Target{"config_field", configurationField},
        Target{"events", eventFile},
        Target{"idx", idxFile},
        Target{"nir", nirNetwork},
        Target{"onnx", onnxNetwork},
        Target{"http", httpRequest},
    };
    return all;
}

}  // namespace fovea::fuzz
