#include "partial_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <regex>

#include <unistd.h>

#include <stationhit/core/hashing.hpp>

namespace stationhit::core {
namespace {

// A file name has 255 bytes; host, process, random part and extensions take less than 95.
constexpr std::size_t longest_name = 160, longest_host = 40;

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

std::string host_name() {
  std::array<char, 256> buffer{};
  // The last byte stays zero, so a name that is cut off ends nevertheless.
  if (gethostname(buffer.data(), buffer.size() - 1) != 0) return "unknown";
  std::string name(buffer.data());
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9'); },
      '-');
  return name.substr(0, longest_host);
}

std::filesystem::path make_partial_path(const std::filesystem::path& target,
                                        std::string_view extension) {
  const std::string name = target.filename().string().substr(0, longest_name);
  return target.parent_path() / (name + "." + host_name() + "." + std::to_string(getpid()) + "." +
                                 to_hex(random_number()) + ".partial" + std::string(extension));
}

std::filesystem::path fixed_partial_path(const std::filesystem::path& target,
                                         std::string_view extension) {
  std::filesystem::path path = target;
  path += ".partial";
  path += extension;
  return path;
}

std::optional<PartialOwner> owner_of_partial(const std::string& name) {
  static const std::regex pattern(
      R"(.+\.([A-Za-z0-9-]*)\.([0-9]{1,9})\.[0-9a-f]{16}\.partial(\.[a-z]+)?)");
  std::smatch match;
  if (!std::regex_match(name, match, pattern)) return std::nullopt;
  return PartialOwner{match[1], static_cast<pid_t>(std::stol(match[2]))};
}

}  // namespace stationhit::core
