// SPDX-License-Identifier: Apache-2.0
// Reads the top-level fields of a YAML file, each error with file, line, field and what is allowed.
#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace fovea {

/// Fields of one map. Getters leave `value` alone when the field is absent; the first error is
/// kept and ends all further reading, so it is asked for once, at the end.
///
/// Threads: one.
class YamlFields {
public:
    /// The text must be one map with different scalar keys. `file` is for messages.
    [[nodiscard]] static Result<YamlFields> parse(std::string file, const std::string &text);

    [[nodiscard]] bool has(std::string_view name) const;
    /// Any other field is an error that offers the nearest name.
    void allowOnly(std::span<const std::string_view> names);
    void require(std::string_view name);
    void text(std::string_view name, std::string &value);
    void boolean(std::string_view name, bool &value);
    void whole(std::string_view name, std::uint64_t low, std::uint64_t high, std::uint64_t &value);
    /// A finite number in (low, high].
    void number(std::string_view name, double low, double high, double &value);
    /// A list of scalars; one scalar is a list of one.
    void list(std::string_view name, std::vector<std::string> &values);
    void map(std::string_view name, std::map<std::string, std::string> &values);
    /// For fields with a meaning of their own: the error that `found` is not `expected`.
    void refuse(std::string_view name, std::string_view expected);

    [[nodiscard]] Result<void> result() const { return result_; }

private:
    struct Field {
        int line = 0;
        YAML::Node value;
    };
    const Field *find(std::string_view name) const;
    const Field *scalar(std::string_view name, std::string_view expected);
    void refuseAt(int line, std::string_view name, std::string_view found,
                  std::string_view expected);

    std::string file_;
    std::map<std::string, Field, std::less<>> fields_;
    Result<void> result_;
};

}  // namespace fovea
