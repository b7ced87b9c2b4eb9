// Names with a protocol. What ROOT can open depends on its build, and servers are tested in Python.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/remote_bytes.hpp>

namespace stationhit::root_io {
namespace {

using test::data_error;

TEST(RemoteFile, ProtocolsThatRootDoesNotKnowAreNamed) {
  const std::string expected =
      "foo://host/f.root: the ROOT of this build cannot open foo:// names; copy the file to this "
      "machine";
  EXPECT_CONTAINS(data_error([] { MuonHitDumpReader reader({"foo://host/f.root"}); }), expected);
  EXPECT_CONTAINS(data_error([] { RemoteBytes bytes("foo://host/f.root"); }), expected);
}

TEST(RemoteFile, LocalFilesHaveNoProtocol) {
  EXPECT_CONTAINS(data_error([] { MuonHitDumpReader reader({"file:///d/f.root"}); }),
                  "file:///d/f.root: give the path itself, without file://");
}

}  // namespace
}  // namespace stationhit::root_io
