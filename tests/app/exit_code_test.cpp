// SPDX-License-Identifier: Apache-2.0
// The documented exit status of each kind of error.
#include "app/exit_code.h"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

using namespace fovea;

TEST_CASE("every error code has its documented exit status", "[app]") {
    const std::vector<std::pair<ErrorCode, int>> table = {
        {ErrorCode::InvalidArgument, 2}, {ErrorCode::Usage, 2},
        {ErrorCode::BadFile, 4},         {ErrorCode::Io, 1},
        {ErrorCode::NoDevice, 3},        {ErrorCode::DeviceLost, 5},
        {ErrorCode::WrongState, 1},      {ErrorCode::Unsupported, 1},
        {ErrorCode::Cancelled, 130}};
    for (const auto &[code, status] : table)
        CHECK(static_cast<int>(exitCode(code)) == status);
}

TEST_CASE("an input that is not there is a bad file, other errors stay", "[app]") {
    CHECK(asInputError({ErrorCode::NoDevice, "x"}).code == ErrorCode::BadFile);
    CHECK(asInputError({ErrorCode::Io, "x"}).code == ErrorCode::BadFile);
    CHECK(asInputError({ErrorCode::Usage, "x"}).code == ErrorCode::Usage);
    CHECK(asInputError({ErrorCode::Io, "why"}).message == "why");
}
