// SPDX-License-Identifier: Apache-2.0
// Grey values to light, light to spikes.
#include "app/fovea/simulate_pictures.h"

#include "drivers/synthetic/scene.h"
#include "drivers/synthetic/sensor.h"

namespace fovea {

PictureShow::PictureShow(PictureShowSettings settings, SyntheticSettings sensor,
                         LabelledPictures pictures)
    : settings_(std::move(settings)), sensor_(sensor), pictures_(std::move(pictures)),
      block_(std::make_unique<SpikeBlock>(sensor_.shape,
                                          static_cast<std::uint32_t>(settings_.planesEach))) {}

Result<PictureShow> PictureShow::make(const PictureShowSettings &settings,
                                      const SourceConfig &source) {
    auto pictures = openPictures(settings.set, PictureSplit::Test, settings.first);
    if (!pictures)
        return failed(pictures);
    if (pictures->channels != 1)
        return fail(ErrorCode::Unsupported, "{}: pictures of {} channels; the sensor sees grey",
                    settings.set, pictures->channels);
    SyntheticSettings sensor;
    sensor.shape = source.shape.value_or(PlaneShape{pictures->width, pictures->height});
    sensor.planeRateHz = source.planeRateHz.value_or(sensor.planeRateHz);
    sensor.seed = source.seed;
    sensor.objects = 0;
    sensor.scaleSensorNoise(source.sensorNoise);
    if (auto light = parseSceneLight(source.light))
        sensor.light = *light;
    if (auto checked = sensor.check(); !checked)
        return failed(checked);
    return PictureShow(settings, sensor, std::move(*pictures));
}

SourceInfo PictureShow::info() const {
    SourceInfo info;
    info.shape = sensor_.shape;
    info.planeRateHz = sensor_.planeRateHz;
    info.planes = planes();
    info.name = "Synthetic camera before pictures";
    return info;
}

const SpikeBlock *PictureShow::next() {
    if (next_ >= pictures_.count())
        return nullptr;
    show(next_++);
    return block_.get();
}

void PictureShow::show(std::uint64_t picture) {
    const PlaneShape shape = sensor_.shape;
    const std::uint8_t *const grey = pictures_.pixels.data() + picture * pictures_.pictureSize();
    std::vector<float> light(shape.pixels());
    for (std::size_t y = 0; y < shape.height; ++y)
        for (std::size_t x = 0; x < shape.width; ++x) {
            const std::size_t row = y * pictures_.height / shape.height;
            const std::size_t column = x * pictures_.width / shape.width;
            light[y * shape.width + x] = static_cast<float>(settings_.white) *
                                         static_cast<float>(grey[row * pictures_.width + column]) /
                                         255;
        }
    SyntheticSettings own = sensor_;
    own.seed += picture;
    const synthetic::Scene scene(own, light);
    synthetic::Sensor sensor(scene, own);
    const std::uint64_t first = picture * settings_.planesEach;
    block_->begin(first, sensor_.planeRateHz);
    std::vector<std::uint64_t *> planes(settings_.planesEach);
    for (std::uint64_t *&plane : planes)
        plane = block_->append();
    sensor.expose(first, planes);
}

std::string PictureShow::labels() const {
    std::string text = "first_plane,planes,class\n";
    for (std::size_t i = 0; i < pictures_.count(); ++i)
        text += fmt::format("{},{},{}\n", i * settings_.planesEach, settings_.planesEach,
                            pictures_.labels[i]);
    return text;
}

}  // namespace fovea
