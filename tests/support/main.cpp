// SPDX-License-Identifier: Apache-2.0
// The entry of every test program without a window.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
