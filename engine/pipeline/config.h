// SPDX-License-Identifier: Apache-2.0
// Everything a person can set, as one plain value: the same for window, command line and service.
#pragma once

#include "engine/core/error.h"
#include "engine/core/plane_shape.h"
#include "engine/cuda/backend.h"
#include "engine/detect/detector.h"
#include "engine/noise/noise_chain.h"
#include "engine/recon/reconstructor.h"
#include "engine/snn/model.h"
#include "engine/track/tracker.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fovea {

/// Which source to open and how to play it. Empty optionals mean "as the source says".
struct SourceConfig {
    std::string kind = "synthetic";  ///< synthetic, file, usb, pcie
    std::string path;                ///< of a file
    std::string serial;              ///< of a device, empty: the first one
    std::string usbId;  ///< "0403:601f": of a USB camera with another chip; empty: FT600 or FT601
    std::string pcieLibrary;  ///< of the capture card's maker; empty: libhda100.so of the system
    std::uint32_t pcieVersion = 1;  ///< of that library, whole part; 0: any
    std::optional<PlaneShape> shape;
    std::optional<double> planeRateHz;
    std::optional<bool> flip;     ///< the stored planes have their bottom row first
    std::string format = "auto";  ///< auto, raw, head, m1k40, npz
    double speed = 1;             ///< multiple of real time, 0 = as fast as the engine takes it
    bool everyPlane = true;       ///< false: skip planes to keep pace
    bool loop = false;
    std::uint64_t rangeBegin = 0;    ///< first plane to play
    std::uint64_t rangeEnd = 0;      ///< one past the last plane, 0 = to the end
    bool holdAtEnd = false;          ///< file: wait at the last plane instead of ending
    bool reconnect = true;           ///< camera: wait for its return when it is lost
    std::uint64_t seed = 1;          ///< synthetic scene
    std::uint32_t objects = 5;       ///< synthetic scene
    double seconds = 0;              ///< synthetic scene: length, 0 = endless
    std::string light = "constant";  ///< synthetic scene: constant, fluorescent
    double sensorNoise = 1;          ///< synthetic scene: scale of all sensor noise, 0 = ideal

    friend bool operator==(const SourceConfig &, const SourceConfig &) = default;
};

/// One picture in the window: method and whether the injected noise is left out.
struct ViewConfig {
    std::string method = "tfp";  ///< a name of reconMethods()
    bool clean = false;

    friend bool operator==(const ViewConfig &, const ViewConfig &) = default;
};

struct DetectConfig {
    bool enabled = true;
    std::uint32_t every = 0;  ///< planes between results, 0 = a result each millisecond
    DetectorSettings detector;
    TrackerSettings tracker;

    friend bool operator==(const DetectConfig &, const DetectConfig &) = default;
};

struct DisplayConfig {
    double rateHz = 60;  ///< pictures a second, at most
    std::vector<ViewConfig> views{ViewConfig{}};
};

struct EngineConfig {
    double blockMilliseconds = 10;  ///< planes handed over at once (at nominal rate)
    double ringMilliseconds = 300;  ///< how long a stalled engine loses nothing
    std::uint32_t threads = 0;      ///< that share the work, 0 = TilePool::defaultThreads()
    BackendKind backend = BackendKind::Auto;
};

/// The recording that the service makes.
struct RecordConfig {
    std::string file;                 ///< empty: none
    std::string onLost = "continue";  ///< of a lost camera: continue (in another file), close
    std::string compress = "none";    ///< none, auto, zstd
    double splitMegabytes = 0;        ///< a new file before so much; 0 = never
    double splitSeconds = 0;          ///< a new file after so long; 0 = never

    friend bool operator==(const RecordConfig &, const RecordConfig &) = default;
};

struct ServiceConfig {
    std::string address = "127.0.0.1";
    std::uint32_t port = 8765;  ///< 0 = any free port (it is logged)
    std::string output = "-";   ///< where JSON lines go: - is stdout, or a file; empty: nowhere
    std::uint32_t queueResults = 1024;  ///< results kept for a slow output before it loses some
};

struct Config {
    SourceConfig source;
    NoiseSettings noise;
    ReconSettings recon;  ///< its model is that of `model`
    ModelUse model;       ///< of the methods "snn"; what is not loaded is loaded by the stages
    DetectConfig detect;
    DisplayConfig display;
    EngineConfig engine;
    RecordConfig record;
    ServiceConfig service;
};

/// Reads YAML text. `name` is what messages call it. Every key is checked: unknown keys, wrong
/// types, values out of range end in one error "name:line:column: key: found ..., allowed ...;
/// nearest: ...". Absent keys keep their defaults. Text over 1 MiB or nested deeper than 16 is
/// refused.
[[nodiscard]] Result<Config> parseConfig(std::string_view yaml, const std::string &name);
[[nodiscard]] Result<Config> loadConfig(const std::filesystem::path &path);
/// Environment variables FOVEA_<SECTION>_<KEY>, for example FOVEA_SOURCE_RATE_HZ=20000, over
/// `config`; checked like the file.
[[nodiscard]] Result<void> applyEnvironment(Config &config);
/// Sets one field by its dotted name ("source.rate_hz"); checked like the file. `origin` is what
/// the message calls it, for example "--rate".
[[nodiscard]] Result<void> setField(Config &config, std::string_view field, std::string_view value,
                                    std::string_view origin);
/// The whole configuration as YAML; parseConfig gives the same value back.
[[nodiscard]] std::string toYaml(const Config &config);
/// The same with each key explained in a comment.
[[nodiscard]] std::string commentedYaml(const Config &config);

}  // namespace fovea
