// XXH3 of 64 bits, inlined into this file alone. It is fast and the same on every platform, but
// does not protect against deliberate changes. Splits and fingerprints depend on it, so another
// function would give other prepared sets.
#include <array>
#include <cstdio>

#include <stationhit/core/hashing.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace stationhit::core {

std::string to_hex(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return XXH3_64bits_withSeed(&b, sizeof(b), a);
}
std::uint64_t hash_text(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

struct Hasher::State {
  XXH3_state_t xxh3;
};

Hasher::Hasher() : state_(std::make_unique<State>()) { XXH3_64bits_reset(&state_->xxh3); }
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
void Hasher::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size());
}
std::uint64_t Hasher::value() const { return XXH3_64bits_digest(&state_->xxh3); }

}  // namespace stationhit::core
