// The names of partial files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace stationhit::core {

// The name of this machine without dots.
[[nodiscard]] std::string host_name();

// A partial name beside `target` that no other call gives.
[[nodiscard]] std::filesystem::path make_partial_path(const std::filesystem::path& target,
                                                      std::string_view extension);

// "<target>.partial" and the extension.
[[nodiscard]] std::filesystem::path fixed_partial_path(const std::filesystem::path& target,
                                                       std::string_view extension);

// Who writes a partial file.
struct PartialOwner {
  std::string host;
  pid_t process;
};

// Nothing if the name is not one of make_partial_path.
[[nodiscard]] std::optional<PartialOwner> owner_of_partial(const std::string& name);

}  // namespace stationhit::core
