#include <array>
#include <fstream>
#include <string_view>

#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/tracking/machine.hpp>

namespace stationhit::tracking {
namespace {

std::string user_name() {
  std::array<char, 4096> texts{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, texts.data(), texts.size(), &found) != 0) return {};
  return found == nullptr ? "" : found->pw_name;
}

// Of the first line "model name : ..."; other architectures than x86 have none.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

std::uint64_t memory_size() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  if (pages < 0 || size < 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline");
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  return arguments;
}

}  // namespace

Machine describe_machine() {
  Machine machine;
  utsname system{};
  if (::uname(&system) == 0) {
    machine.host = system.nodename;
    machine.system = system.sysname;
    machine.release = system.release;
    machine.architecture = system.machine;
  }
  machine.user = user_name();
  machine.processor = processor_name();
  machine.cores = core::resolve_threads(0);
  machine.memory = memory_size();
  machine.process = ::getpid();
  machine.command = command_line();
  return machine;
}

std::vector<NamedText> named_texts(const Machine& machine) {
  constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30U;
  const std::uint64_t memory = machine.memory / gibibyte;
  std::vector<NamedText> texts{{"host", machine.host},
                               {"user", machine.user},
                               {"system", machine.system},
                               {"release", machine.release},
                               {"architecture", machine.architecture},
                               {"processor", machine.processor},
                               {"cores", machine.cores == 0 ? "" : std::to_string(machine.cores)},
                               {"memory", memory == 0 ? "" : std::to_string(memory) + " GiB"},
                               {"command", core::join(machine.command, " ")}};
  std::erase_if(texts, [](const NamedText& text) { return text.second.empty(); });
  return texts;
}

}  // namespace stationhit::tracking
