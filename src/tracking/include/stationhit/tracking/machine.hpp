// The machine and the process that run a training.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace stationhit::tracking {

using NamedText = std::pair<std::string, std::string>;

// Texts are empty where the system does not tell.
struct Machine {
  std::string host, user;
  std::string system, release, architecture;  // "Linux", "6.1.0-18-amd64", "x86_64"
  std::string processor;                      // "AMD EPYC 7B13"
  unsigned cores = 0;                         // that this process may use
  std::uint64_t memory = 0;                   // bytes
  std::int64_t process = 0;                   // its number
  std::vector<std::string> command;           // program and arguments
};

[[nodiscard]] Machine describe_machine();

// For people, without what is empty: {"host", "node7"}, {"memory", "128 GiB"}, ...
[[nodiscard]] std::vector<NamedText> named_texts(const Machine& machine);

}  // namespace stationhit::tracking
