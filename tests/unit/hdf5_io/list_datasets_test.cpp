#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/hdf5_io/padded_file.hpp>

#include "padded_arrays.hpp"

namespace stationhit::hdf5_io {
namespace {

TEST(ListDatasets, NamesTypesAndShapes) {
  const stationhit::test::ScratchFolder folder;
  const std::filesystem::path path = folder / "a.h5";
  {
    const test::ArrayFile file(path);
    file.write("hits", {1, 2, 3}, {1, 2, 3, 4, 5, 6});
    file.write("num_hits", {2});
    H5Gclose(H5Gcreate2(file.id(), "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_external("/etc/passwd", "x", file.id(), "link", H5P_DEFAULT, H5P_DEFAULT);
  }
  const auto datasets = list_datasets(path);
  ASSERT_EQ(datasets.size(), 2U);
  EXPECT_EQ(datasets[0].name, "hits");
  EXPECT_EQ(datasets[0].type, "float32");
  EXPECT_EQ(datasets[0].shape, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(datasets[0].bytes, 24U);
  EXPECT_EQ(datasets[1].type, "int16");
}

}  // namespace
}  // namespace stationhit::hdf5_io
