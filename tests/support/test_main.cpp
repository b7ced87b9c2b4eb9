// Runs the tests of a program, and ends it without the destructors of the libraries: those of Torch
// take 60 ms, and every case is a process of its own.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int code = RUN_ALL_TESTS();
  (void)std::fflush(nullptr);
  std::_Exit(code);
}
