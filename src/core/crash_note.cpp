// The signal handler finds the innermost note of its thread through a pointer. It runs on a stack
// of its own, because a damaged file can also make a library call itself without end.
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <vector>

#include <unistd.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {
namespace {

constexpr std::array crash_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

thread_local const CrashNote* innermost = nullptr;
std::atomic<bool> handlers_installed{false};

extern "C" void on_crash(int signal) {
  if (const CrashNote* note = innermost; note != nullptr) {
    // The result is of no use: there is no other place for the message.
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, note->line().data(), note->line().size());
    ::_exit(static_cast<int>(ExitCode::data));
  }
  // It is delivered when this handler returns.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// One per thread that makes notes. A stack that is there already, such as that of a sanitizer,
// stays.
class HandlerStack {
 public:
  HandlerStack() {
    stack_t present{};
    if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
    memory_.resize(std::size_t{64} * 1024);
    const stack_t own{memory_.data(), 0, memory_.size()};
    ::sigaltstack(&own, nullptr);
  }
  ~HandlerStack() {
    if (memory_.empty()) return;
    const stack_t none{nullptr, SS_DISABLE, 0};
    ::sigaltstack(&none, nullptr);
  }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;

 private:
  std::vector<char> memory_;
};

}  // namespace

CrashNote::CrashNote(const std::string& place)
    : outer_(innermost),
      line_("error: " + printable_text(place) +
            ": the library that reads it crashed here, so it is probably damaged; copy it again or "
            "make it again\n") {
  if (handlers_installed) thread_local const HandlerStack stack;
  innermost = this;
}

CrashNote::~CrashNote() { innermost = outer_; }

void tell_crashes_of_files() {
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : crash_signals) ::sigaction(signal, &action, nullptr);
  handlers_installed = true;
}

}  // namespace stationhit::core
