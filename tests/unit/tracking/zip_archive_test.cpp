// tests/python/test_network_trackers.py reads archives with Python's zipfile.
#include "../../../src/tracking/zip_archive.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

namespace stationhit::tracking {
namespace {

using namespace std::string_literals;

// The checksum of "123456789" is the check value of CRC-32: 0xCBF43926.
TEST(ZipArchive, OneEntryByteByByte) {
  const std::string header =
      "\x14\0\0\x08\0\0\0\0\x21\0\x26\x39\xF4\xCB\x09\0\0\0\x09\0\0\0\x01\0\0\0"s;
  const std::string local = "PK\x03\x04" + header + "a123456789";
  const std::string directory =
      "PK\x01\x02\x14\0"s + header + "\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s + "a";
  const std::string end = "PK\x05\x06\0\0\0\0\x01\0\x01\0\x2F\0\0\0\x28\0\0\0\0\0"s;
  EXPECT_EQ(zip_archive(std::vector<ZipEntry>{{"a", "123456789"}}), local + directory + end);
}

TEST(ZipArchive, TooManyEntries) {
  EXPECT_EQ(test::data_error([] { (void)zip_archive(std::vector<ZipEntry>(65'536)); }),
            "the archive would have more than 65,535 entries or 4 GiB");
}

}  // namespace
}  // namespace stationhit::tracking
