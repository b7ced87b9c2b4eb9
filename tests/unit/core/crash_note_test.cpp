#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>

namespace stationhit::core {
namespace {

const auto ends_as_data_error = ::testing::ExitedWithCode(static_cast<int>(ExitCode::data));

// As good as endless: what a damaged file can do to a library that follows references in it.
int recurse(volatile int* left) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(*left);
  *left = *left - 1;
  const int below = *left > 0 ? recurse(left) : 0;
  return below + frame[0];
}

void run_out_of_stack() {
  volatile int left = 2'000'000'000;
  std::exit(recurse(&left));
}

class CrashNotes : public ::testing::Test {
 protected:
  CrashNotes() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(CrashNotes, CrashIsPutDownToTheInnermostFile) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    EXPECT_EXIT(
        {
          tell_crashes_of_files();
          const CrashNote outer("outer.root");
          { const CrashNote earlier("earlier.root"); }
          const CrashNote note("damaged.root, entry 3");
          std::raise(signal);
        },
        ends_as_data_error, "^error: damaged.root, entry 3: .*damaged; copy it again or make it")
        << signal;
  }
}

TEST_F(CrashNotes, EndlessRecursionIsACrash) {
  EXPECT_EXIT(
      {
        tell_crashes_of_files();
        const CrashNote note("damaged.root");
        run_out_of_stack();
      },
      ends_as_data_error, "error: damaged.root: ");
}

TEST_F(CrashNotes, TooMuchProcessorTimeIsACrash) {
  EXPECT_EXIT(
      {
        tell_crashes_of_files();
        { const CrashNote quick("quick.root", std::chrono::seconds(1)); }
        const CrashNote note("endless.root", std::chrono::seconds(1));
        volatile int steps = 0;
        while (steps >= 0) steps = 0;
      },
      ends_as_data_error, "error: endless.root: ");
}

TEST_F(CrashNotes, ProcessorTimeThatTheSystemLimitsIsNotPutDownToTheFile) {
  EXPECT_EXIT(
      {
        tell_crashes_of_files();
        const CrashNote note("events.root");
        std::raise(SIGXCPU);
      },
      ::testing::KilledBySignal(SIGXCPU), "^$");
}

TEST_F(CrashNotes, EveryThreadHasItsOwnNotes) {
  EXPECT_EXIT(
      {
        tell_crashes_of_files();
        std::thread([] {
          const CrashNote note("of_the_thread.root");
          run_out_of_stack();
        }).join();
      },
      ends_as_data_error, "error: of_the_thread.root: ");
  EXPECT_EXIT(
      {
        tell_crashes_of_files();
        const CrashNote note("of_another_thread.root");
        std::thread([] { std::raise(SIGSEGV); }).join();
      },
      ::testing::KilledBySignal(SIGSEGV), "^$");
}

TEST_F(CrashNotes, CrashOutsideOfAFileIsLeftToTheSystem) {
  EXPECT_EXIT(
      {
        tell_crashes_of_files();
        { const CrashNote note("earlier.root"); }
        std::raise(SIGSEGV);
      },
      ::testing::KilledBySignal(SIGSEGV), "^$");
}

TEST_F(CrashNotes, ProgramThatDidNotAskKeepsItsSignals) {
  EXPECT_EXIT(
      {
        std::signal(SIGSEGV, SIG_DFL);  // a sanitizer has a handler of its own
        const CrashNote note("damaged.root");
        std::raise(SIGSEGV);
      },
      ::testing::KilledBySignal(SIGSEGV), "^$");
}

TEST_F(CrashNotes, LineIsSafeForATerminal) {
  const CrashNote note("bad\x1b[31m.root");
  EXPECT_EQ(note.line().find('\x1b'), std::string::npos);
  EXPECT_EQ(note.line().back(), '\n');
}

}  // namespace
}  // namespace stationhit::core
