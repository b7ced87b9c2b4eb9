// XXH3 over values and texts.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stationhit::core {

// 16 hexadecimal digits.
[[nodiscard]] std::string to_hex(std::uint64_t value);

// One well-mixed number of two.
[[nodiscard]] std::uint64_t mix(std::uint64_t a, std::uint64_t b);
[[nodiscard]] std::uint64_t hash_text(std::string_view text);

// 64-bit XXH3 of a stream of bytes.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  void add(std::uint64_t value) { add(std::as_bytes(std::span(&value, 1))); }
  [[nodiscard]] std::uint64_t value() const;
  [[nodiscard]] std::string hex() const { return to_hex(value()); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stationhit::core
