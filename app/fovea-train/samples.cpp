// SPDX-License-Identifier: Apache-2.0
// The kinds of sources and what they share.
#include "app/fovea-train/samples.h"

#include "app/fovea-train/event_samples.h"
#include "app/fovea-train/object_scenes.h"
#include "app/fovea-train/picture_files.h"
#include "drivers/synthetic/light_sensor.h"
#include "drivers/synthetic/moving_object.h"
#include "drivers/synthetic/moving_pictures.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

namespace fovea {

namespace {

using Pictures = std::shared_ptr<const LabelledPictures>;

/// A part of a set of labelled pictures, turned, moved and enlarged where it is for training.
class PictureSamples : public SampleSource {
public:
    PictureSamples(Pictures pictures, std::vector<std::uint32_t> chosen, const DataRecipe &data,
                   bool augment)
        : pictures_(std::move(pictures)), chosen_(std::move(chosen)), data_(data),
          augment_(augment) {}

    std::size_t size() const override { return chosen_.size(); }
    SignalShape inputShape() const override {
        return SignalShape::of({pictures_->channels, pictures_->height, pictures_->width});
    }
    std::size_t steps() const override { return 0; }
    std::size_t targetSize() const override { return 1; }
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override {
        Random random(seed);
        picture(index, random, input);
        target[0] = label(index);
        const std::size_t plane = std::size_t{pictures_->height} * pictures_->width;
        for (std::size_t i = 0; i < input.size(); ++i) {
            const std::size_t channel = i / plane;
            input[i] = static_cast<float>(
                (input[i] - data_.mean[std::min(channel, data_.mean.size() - 1)]) /
                data_.deviation[std::min(channel, data_.deviation.size() - 1)]);
        }
    }

protected:
    const DataRecipe &data() const { return data_; }
    const LabelledPictures &pictures() const { return *pictures_; }
    float label(std::size_t index) const { return pictures_->labels[chosen_[index]]; }

    /// 0 to 1, as many values as a picture has.
    void picture(std::size_t index, Random &random, std::span<float> values) const {
        const std::uint8_t *const pixels =
            pictures_->pixels.data() + chosen_[index] * pictures_->pictureSize();
        if (!augment_) {
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = static_cast<float>(pixels[i]) / 255;
            return;
        }
        const double angle = random.uniform(-data_.turn, data_.turn) * std::numbers::pi / 180;
        const double size = 1 + random.uniform(-data_.zoom, data_.zoom);
        const double dx = random.uniform(-data_.shift, data_.shift);
        const double dy = random.uniform(-data_.shift, data_.shift);
        const double flip = data_.mirror && random.below(2) == 1 ? -1 : 1;
        const double c = std::cos(angle) / size;
        const double s = std::sin(angle) / size;
        const int width = static_cast<int>(pictures_->width);
        const int height = static_cast<int>(pictures_->height);
        std::size_t at = 0;
        for (std::uint32_t channel = 0; channel < pictures_->channels; ++channel) {
            const std::uint8_t *const plane =
                pixels + std::size_t{channel} * pictures_->width * pictures_->height;
            for (int y = 0; y < height; ++y)
                for (int x = 0; x < width; ++x) {
                    const double u = flip * (x - (width - 1) / 2.0) - dx;
                    const double v = y - (height - 1) / 2.0 - dy;
                    values[at++] = sample(plane, c * u + s * v + (width - 1) / 2.0,
                                          c * v - s * u + (height - 1) / 2.0);
                }
        }
    }

private:
    /// Bilinear, black outside.
    float sample(const std::uint8_t *plane, double x, double y) const {
        const int left = static_cast<int>(std::floor(x));
        const int top = static_cast<int>(std::floor(y));
        const double px = x - left;
        const double py = y - top;
        const auto at = [&](int column, int row) -> double {
            return column < 0 || row < 0 || column >= static_cast<int>(pictures_->width) ||
                           row >= static_cast<int>(pictures_->height)
                       ? 0
                       : plane[static_cast<std::size_t>(row) * pictures_->width +
                               static_cast<std::size_t>(column)];
        };
        return static_cast<float>(
            ((1 - py) * ((1 - px) * at(left, top) + px * at(left + 1, top)) +
             py * ((1 - px) * at(left, top + 1) + px * at(left + 1, top + 1))) /
            255);
    }

    Pictures pictures_;
    std::vector<std::uint32_t> chosen_;
    DataRecipe data_;
    bool augment_;
};

/// The same before the sensor: planes, `channels` of them a step.
class SpikeSamples final : public PictureSamples {
public:
    using PictureSamples::PictureSamples;
    SignalShape inputShape() const override {
        return SignalShape::of(
            {static_cast<std::uint32_t>(data().channels), pictures().height, pictures().width});
    }
    std::size_t steps() const override { return data().steps; }
    void fill(std::size_t index, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override {
        Random random(seed);
        SyntheticSettings settings;
        settings.shape = {pictures().width, pictures().height};
        settings.scaleSensorNoise(random.uniform(0, data().sensorNoise));
        settings.seed = random();
        std::vector<float> light(settings.shape.pixels());
        picture(index, random, light);
        target[0] = label(index);
        const auto white = static_cast<float>(random.uniform(data().dark, data().white));
        for (float &value : light)
            value *= white;
        synthetic::LightSensor sensor(settings);
        for (std::size_t at = 0; at < input.size(); at += light.size())
            sensor.expose(light, input.subspan(at, light.size()));
    }
};

using GreyPictures = std::shared_ptr<const std::vector<GreyPicture>>;

/// Scenes without end; the target is the light at the middle plane.
class SceneSamples final : public SampleSource {
public:
    SceneSamples(GreyPictures pictures, const DataRecipe &data, std::size_t size)
        : pictures_(std::move(pictures)), data_(data), size_(size) {}

    void setFold(std::uint32_t fold) { fold_ = fold; }
    std::size_t size() const override { return size_; }
    SignalShape inputShape() const override {
        const auto side = static_cast<std::uint32_t>(data_.side);
        return SignalShape::of({static_cast<std::uint32_t>(data_.channels), side, side});
    }
    std::size_t steps() const override { return 0; }
    std::size_t targetSize() const override { return data_.side * data_.side; }
    void fill(std::size_t, std::uint64_t seed, std::span<float> input,
              std::span<float> target) const override {
        Random random(seed);
        SyntheticSettings settings;
        settings.shape = {static_cast<std::uint32_t>(data_.side),
                          static_cast<std::uint32_t>(data_.side)};
        settings.seed = random();
        // Half of all sensors are ideal, as those of public simulations are.
        settings.scaleSensorNoise(random.below(2) == 0 ? 0 : random.uniform(0, data_.sensorNoise));
        const auto view = [&] {
            const GreyPicture &one = (*pictures_)[random.below(pictures_->size())];
            return synthetic::GreyView{{one.width, one.height}, one.grey};
        };
        const synthetic::GreyView behind = view();
        const synthetic::GreyView before = view();
        const double white = random.uniform(data_.dark, data_.white);
        const synthetic::MovingPictures scene(settings.shape, behind, before, data_.speed, white,
                                              random);
        synthetic::LightSensor sensor(settings);
        std::vector<float> light(settings.shape.pixels()), middle(light.size());
        const std::size_t planes = data_.channels;
        for (std::size_t plane = 0; plane < planes; ++plane) {
            const double time = static_cast<double>(plane) - static_cast<double>(planes / 2);
            scene.lightAt(time, light);
            if (plane == planes / 2)
                middle = light;
            sensor.expose(light, input.subspan(plane * light.size(), light.size()));
        }
        fold(middle, target);
    }

private:
    /// Blocks of fold x fold pixels become channels.
    void fold(std::span<const float> picture, std::span<float> target) const {
        const std::size_t side = data_.side / fold_;
        std::size_t at = 0;
        for (std::size_t dy = 0; dy < fold_; ++dy)
            for (std::size_t dx = 0; dx < fold_; ++dx)
                for (std::size_t y = 0; y < side; ++y)
                    for (std::size_t x = 0; x < side; ++x)
                        target[at++] = picture[(y * fold_ + dy) * data_.side + x * fold_ + dx];
    }

    GreyPictures pictures_;
    DataRecipe data_;
    std::size_t size_;
    std::uint32_t fold_ = 1;
};

std::unique_ptr<SampleSource> pictureSource(const Pictures &pictures,
                                            std::vector<std::uint32_t> chosen,
                                            const DataRecipe &data, bool augment) {
    if (data.show == "spikes")
        return std::make_unique<SpikeSamples>(pictures, std::move(chosen), data, augment);
    return std::make_unique<PictureSamples>(pictures, std::move(chosen), data, augment);
}

std::vector<std::uint32_t> range(std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> all;
    for (std::size_t i = begin; i < end; ++i)
        all.push_back(static_cast<std::uint32_t>(i));
    return all;
}

/// Held out are the last of an order that is always the same.
template <class Item> std::vector<Item> shuffled(std::vector<Item> items) {
    Random random(42);
    for (std::size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[random.below(i)]);
    return items;
}

std::size_t keptOf(std::size_t all, const DataRecipe &data) {
    return static_cast<std::size_t>(std::lround(static_cast<double>(all) * (1 - data.heldOut)));
}

Result<Samples> split(LabelledPictures train, std::optional<LabelledPictures> test,
                      const DataRecipe &data) {
    if (data.show == "spikes" && train.channels != 1)
        return fail(ErrorCode::Unsupported, "{}: the sensor sees grey, these have {} channels",
                    data.name, train.channels);
    Samples samples;
    const auto order = shuffled(range(0, train.count()));
    const std::size_t kept = keptOf(order.size(), data);
    samples.description =
        fmt::format("{}: {} pictures to train, {} held out, {} to test", data.name, kept,
                    order.size() - kept, test ? test->count() : 0);
    samples.labels = std::max(train.classes, test ? test->classes : 0);
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto pictures = std::make_shared<const LabelledPictures>(std::move(train));
    samples.train = pictureSource(pictures, {order.begin(), middle}, data, true);
    samples.heldOut = pictureSource(pictures, {middle, order.end()}, data, false);
    if (test) {
        const std::size_t count = test->count();
        samples.test = pictureSource(std::make_shared<const LabelledPictures>(std::move(*test)),
                                     range(0, count), data, false);
    }
    return samples;
}

Result<Samples> openLabelled(const DataRecipe &data) {
    const std::size_t most = data.first > 0 ? data.first : std::numeric_limits<std::size_t>::max();
    auto train = openPictures(data.name, PictureSplit::Train, most);
    if (!train)
        return failed(train);
    auto test = openPictures(data.name, PictureSplit::Test);
    return split(std::move(*train),
                 test ? std::optional(std::move(*test)) : std::optional<LabelledPictures>(), data);
}

Result<Samples> openClasses(const std::string &folder, const DataRecipe &data) {
    namespace fs = std::filesystem;
    const fs::path root(folder);
    const bool split2 = fs::is_directory(root / "train");
    std::vector<std::string> names, again;
    auto train = openClassFolder(split2 ? (root / "train").string() : folder, names);
    if (!train)
        return failed(train);
    std::optional<LabelledPictures> test;
    if (split2 && fs::is_directory(root / "test")) {
        auto opened = openClassFolder((root / "test").string(), again);
        if (!opened)
            return failed(opened);
        if (again != names || opened->pictureSize() != train->pictureSize())
            return fail(ErrorCode::BadFile, "{}: train and test differ in classes or size", folder);
        test = std::move(*opened);
    }
    auto samples = split(std::move(*train), std::move(test), data);
    if (samples)
        samples->classes = std::move(names);
    return samples;
}

Result<Samples> openEvents(const std::string &folder, const DataRecipe &data) {
    const std::size_t most = data.first > 0 ? data.first : std::numeric_limits<std::size_t>::max();
    auto all = listEventFiles(folder, PictureSplit::Train, most);
    auto test = listEventFiles(folder, PictureSplit::Test);
    if (!all || !test)
        return tl::make_unexpected((all ? test : all).error());
    *all = shuffled(std::move(*all));
    Samples samples;
    for (const auto *files : {&*all, &*test})
        for (const LabelledEventFile &file : *files)
            samples.labels = std::max(samples.labels, std::size_t{file.label} + 1);
    const auto middle = all->begin() + static_cast<std::ptrdiff_t>(keptOf(all->size(), data));
    struct Part {
        std::unique_ptr<SampleSource> &source;
        std::vector<LabelledEventFile> files;
    };
    std::vector<Part> parts{{samples.train, {all->begin(), middle}},
                            {samples.heldOut, {middle, all->end()}}};
    if (!test->empty())
        parts.push_back({samples.test, *test});
    for (const Part &part : parts) {
        auto opened = EventSamples::open(part.files, data, &part == parts.data());
        if (!opened)
            return failed(opened);
        part.source = std::move(*opened);
    }
    samples.description =
        fmt::format("{}: {} recordings to train, {} held out, {} to test", data.name,
                    samples.train->size(), samples.heldOut->size(), test->size());
    return samples;
}

/// One picture in ten is held out, one in ten is for the test.
Result<Samples> openScenes(const std::string &folder, const DataRecipe &data) {
    auto all = openGreyFolder(folder, data.first > 0 ? data.first : 100000);
    if (!all)
        return failed(all);
    if (data.epochSamples == 0)
        return fail(ErrorCode::Usage,
                    "epoch_samples: scenes have no end, say how many an epoch has");
    if (all->size() < 10)
        return fail(ErrorCode::BadFile, "{}: {} pictures, expected at least 10", folder,
                    all->size());
    std::vector<GreyPicture> parts[3];
    for (std::size_t i = 0; i < all->size(); ++i)
        parts[i % 10 == 8 ? 1 : i % 10 == 9 ? 2 : 0].push_back(std::move((*all)[i]));
    Samples samples;
    samples.description = fmt::format("{}: {} pictures to train, {} held out, {} to test",
                                      data.name, parts[0].size(), parts[1].size(), parts[2].size());
    const auto source = [&](std::vector<GreyPicture> &part, std::size_t size) {
        return std::make_unique<SceneSamples>(
            std::make_shared<const std::vector<GreyPicture>>(std::move(part)), data, size);
    };
    samples.train = source(parts[0], data.epochSamples);
    samples.heldOut = source(parts[1], std::min<std::size_t>(data.epochSamples, 256));
    samples.test = source(parts[2], std::min<std::size_t>(data.epochSamples, 256));
    return samples;
}

/// Every seed is a scene of its own, so what is held out and tested is never trained on.
Result<Samples> openObjects(const DataRecipe &data) {
    if (auto possible = ObjectScenes::check(data); !possible)
        return failed(possible);
    if (data.epochSamples == 0)
        return fail(ErrorCode::Usage,
                    "epoch_samples: scenes have no end, say how many an epoch has");
    Samples samples;
    samples.description = fmt::format("{}: generated scenes of {}, 1 to {} objects", data.name,
                                      toString(data.size), data.objects);
    const std::size_t few = std::min<std::size_t>(data.epochSamples, 200);
    samples.train = std::make_unique<ObjectScenes>(data, data.epochSamples);
    samples.heldOut = std::make_unique<ObjectScenes>(data, few);
    for (const std::string_view name : synthetic::objectFormNames)
        samples.classes.emplace_back(name);
    return samples;
}

}  // namespace

Result<Samples> openSamples(const DataRecipe &data) {
    const auto rest = [&](std::string_view kind) { return data.name.substr(kind.size()); };
    if (data.name.starts_with("folder:"))
        return openClasses(rest("folder:"), data);
    if (data.name.starts_with("scenes:"))
        return openScenes(rest("scenes:"), data);
    if (data.name.starts_with("mnist:"))
        return openLabelled(data);
    if (data.name.starts_with("nmnist:"))
        return openEvents(rest("nmnist:"), data);
    if (data.name == "objects")
        return openObjects(data);
    return fail(ErrorCode::Usage,
                "data '{}': expected {}, nmnist:DIR, folder:DIR, scenes:DIR or objects", data.name,
                pictureSetForms);
}

void setFold(Samples &samples, std::uint32_t side) {
    for (const auto *one : {&samples.train, &samples.heldOut, &samples.test})
        if (auto *scenes = dynamic_cast<SceneSamples *>(one->get()))
            scenes->setFold(side);
}

void setGrid(Samples &samples, std::size_t columns, std::size_t rows) {
    for (const auto *one : {&samples.train, &samples.heldOut, &samples.test})
        if (auto *scenes = dynamic_cast<ObjectScenes *>(one->get()))
            scenes->setGrid(columns, rows);
}

}  // namespace fovea
