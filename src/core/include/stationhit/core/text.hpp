// Small text helpers for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace stationhit::core {

// "a, b, c"
[[nodiscard]] std::string join(std::span<const std::string> items,
                               std::string_view separator = ", ");

// The candidate with the smallest edit distance to `word` without regard to case if that is at most
// max(2, a third of its length), else empty. Case decides between equally near ones.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

// The text as content or attribute of HTML or XML: & < > and " as entities.
[[nodiscard]] std::string escape_markup(std::string_view text);

// Shortest decimal that reads back as the same float.
[[nodiscard]] std::string to_text(float value);
[[nodiscard]] std::string to_text(double value);

}  // namespace stationhit::core
