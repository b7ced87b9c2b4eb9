#include "../../../src/tracking/server_address.hpp"

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

namespace stationhit::tracking {
namespace {

TEST(ServerAddress, IsTakenWithoutItsLastSlash) {
  EXPECT_EQ(checked_server_address("http://127.0.0.1:5000", "X"), "http://127.0.0.1:5000");
  EXPECT_EQ(checked_server_address("https://host/prefix//", "X"), "https://host/prefix");
}

TEST(ServerAddress, OthersAreRefusedByTheNameOfTheVariable) {
  for (const char* address : {"sqlite:///runs.db", "mlruns", "host:5000", "http://", "https:///x",
                              "http://a b", "http://host?x=1", "http://host\n"})
    EXPECT_CONTAINS(
        test::config_error([&] { (void)checked_server_address(address, "THE_SERVER"); }),
        "THE_SERVER is '");
}

TEST(ServerAddress, APasswordInItIsRefusedWithoutShowingIt) {
  const std::string error = test::config_error(
      [] { (void)checked_server_address("https://user:secret@host", "THE_SERVER"); });
  EXPECT_CONTAINS(error, "THE_SERVER has a user or password in it");
  EXPECT_FALSE(test::contains(error, "secret"));
}

TEST(ServerAddress, ItsHost) {
  EXPECT_EQ(host_address("https://host:1/a/b"), "https://host:1");
  EXPECT_EQ(host_address("http://host"), "http://host");
}

TEST(ServerAddress, WhatCannotBeReadOnItsWay) {
  EXPECT_TRUE(is_confidential("https://host"));
  EXPECT_TRUE(is_confidential("http://localhost:1"));
  EXPECT_TRUE(is_confidential("http://127.0.0.1"));
  EXPECT_TRUE(is_confidential("http://[::1]:1"));
  EXPECT_FALSE(is_confidential("http://host"));
  EXPECT_FALSE(is_confidential("http://localhost.example:1"));
}

TEST(ServerAddress, PartsAreEncoded) {
  EXPECT_EQ(percent_encoded("aZ09-_.~"), "aZ09-_.~");
  EXPECT_EQ(percent_encoded("a b/\xC3\xBC&"), "a%20b%2F%C3%BC%26");
}

TEST(ServerAddress, AVariableThatIsNotSetIsEmpty) {
  EXPECT_EQ(environment_text("STATIONHIT_NO_SUCH_VARIABLE"), "");
}

}  // namespace
}  // namespace stationhit::tracking
