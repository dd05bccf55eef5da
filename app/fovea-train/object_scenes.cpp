// SPDX-License-Identifier: Apache-2.0
// Draws a scene, looks at it for a moment, and says what was there.
#include "app/fovea-train/object_scenes.h"

#include "drivers/synthetic/scene.h"
#include "drivers/synthetic/sensor.h"
#include "engine/core/random.h"
#include "engine/noise/noise_chain.h"
#include "engine/snn/encoders.h"
#include "engine/train/box_grid.h"

namespace fovea {

namespace {

SyntheticSettings drawScene(const DataRecipe &data, Random &random) {
    SyntheticSettings settings;
    settings.shape = data.size;
    settings.seed = random();
    settings.objects = 1 + static_cast<std::uint32_t>(random.below(data.objects));
    settings.minSpeed = 0;
    settings.maxSpeed = std::max(data.speed * settings.planeRateHz, 1.0);
    settings.scaleSensorNoise(random.uniform(0, data.sensorNoise));
    if (random.below(4) == 0) {
        settings.light = SceneLight::Fluorescent;
        settings.lightDepth = random.uniform(0, 0.6);
    }
    return settings;
}

/// One of the disturbances, between nothing and all of it, in half of all samples.
void disturb(SpikeBlock &block, const DataRecipe &data, Random &random) {
    const bool clean = data.disturb.empty() || random.below(2) == 0;
    if (clean)
        return;
    InjectorSettings injector = data.disturb[random.below(data.disturb.size())];
    const double neutral = infoOf(injector.kind).neutral;
    injector.strength = neutral + random.uniform() * (injector.strength - neutral);
    if (const auto chain = NoiseChain::create({random(), {injector}}, block.shape()))
        (*chain)->apply(block);
}

}  // namespace

Result<void> ObjectScenes::check(const DataRecipe &data) {
    SyntheticSettings settings;
    settings.shape = data.size;
    settings.maxSpeed = std::max(data.speed * settings.planeRateHz, 1.0);
    settings.minSpeed = 0;
    for (const InjectorSettings &one : data.disturb)
        if (one.kind == InjectorKind::Drop || one.kind == InjectorKind::Burst)
            return fail(ErrorCode::Usage,
                        "disturb: found {}, which leaves a window with fewer planes; allowed are "
                        "the others",
                        toString(one.kind));
    return settings.check();
}

std::size_t ObjectScenes::targetSize() const {
    return boxTargetPlanes * columns_ * rows_;
}

void ObjectScenes::fill(std::size_t, std::uint64_t seed, std::span<float> input,
                        std::span<float> target) const {
    Random random(seed);
    const SyntheticSettings settings = drawScene(data_, random);
    const synthetic::Scene scene(settings);
    synthetic::Sensor sensor(scene, settings);
    const auto planes = static_cast<std::uint32_t>(data_.channels);
    SpikeBlock block(settings.shape, planes);
    const std::uint64_t first = random.below(1U << 20);
    block.begin(first, settings.planeRateHz);
    std::vector<std::uint64_t *> rows;
    for (std::uint32_t i = 0; i < planes; ++i)
        rows.push_back(block.append());
    sensor.expose(first, rows);
    disturb(block, data_, random);
    const std::vector<const std::uint64_t *> shown(rows.begin(), rows.end());
    std::fill(input.begin(), input.end(), 0.0F);
    binPlanes(shown, settings.shape, input);
    const auto mean = static_cast<float>(data_.mean[0]);
    const auto deviation = static_cast<float>(data_.deviation[0]);
    for (float &value : input)
        value = (value / static_cast<float>(planes) - mean) / deviation;
    encodeBoxes(scene.objectsAt(first + planes / 2).tracks, settings.shape, columns_, rows_,
                target);
}

}  // namespace fovea
