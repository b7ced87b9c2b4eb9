#include <cerrno>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/write_failure.hpp>

namespace stationhit::core {
namespace {

std::string text(int error) {
  return test::data_error([&] { throw_write_failure("a/b", error); });
}

TEST(WriteFailure, SaysTheReasonAndTheNextStep) {
  EXPECT_EQ(text(ENOENT),
            "a/b: cannot write here: No such file or directory; make the folder first, or choose "
            "another place");
  EXPECT_EQ(text(EACCES),
            "a/b: cannot write here: Permission denied; choose a place where you may write");
  EXPECT_EQ(text(EROFS),
            "a/b: cannot write here: Read-only file system; choose a place where you may write");
  EXPECT_EQ(text(ENOSPC),
            "a/b: cannot write here: No space left on device; free space there, or choose another "
            "place");
  EXPECT_EQ(text(ENAMETOOLONG), "a/b: cannot write here: File name too long; choose another place");
}

}  // namespace
}  // namespace stationhit::core
