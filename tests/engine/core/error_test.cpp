// SPDX-License-Identifier: Apache-2.0
// Errors carry their code and message through Result.
#include "engine/core/error.h"

#include <catch2/catch.hpp>
#include <locale>
#include <memory>

using namespace fovea;

namespace {

Result<int> half(int value) {
    if (value % 2 != 0)
        return fail(ErrorCode::InvalidArgument, "{}: expected an even number", value);
    return value / 2;
}

Result<std::string> quarter(int value) {
    auto first = half(value);
    if (!first)
        return failed(first);
    auto second = half(*first);
    if (!second)
        return failed(second);
    return fmt::format("{}", *second);
}

}  // namespace

TEST_CASE("a good value passes through", "[core]") {
    const auto result = quarter(12);
    REQUIRE(result);
    CHECK(*result == "3");
}

TEST_CASE("an error keeps its code and message across types", "[core]") {
    const auto outer = quarter(7);
    REQUIRE_FALSE(outer);
    CHECK(outer.error().code == ErrorCode::InvalidArgument);
    CHECK(outer.error().message == "7: expected an even number");
    const auto inner = quarter(6);
    REQUIRE_FALSE(inner);
    CHECK(inner.error().message == "3: expected an even number");
}

TEST_CASE("a result without a value can fail too, and may hold what cannot be copied", "[core]") {
    const Result<void> bad = fail(ErrorCode::Cancelled, "stopped");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == ErrorCode::Cancelled);
    Result<std::unique_ptr<int>> owner = std::make_unique<int>(5);
    REQUIRE(owner);
    CHECK(**owner == 5);
}

TEST_CASE("numbers in messages do not follow the locale", "[core]") {
    struct Comma : std::numpunct<char> {
        [[nodiscard]] char do_decimal_point() const override { return ','; }
        [[nodiscard]] char do_thousands_sep() const override { return '.'; }
        [[nodiscard]] std::string do_grouping() const override { return "\3"; }
    };
    const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
    const Result<void> result = fail(ErrorCode::BadFile, "rate {}, planes {}", 0.5, 1234567);
    std::locale::global(before);
    CHECK(result.error().message == "rate 0.5, planes 1234567");
}
