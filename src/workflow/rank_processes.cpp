// Between fork and exec only calls are made that a process with threads may make there, so
// everything is prepared before. What a rank writes to stderr goes into a file in memory: only the
// error of one that fails is of interest.
#include "rank_processes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds poll_interval{20};
// A rank that dies has closed its connections a moment before it can be waited for; one that fails
// prints its error first.
constexpr seconds time_to_end{3};

std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  return arguments;
}

// The environment of this process with some variables set anew; an empty value counts as not set.
std::vector<std::string> changed_environment(const std::vector<std::string>& changes) {
  std::vector<std::string> environment = changes;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    if (std::ranges::none_of(changes, [&](const auto& change) { return change.starts_with(name); }))
      environment.emplace_back(text);
  }
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void fail_to_start(std::uint32_t rank) {
  throw core::DataError("rank " + std::to_string(rank) + " could not be started: " +
                        std::strerror(errno) + "; give --set devices=cpu to train with one rank");
}

// In the new process. Does not return.
[[noreturn]] void become_rank(pid_t parent, int messages, const char* program,
                              const std::vector<char*>& arguments,
                              const std::vector<char*>& environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  dup2(messages, STDERR_FILENO);
  execve(program, arguments.data(), environment.data());
  _exit(127);
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (off_t at = 0;;) {
    const ssize_t n = pread(descriptor, part.data(), part.size(), at);
    if (n <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(n));
    at += n;
  }
}

// The error that a program of ours ended with, else the last thing that it said.
std::string find_error(const std::string& messages) {
  constexpr std::string_view mark = "error: ";
  const std::size_t at = messages.rfind(mark);
  std::string text = at == std::string::npos ? messages : messages.substr(at + mark.size());
  while (text.ends_with('\n')) text.pop_back();
  return at == std::string::npos ? text.substr(text.rfind('\n') + 1) : text;
}

// The signal that ended a process or that it obeyed; 0: none.
int signal_of(int status) {
  constexpr int first_code_of_signals = 128;
  if (WIFSIGNALED(status)) return WTERMSIG(status);
  return std::max(WEXITSTATUS(status) - first_code_of_signals, 0);
}

}  // namespace

RankProcesses::RankProcesses(std::uint32_t size, std::uint16_t port) {
  for (std::uint32_t rank = 1; rank < size; ++rank) start(rank, size, port);
}

RankProcesses::~RankProcesses() {
  for (Process& process : processes_) {
    if (process.running) {
      kill(process.id, SIGKILL);
      waitpid(process.id, &process.status, 0);
    }
    close(process.messages);
  }
}

void RankProcesses::start(std::uint32_t rank, std::uint32_t size, std::uint16_t port) {
  const std::string number = std::to_string(rank), all = std::to_string(size);
  const std::string program = fs::read_symlink("/proc/self/exe");
  std::vector<std::string> arguments = own_arguments();
  std::vector<std::string> environment = changed_environment(
      {"RANK=" + number, "LOCAL_RANK=" + number, "WORLD_SIZE=" + all, "LOCAL_WORLD_SIZE=" + all,
       "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + std::to_string(port), "GLOO_SOCKET_IFNAME="});
  const std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
  Process process;
  process.rank = rank;
  process.messages = memfd_create(("rank " + number).c_str(), MFD_CLOEXEC);
  if (process.messages < 0) fail_to_start(rank);
  const pid_t parent = getpid();
  process.id = fork();
  if (process.id == 0) become_rank(parent, process.messages, program.c_str(), argv, envp);
  if (process.id < 0) {
    close(process.messages);
    fail_to_start(rank);
  }
  processes_.push_back(process);
}

bool RankProcesses::any_running() {
  bool any = false;
  for (Process& process : processes_) {
    if (process.running && waitpid(process.id, &process.status, WNOHANG) == process.id)
      process.running = false;
    any = any || process.running;
  }
  return any;
}

void RankProcesses::throw_failure(const Process& process) {
  const std::string name = "rank " + std::to_string(process.rank);
  if (const int signal = signal_of(process.status); signal != 0) {
    throw core::DataError(name + " (process " + std::to_string(process.id) +
                          ") was ended by signal " + std::to_string(signal) + " (" +
                          strsignal(signal) +
                          "), so all ranks end; the same command continues after the last complete "
                          "epoch");
  }
  std::string error = find_error(read_all(process.messages));
  if (!error.starts_with(name)) error = name + " failed: " + error;
  throw core::Error(static_cast<core::ExitCode>(WEXITSTATUS(process.status)), error);
}

void RankProcesses::require_no_failure() {
  (void)any_running();
  for (const Process& process : processes_)
    if (!process.running && process.status != 0) throw_failure(process);
}

void RankProcesses::explain_loss() {
  for (const auto end = Clock::now() + time_to_end; Clock::now() < end;) {
    require_no_failure();
    std::this_thread::sleep_for(poll_interval);
  }
}

void RankProcesses::wait_for_end() {
  while (any_running()) std::this_thread::sleep_for(poll_interval);
}

}  // namespace stationhit::workflow
