#include "server_address.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::tracking {
namespace {

constexpr std::string_view https = "https://", http = "http://";

// What stands behind "https://", up to the path.
std::string_view authority(std::string_view address) {
  address.remove_prefix(address.find("//") + 2);
  return address.substr(0, address.find('/'));
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

bool is_plain_text(std::string_view address) {
  return std::ranges::all_of(address, [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

std::string checked_server_address(std::string_view address, std::string_view variable) {
  const std::string prefix(variable);
  if (address.find('@') != std::string_view::npos)
    throw core::ConfigError(prefix +
                            " has a user or password in it, which would appear in messages; give "
                            "them by environment variables of their own");
  const bool known = address.starts_with(https) || address.starts_with(http);
  if (!known || authority(address).empty() || !is_plain_text(address) ||
      address.find_first_of("?#") != std::string_view::npos)
    throw core::ConfigError(prefix + " is '" + core::printable_line(address) +
                            "', expected the address of a server, http://HOST:PORT or "
                            "https://HOST");
  while (address.ends_with('/')) address.remove_suffix(1);
  return std::string(address);
}

std::string_view host_address(std::string_view address) {
  const std::string_view host = authority(address);
  return address.substr(0, static_cast<std::size_t>(host.data() - address.data()) + host.size());
}

bool is_confidential(std::string_view address) {
  if (address.starts_with(https)) return true;
  std::string_view host = authority(address);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host == "127.0.0.1";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    encoded += '%';
    encoded += digits[byte >> 4U];
    encoded += digits[byte & 0xFU];
  }
  return encoded;
}

std::string environment_text(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? "" : text;
}

}  // namespace stationhit::tracking
