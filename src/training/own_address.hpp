// The address of this machine towards another one.
#pragma once

#include <cstdint>
#include <string>

namespace stationhit::training {

// The numeric address from which packets to address:port would be sent. Throws ConfigError for an
// address that is not known or that no interface leads to.
[[nodiscard]] std::string own_address_towards(const std::string& address, std::uint16_t port);

// True for 127.0.0.1 and its like, which only this machine reaches.
[[nodiscard]] bool is_loopback(const std::string& address);

[[nodiscard]] std::string host_name();

}  // namespace stationhit::training
