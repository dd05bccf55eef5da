// SPDX-License-Identifier: Apache-2.0
// The one error type that crosses modules and threads.
#pragma once

#include <exception>
#include <fmt/format.h>
#include <new>
#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

namespace fovea {

enum class ErrorCode {
    InvalidArgument,  ///< a call that its documentation forbids
    Usage,            ///< command line or configuration is wrong
    BadFile,          ///< a file exists but cannot be what it should be
    Io,               ///< the system refused to read or write
    NoDevice,         ///< the asked device, file or backend is not there
    DeviceLost,       ///< it was there and went away
    WrongState,       ///< the call is not allowed in the present state
    Unsupported,      ///< understood, but this build or version cannot do it
    Cancelled,        ///< somebody asked to stop
};

/// What went wrong. The message names the file, the field, what was found and what is allowed.
struct Error {
    ErrorCode code = ErrorCode::InvalidArgument;
    std::string message;
};

template <class T> using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::BadFile, "{}: empty file", path);`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> text,
                                         Args &&...args) {
    return tl::make_unexpected(Error{code, fmt::format(text, std::forward<Args>(args)...)});
}

/// Passes an error on: `if (!r) return failed(r);`
template <class T> [[nodiscard]] tl::unexpected<Error> failed(Result<T> &result) {
    return tl::make_unexpected(std::move(result.error()));
}

/// Runs `work`, which returns a Result; what it throws becomes the error. For the outermost
/// function of each thread.
template <class Work> [[nodiscard]] std::invoke_result_t<Work> withoutThrowing(Work work) {
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return fail(ErrorCode::Io, "not enough memory");
    } catch (const std::exception &error) {
        return fail(ErrorCode::Io, "unexpected: {}", error.what());
    }
}

}  // namespace fovea
