// SPDX-License-Identifier: Apache-2.0
// The layers hold in this source tree, and every seeded breach is found.
#include "tests/layering/include_rules.h"

#include <catch2/catch.hpp>

using namespace fovea::test;

namespace {

// What the rules say about one include in one file, in a small tree that is otherwise clean.
std::vector<Finding> findingsFor(const std::string &path, const std::string &include) {
    SourceTree tree = {{"engine/core/a.h", ""},      {"engine/recon/b.h", ""},
                       {"engine/snn/s.h", ""},       {"engine/pipeline/p.h", ""},
                       {"datasets/d.h", ""},         {"drivers/usb/u.h", ""},
                       {"drivers/replay/r.h", ""},   {"ui/w.h", ""},
                       {"ui/views/v.h", ""},         {"app/catalog.h", ""},
                       {"engine/recon/x_impl.h", ""}};
    tree[path] = "// first line\n#include " + include + "\n";
    return checkIncludes(tree);
}

}  // namespace

TEST_CASE("the source tree keeps the layers", "[layering]") {
    const SourceTree tree = readSources(FOVEA_SOURCE_DIR, productFolders());
    REQUIRE(tree.size() > 10);
    const auto findings = checkIncludes(tree);
    INFO(toString(findings));
    CHECK(findings.empty());
}

TEST_CASE("includes along the layers are allowed", "[layering]") {
    const auto [path, include] = GENERATE(
        table<std::string, std::string>({{"engine/core/n.h", "\"engine/core/a.h\""},
                                         {"engine/core/n.h", "<vector>"},
                                         {"engine/core/n.h", "<fmt/format.h>"},
                                         {"engine/recon/n.cpp", "\"engine/core/a.h\""},
                                         {"engine/recon/n.cpp", "\"b.h\""},
                                         {"engine/recon/n.cpp", "\"engine/recon/x_impl.h\""},
                                         {"engine/detect/n.cpp", "\"engine/snn/s.h\""},
                                         {"engine/recon/n.cpp", "<opencv2/core.hpp>"},
                                         {"engine/recon/n.cu", "<cuda_runtime.h>"},
                                         {"engine/train/n.cpp", "<torch/torch.h>"},
                                         {"engine/pipeline/n.cpp", "\"engine/recon/b.h\""},
                                         {"datasets/n.cpp", "\"engine/core/a.h\""},
                                         {"drivers/usb/n.cpp", "<libusb-1.0/libusb.h>"},
                                         {"drivers/usb/n.cpp", "\"datasets/d.h\""},
                                         {"ui/views/n.cpp", "\"ui/w.h\""},
                                         {"ui/n.cpp", "<QWidget>"},
                                         {"ui/n.cpp", "\"engine/pipeline/p.h\""},
                                         {"ui/n.cpp", "\"n.moc\""},
                                         {"app/fovea-gui/main.cpp", "\"ui/w.h\""},
                                         {"app/fovea-gui/main.cpp", "<QtWidgets/QApplication>"},
                                         {"app/fovea/main.cpp", "\"drivers/usb/u.h\""},
                                         {"app/fovea-train/main.cpp", "<torch/torch.h>"},
                                         {"app/n.cpp", "\"engine/pipeline/p.h\""}}));
    const auto findings = findingsFor(path, include);
    INFO(path << " includes " << include << "\n" << toString(findings));
    CHECK(findings.empty());
}

TEST_CASE("every seeded breach of the layers is found at its line", "[layering]") {
    const auto [path, include] = GENERATE(
        table<std::string, std::string>({{"engine/core/n.h", "\"engine/recon/b.h\""},
                                         {"engine/core/n.h", "\"engine/pipeline/p.h\""},
                                         {"engine/core/n.h", "\"../recon/b.h\""},
                                         {"engine/core/n.h", "<engine/recon/b.h>"},
                                         {"engine/core/n.h", "\"datasets/d.h\""},
                                         {"engine/core/n.cu", "<cuda_runtime.h>"},
                                         {"engine/core/n.h", "\"engine/gone/missing.h\""},
                                         {"engine/recon/n.cpp", "\"engine/pipeline/p.h\""},
                                         {"engine/recon/n.cpp", "\"datasets/d.h\""},
                                         {"engine/recon/n.cpp", "<QImage>"},
                                         {"engine/recon/n.cpp", "<QtCore/QString>"},
                                         {"engine/recon/n.cpp", "<qglobal.h>"},
                                         {"engine/recon/n.cpp", "<cuda_runtime.h>"},
                                         {"engine/recon/n.h", "<thrust/device_vector.h>"},
                                         {"engine/recon/n.cu", "<torch/torch.h>"},
                                         {"engine/detect/n.cpp", "\"engine/recon/x_impl.h\""},
                                         {"engine/recon/n.cpp", "<libusb-1.0/libusb.h>"},
                                         {"engine/pipeline/n.cpp", "\"datasets/d.h\""},
                                         {"engine/pipeline/n.cpp", "\"drivers/replay/r.h\""},
                                         {"engine/pipeline/n.cu", "<cuda.h>"},
                                         {"datasets/n.cpp", "\"engine/recon/b.h\""},
                                         {"datasets/n.cpp", "\"drivers/replay/r.h\""},
                                         {"datasets/n.cpp", "<QFile>"},
                                         {"drivers/replay/n.cpp", "\"drivers/usb/u.h\""},
                                         {"drivers/replay/n.cpp", "\"../usb/u.h\""},
                                         {"drivers/replay/n.cpp", "\"engine/recon/b.h\""},
                                         {"drivers/replay/n.cpp", "<libusb.h>"},
                                         {"drivers/usb/n.cpp", "\"app/catalog.h\""},
                                         {"ui/n.cpp", "\"drivers/replay/r.h\""},
                                         {"ui/n.cpp", "\"datasets/d.h\""},
                                         {"ui/views/n.cpp", "\"app/catalog.h\""},
                                         {"ui/n.cpp", "<torch/torch.h>"},
                                         {"app/fovea/main.cpp", "\"ui/w.h\""},
                                         {"app/fovea-detectd/main.cpp", "<QCoreApplication>"},
                                         {"app/catalog.cpp", "\"ui/views/v.h\""},
                                         {"app/fovea/main.cpp", "<libusb.h>"},
                                         {"app/fovea/main.cpp", "<torch/torch.h>"},
                                         {"app/n.cpp", "HEADER_FROM_A_MACRO"}}));
    const auto findings = findingsFor(path, include);
    INFO(path << " includes " << include);
    REQUIRE_FALSE(findings.empty());
    CHECK(findings.front().path == path);
    CHECK(findings.front().line == 2);
}

TEST_CASE("includes are seen however they are spaced, and not in comments", "[layering]") {
    CHECK(checkIncludes({{"engine/core/n.h", "  #  include\t<QWidget>  // why"}}).size() == 1);
    CHECK(checkIncludes({{"engine/core/n.h", "/* old */ #include <QWidget>"}}).size() == 1);
    CHECK(checkIncludes({{"engine/core/n.h", "// #include <QWidget>"}}).empty());
    CHECK(checkIncludes({{"engine/core/n.h", "/*\n#include <QWidget>\n*/\n"}}).empty());
    const auto after = checkIncludes({{"engine/core/n.h", "/* a\n b */\n#include <QWidget>"}});
    REQUIRE(after.size() == 1);
    CHECK(toString(after.front()) ==
          "engine/core/n.h:3: QWidget: Qt is allowed only in ui and app/fovea-gui");
}

TEST_CASE("circles between the engine's parts are found", "[layering]") {
    SourceTree tree = {{"engine/recon/b.h", "#include \"engine/snn/s.h\"\n"},
                       {"engine/snn/s.h", "#include \"engine/noise/n.h\"\n"},
                       {"engine/noise/n.h", ""}};
    CHECK(checkIncludes(tree).empty());
    tree["engine/noise/n.h"] = "\n#include \"engine/recon/b.h\"\n";
    const auto findings = checkIncludes(tree);
    REQUIRE(findings.size() == 1);
    CHECK_THAT(toString(findings.front()),
               Catch::Contains("engine/noise") && Catch::Contains("engine/recon") &&
                   Catch::Contains("engine/snn") && Catch::Contains("circle"));
}
