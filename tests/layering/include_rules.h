// SPDX-License-Identifier: Apache-2.0
// Who may include whom: the layers of the program as rules that a test can run.
//
//   engine/core       nothing else of ours
//   engine/<part>     core and other parts, never in a circle; not pipeline; CUDA in *.cu only
//   engine/pipeline   all of engine
//   datasets          engine/core
//   drivers/<one>     engine/core, datasets; not another driver; libusb in drivers/usb only
//   ui                engine, datasets; Qt; no driver
//   app               everything; ui and Qt in app/fovea-gui only, libtorch in app/fovea-train only
#pragma once

#include "tests/layering/source_tree.h"

namespace fovea::test {

/// Every `#include` that the layers forbid, and every circle between folders.
[[nodiscard]] std::vector<Finding> checkIncludes(const SourceTree &tree);

}  // namespace fovea::test
