// Ranks that this program starts on its own node: itself, with the same arguments.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace stationhit::workflow {

class RankProcesses {
 public:
  // Starts the ranks 1 .. size - 1, which meet this process at the port. They read no input, what
  // they print is lost, and the kernel ends them with this process. Throws DataError.
  RankProcesses(std::uint32_t size, std::uint16_t port);
  RankProcesses(const RankProcesses&) = delete;
  RankProcesses& operator=(const RankProcesses&) = delete;
  // Ends those that still run.
  ~RankProcesses();

  // Throws what the first rank that has ended without being done ended with: its own error, or
  // DataError for a signal. Returns if none has.
  void require_no_failure();

  // As require_no_failure(), but gives ranks that are about to end the time that they need.
  void explain_loss();

  // Waits until all have ended.
  void wait_for_end();

 private:
  struct Process {
    std::uint32_t rank = 0;
    pid_t id = 0;
    int messages = -1;  // descriptor of what it wrote to stderr
    bool running = true;
    int status = 0;  // of waitpid
  };

  void start(std::uint32_t rank, std::uint32_t size, std::uint16_t port);
  [[nodiscard]] bool any_running();
  [[noreturn]] static void throw_failure(const Process& process);

  std::vector<Process> processes_;
};

}  // namespace stationhit::workflow
