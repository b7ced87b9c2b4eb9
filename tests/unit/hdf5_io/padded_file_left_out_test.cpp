#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/hdf5_io/padded_file.hpp>

namespace stationhit::hdf5_io {
namespace {

TEST(PaddedFileLeftOut, NamesTheMissingLibrary) {
  const std::string expected = "a.h5: is an HDF5 file, and this program was built without";
  EXPECT_CONTAINS(test::data_error([] { PaddedFile("a.h5"); }), expected);
  EXPECT_CONTAINS(test::data_error([] { (void)list_datasets("a.h5"); }), expected);
}

}  // namespace
}  // namespace stationhit::hdf5_io
