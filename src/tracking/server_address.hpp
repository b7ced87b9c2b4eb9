// Addresses of servers as users give them, and the parts of addresses that we make.
#pragma once

#include <string>
#include <string_view>

namespace stationhit::tracking {

// The address without a slash at its end. Throws ConfigError naming `variable`, the environment
// variable that it comes from, unless it is http://HOST... or https://HOST...; also for a user or
// password in it, which would appear in messages, and for a query.
[[nodiscard]] std::string checked_server_address(std::string_view address,
                                                 std::string_view variable);

// "https://host:port" of a checked address.
[[nodiscard]] std::string_view host_address(std::string_view address);

// True where what is sent cannot be read on its way: https, or this machine itself.
[[nodiscard]] bool is_confidential(std::string_view address);

// For a part of a path or query: all but letters, digits and - _ . ~ as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// The value of an environment variable; empty: it is not set.
[[nodiscard]] std::string environment_text(const char* variable);

}  // namespace stationhit::tracking
