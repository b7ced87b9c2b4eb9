// A UDP socket that is "connected" sends nothing, but the kernel has chosen its own address then.
#include "own_address.hpp"

#include <array>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>

namespace stationhit::training {
namespace {

[[noreturn]] void reject_address(const std::string& address, const std::string& reason) {
  throw core::ConfigError("MASTER_ADDR '" + address + "': " + reason +
                          "; give the name or the address of the host of rank 0");
}

// The local end of a socket towards an address; empty: no interface leads there.
std::string local_end(const addrinfo& target) {
  const int fd = socket(target.ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return "";
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  std::array<char, NI_MAXHOST> text{};
  const bool known = connect(fd, target.ai_addr, target.ai_addrlen) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
                     getnameinfo(reinterpret_cast<const sockaddr*>(&own), size, text.data(),
                                 text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  close(fd);
  return known ? text.data() : "";
}

}  // namespace

std::string own_address_towards(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) reject_address(address, gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
  for (const addrinfo* target = list.get(); target != nullptr; target = target->ai_next)
    if (std::string own = local_end(*target); !own.empty()) return own;
  reject_address(address, "no network interface leads there");
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

}  // namespace stationhit::training
