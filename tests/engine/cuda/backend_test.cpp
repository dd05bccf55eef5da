// SPDX-License-Identifier: Apache-2.0
// Which device is used, and what is said when there is none.
#include "engine/cuda/backend.h"

#include "tests/fakes/test_devices.h"

using namespace fovea;
using Catch::Contains;

namespace {

Result<std::unique_ptr<Device>> nothing() {
    return fail(ErrorCode::NoDevice, "cuda: nothing is plugged in");
}

}  // namespace

TEST_CASE("backends go to text and back", "[cuda]") {
    for (const BackendKind kind : {BackendKind::Auto, BackendKind::Cpu, BackendKind::Cuda})
        CHECK(parseBackend(toString(kind)).value() == kind);
    CHECK_THAT(parseBackend("gpu").error().message, Contains("'gpu'") && Contains("cuda"));
}

TEST_CASE("the processor is asked for nothing when it is to compute", "[cuda]") {
    Backend backend(BackendKind::Cpu, test::pretended({}));
    CHECK(backend.device() == nullptr);
    CHECK(backend.check());
    CHECK(backend.status().name == "cpu");
    CHECK(backend.status().reason.empty());
}

TEST_CASE("a device that is there is used and named", "[cuda]") {
    for (const BackendKind kind : {BackendKind::Auto, BackendKind::Cuda}) {
        Backend backend(kind, test::pretended({}));
        CHECK(backend.check());
        CHECK(backend.device() != nullptr);
        CHECK(backend.device() != nullptr);  // one for each stage
        CHECK(backend.status().name == "cuda");
        CHECK(backend.status().device == "pretended device");
        CHECK(backend.status().reason.empty());
    }
}

TEST_CASE("without a device auto computes on the CPU and cuda is an error", "[cuda]") {
    Backend automatic(BackendKind::Auto, nothing);
    CHECK(automatic.check());
    CHECK(automatic.device() == nullptr);
    CHECK(automatic.status().name == "cpu");
    CHECK_THAT(automatic.status().reason, Contains("nothing is plugged in"));
    Backend demanded(BackendKind::Cuda, nothing);
    const Result<void> checked = demanded.check();
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::NoDevice);
    CHECK_THAT(checked.error().message, Contains("nothing is plugged in"));
}

TEST_CASE("a device that failed is not tried again, and the first reason stays", "[cuda]") {
    Backend backend(BackendKind::Auto, test::pretended({}));
    REQUIRE(backend.device() != nullptr);
    backend.giveUp({ErrorCode::DeviceLost, "the cable is out"});
    backend.giveUp({ErrorCode::DeviceLost, "another stage saw it, too"});
    CHECK(backend.device() == nullptr);
    CHECK(backend.status().name == "cpu");
    CHECK(backend.status().device.empty());
    CHECK(backend.status().reason == "the cable is out");
}
