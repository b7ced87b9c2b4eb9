// What a program says when a library for reading files crashes on a damaged one: ROOT follows
// lengths and class names in a file before anything can be compared with a checksum.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace stationhit::core {

// While it exists, a crash on this thread is put down to the file that is being read. Notes may be
// nested: the innermost one counts. Without tell_crashes_of_files() it has no effect.
class CrashNote {
 public:
  // `place` names the file and the place in it: "events.root, entry 12".
  explicit CrashNote(const std::string& place);
  // A damaged length can also keep a library busy for hours: more processor time of this thread
  // than `limit` counts as a crash.
  CrashNote(const std::string& place, std::chrono::seconds limit);
  ~CrashNote();
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;

  // The line that a crash prints, with its line feed.
  [[nodiscard]] const std::string& line() const { return line_; }

 private:
  class Timer;

  const CrashNote* outer_;
  std::string line_;
  std::unique_ptr<Timer> timer_;  // null without a limit
};

// For programs; a library does not touch the signals of its user. From now on SIGSEGV, SIGBUS,
// SIGILL, SIGFPE, SIGABRT and SIGXCPU (too much processor time) on a thread with a CrashNote print
// its line and end the program at once with ExitCode::data; nothing is cleaned up, as after
// SIGKILL. On other threads these signals do what they do by default.
void tell_crashes_of_files();

}  // namespace stationhit::core
