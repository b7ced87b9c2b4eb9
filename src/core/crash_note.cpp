// The signal handler finds the innermost note of its thread through a pointer. It runs on a stack
// of its own, because a damaged file can also make a library call itself without end.
#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <vector>

#include <unistd.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::core {
namespace {

constexpr std::array crash_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU};

thread_local const CrashNote* innermost = nullptr;
std::atomic<bool> handlers_installed{false};

extern "C" void on_crash(int signal, siginfo_t* cause, void* /*context*/) {
  // A limit of the system on processor time (ulimit -t) says nothing about the file.
  const bool is_of_file = signal != SIGXCPU || cause->si_code == SI_TIMER;
  if (const CrashNote* note = innermost; note != nullptr && is_of_file) {
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

// Sends SIGXCPU to the thread that made it when that thread has used so much processor time.
class CrashNote::Timer {
 public:
  explicit Timer(std::chrono::seconds limit) {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGXCPU;
    event._sigev_un._tid = ::gettid();  // its public name is missing in this C library
    is_made_ = ::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0;
    const itimerspec once{{0, 0}, {limit.count(), 0}};
    if (is_made_) ::timer_settime(timer_, 0, &once, nullptr);
  }
  ~Timer() {
    if (is_made_) ::timer_delete(timer_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  timer_t timer_{};
  bool is_made_ = false;
};

CrashNote::CrashNote(const std::string& place)
    : outer_(innermost),
      line_("error: " + printable_text(place) +
            ": the library that reads it crashed here or did not come to an end, so it is "
            "probably damaged; copy it again or "
            "make it again\n") {
  if (handlers_installed) thread_local const HandlerStack stack;
  innermost = this;
}

CrashNote::CrashNote(const std::string& place, std::chrono::seconds limit) : CrashNote(place) {
  if (handlers_installed) timer_ = std::make_unique<Timer>(limit);
}

CrashNote::~CrashNote() { innermost = outer_; }

void tell_crashes_of_files() {
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : crash_signals) ::sigaction(signal, &action, nullptr);
  handlers_installed = true;
}

}  // namespace stationhit::core
