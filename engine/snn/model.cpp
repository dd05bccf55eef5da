// SPDX-License-Identifier: Apache-2.0
// From a file to a model.
#include "engine/snn/model.h"

namespace fovea {

Result<ModelPtr> loadModel(const std::filesystem::path &path) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(path, error);  // readNir() tells errors
    Result<NirModel> nir = readNir(path);
    if (!nir)
        return failed(nir);
    Result<StreamForm> form = readStreamForm(nir->network, nir->metadata, path.string());
    if (!form)
        return failed(form);
    auto classes = std::make_shared<const std::vector<std::string>>(form->classes);
    return std::make_shared<const Model>(Model{path.filename().string(), std::move(*nir),
                                               std::move(*form), written, std::move(classes)});
}

Result<ModelPtr> ModelUse::get() const {
    if (model)
        return model;
    if (settings.file.empty())
        return fail(ErrorCode::Usage,
                    "model.file: found nothing, allowed a NIR file: the method 'snn' runs one");
    return loadModel(settings.file);
}

}  // namespace fovea
