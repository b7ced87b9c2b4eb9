#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/hdf5_io/padded_file.hpp>

#include "padded_arrays.hpp"

namespace stationhit::hdf5_io {
namespace {

using stationhit::test::data_error;
using test::ArrayFile;
using test::nan;
using test::padded;

constexpr std::size_t width = 20;
const std::vector<std::int64_t> counts{3, 0, 5, 1, 2};

class PaddedFileTest : public testing::Test {
 protected:
  // Five events with room for five hits and two muons.
  void write(hsize_t chunk = 2) const {
    const ArrayFile file(path_);
    file.write("hits", {5, 5, width}, padded(counts, 5, width), chunk);
    file.write("tracks", {5, 2, 4}, padded({1, 0, 2, 1, 2}, 2, 4), chunk);
    file.write("num_hits", counts);
    file.write("num_tracks", {1, 0, 2, 1, 2});
    file.write("event_numbers", {7, 8, 5'000'000'000, 10, 11}, H5T_STD_I64LE);
  }
  [[nodiscard]] std::string opening_error() const {
    return data_error([&] { const PaddedFile file(path_); });
  }
  [[nodiscard]] std::string reading_error(std::uint64_t event,
                                          PaddedTable table = PaddedTable::hits) const {
    return data_error([&] { (void)PaddedFile(path_).read(table, 0, event); });
  }

  stationhit::test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "padded.h5";
};

void expect_events(PaddedFile& file) {
  ASSERT_EQ(file.events(), counts.size());
  for (const std::uint64_t event : {0U, 4U, 1U, 2U, 3U, 2U}) {
    for (const std::size_t column : {0U, 13U, 19U}) {
      const std::vector<float>& values = file.read(PaddedTable::hits, column, event);
      ASSERT_EQ(values.size(), static_cast<std::size_t>(counts[event]));
      for (std::size_t row = 0; row < values.size(); ++row)
        EXPECT_EQ(values[row], static_cast<float>(event + row) + static_cast<float>(column) / 100);
    }
  }
}

TEST_F(PaddedFileTest, GivesTheRowsOfEveryEventInAnyOrder) {
  for (const hsize_t chunk : {0U, 1U, 2U, 5U}) {
    write(chunk);
    PaddedFile file(path_);
    expect_events(file);
    EXPECT_EQ(file.read(PaddedTable::tracks, 3, 2), (std::vector<float>{2.03F, 3.03F}));
    EXPECT_TRUE(file.read(PaddedTable::tracks, 0, 1).empty());
    EXPECT_EQ(file.event_number(2), 5'000'000'000U);
    EXPECT_EQ(file.columns(PaddedTable::hits)[13], "spacePoint_channel");
    EXPECT_EQ(file.columns(PaddedTable::tracks).back(), "truthMuon_q");
    EXPECT_GE(file.buffer_bytes(), 5 * width * sizeof(float));
  }
}

TEST_F(PaddedFileTest, WithoutNumbersRowsEndAtTheFirstOneOfNaN) {
  {
    const ArrayFile file(path_);
    file.write("hits", {5, 5, width}, padded(counts, 5, width));
  }
  PaddedFile file(path_);
  expect_events(file);
  EXPECT_FALSE(file.has_event_numbers());
  EXPECT_TRUE(file.columns(PaddedTable::tracks).empty());
}

TEST_F(PaddedFileTest, NaNInARowIsPartOfIt) {
  std::vector<float> values = padded({2}, 3, width);
  values[0] = values[width + 4] = nan;
  {
    const ArrayFile file(path_);
    file.write("hits", {1, 3, width}, values);
  }
  PaddedFile file(path_);
  EXPECT_EQ(file.read(PaddedTable::hits, 1, 0).size(), 2U);
  EXPECT_TRUE(std::isnan(file.read(PaddedTable::hits, 0, 0).front()));
}

TEST_F(PaddedFileTest, ReadsFilesWithoutEventsAndWithoutRows) {
  {
    const ArrayFile file(path_);
    file.write("hits", {0, 5, width}, std::vector<float>());
  }
  EXPECT_EQ(PaddedFile(path_).events(), 0U);
  {
    const ArrayFile file(path_);
    file.write("hits", {2, 0, width}, std::vector<float>());
  }
  EXPECT_TRUE(PaddedFile(path_).read(PaddedTable::hits, 4, 1).empty());
}

TEST_F(PaddedFileTest, TakesTheNamesOfOtherColumnsFromTheFile) {
  {
    const ArrayFile file(path_);
    file.write("hits", {1, 2, 3}, padded({1}, 2, 3));
    file.write_texts("hit_features", {"spacePoint_time", "spacePoint_globPosX", "theirs"});
  }
  EXPECT_EQ(PaddedFile(path_).columns(PaddedTable::hits),
            (std::vector<std::string>{"spacePoint_time", "spacePoint_globPosX", "theirs"}));
  {
    const ArrayFile file(path_);
    file.write("hits", {1, 2, 3}, padded({1}, 2, 3));
    file.write_texts("hit_features", {"spacePoint_time", "spacePoint_globPosX"});
  }
  EXPECT_CONTAINS(opening_error(),
                  "hits is float32 [1, 2, 3], expected 2 columns (as many names "
                  "are in the attribute hit_features)");
  {
    const ArrayFile file(path_);
    file.write("hits", {1, 2, 2}, padded({1}, 2, 2));
    file.write_texts("hit_features", {"spacePoint_time", "spacePoint_time"});
  }
  EXPECT_CONTAINS(opening_error(), "hit_features names spacePoint_time twice");
}

TEST_F(PaddedFileTest, NumbersThatDoNotFitAreErrors) {
  const auto write_count = [&](std::int64_t count) {
    const ArrayFile file(path_);
    file.write("hits", {1, 3, width}, padded({2}, 3, width));
    file.write("num_hits", {count});
  };
  write_count(4);
  EXPECT_CONTAINS(reading_error(0), path_.string() +
                                        ", entry 0: num_hits is 4, but hits has room for 0 to 3; "
                                        "the number has overflowed");
  write_count(-32768);
  EXPECT_CONTAINS(reading_error(0), "num_hits is -32768");
  write_count(1);
  EXPECT_CONTAINS(reading_error(0),
                  ", entry 0: hits has 1 rows (num_hits), but row 1 holds "
                  "spacePoint_globEdgeHighX = 1 where NaN is expected");
}

TEST_F(PaddedFileTest, NegativeEventNumbersAreErrors) {
  {
    const ArrayFile file(path_);
    file.write("hits", {1, 3, width}, padded({2}, 3, width));
    file.write("event_numbers", {-5}, H5T_STD_I32LE);
  }
  EXPECT_CONTAINS(data_error([&] { (void)PaddedFile(path_).event_number(0); }),
                  ", entry 0: event_numbers is -5; it has overflowed");
}

TEST_F(PaddedFileTest, OtherShapesAndTypesAreErrors) {
  const auto error_of = [&](auto&& fill) {
    {
      const ArrayFile file(path_);
      fill(file);
    }
    return opening_error();
  };
  const std::vector<float> hits = padded({1, 1}, 2, width);
  EXPECT_CONTAINS(error_of([](const ArrayFile& f) { f.write("other", {1}); }),
                  "HDF5 file without a dataset hits");
  EXPECT_CONTAINS(error_of([&](const ArrayFile& f) {
                    f.write("hits", {2, 2 * width}, hits);
                  }),
                  "hits is float32 [2, 40], expected floating point numbers [events, rows, "
                  "columns]");
  EXPECT_CONTAINS(error_of([&](const ArrayFile& f) {
                    f.write("hits", {2, 2, width}, hits, 0, H5T_STD_I32LE);
                  }),
                  "hits is int32 [2, 2, 20], expected floating");
  EXPECT_CONTAINS(error_of([&](const ArrayFile& f) {
                    f.write("hits", {2, 4, 10}, hits);
                  }),
                  "expected 20 columns (those of the layout");
  EXPECT_CONTAINS(error_of([&](const ArrayFile& f) {
                    f.write("hits", {2, 2, width}, hits);
                    f.write("num_hits", {1, 1, 1});
                  }),
                  "num_hits is int16 [3], expected integers [2]");
  EXPECT_CONTAINS(error_of([&](const ArrayFile& f) {
                    f.write("hits", {2, 2, width}, hits);
                    f.write("tracks", {1, 1, 4}, padded({1}, 1, 4));
                  }),
                  "tracks is float32 [1, 1, 4], expected 2 events as in hits");
}

TEST_F(PaddedFileTest, ShapesThatNoFileCanFillAreErrors) {
  const auto error_of = [&](const std::vector<hsize_t>& shape) {
    {
      const ArrayFile file(path_);
      // Nothing is written, so nothing is stored.
      const hid_t space = H5Screate_simple(3, shape.data(), nullptr);
      const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
      const std::vector<hsize_t> chunk{1, 10, 20};
      H5Pset_chunk(properties, 3, chunk.data());
      H5Dclose(H5Dcreate2(file.id(), "hits", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, properties,
                          H5P_DEFAULT));
      H5Pclose(properties);
      H5Sclose(space);
    }
    return opening_error();
  };
  EXPECT_CONTAINS(error_of({2, 100'000'000'000, 20}), "expected at most 256 MiB for an event");
  EXPECT_CONTAINS(error_of({100'000'000'000, 10, 20}), "expected fewer events in a file of");
}

TEST_F(PaddedFileTest, TruncatedAndDamagedFilesAreErrors) {
  write();
  std::ifstream in(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto error_of = [&](const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return data_error([&] {
      PaddedFile file(path_);
      for (std::uint64_t event = 0; event < 5; ++event)
        (void)file.read(PaddedTable::hits, 0, event);
    });
  };
  EXPECT_CONTAINS(error_of(bytes.substr(0, bytes.size() / 2)),
                  path_.string() + ": not a readable HDF5 file; copy it again");
  EXPECT_CONTAINS(error_of(bytes.substr(0, bytes.size() - 1)), "truncated");
  EXPECT_CONTAINS(error_of("text"), "not a readable HDF5 file");
}

TEST_F(PaddedFileTest, ChecksumsFindDamage) {
  write();
  std::ifstream in(path_, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const std::size_t stream = bytes.find("\x78\x9c");  // zlib, level 6
  ASSERT_NE(stream, std::string::npos);
  bytes[stream + 20] = static_cast<char>(bytes[stream + 20] ^ 0x40);
  std::ofstream(path_, std::ios::binary) << bytes;
  std::string errors;
  for (std::uint64_t event = 0; event < 5; ++event)
    for (const PaddedTable table : {PaddedTable::hits, PaddedTable::tracks}) {
      try {
        (void)PaddedFile(path_).read(table, 0, event);
      } catch (const core::DataError& error) {
        errors += error.what();
      }
    }
  EXPECT_CONTAINS(errors, "is damaged; copy the file again or leave it out (HDF5: ");
}

TEST_F(PaddedFileTest, ValuesInOtherFilesAreNotRead) {
  const std::filesystem::path other = folder_ / "other.h5";
  {
    const ArrayFile file(other);
    file.write("hits", {1, 3, width}, padded({2}, 3, width));
  }
  {
    const ArrayFile file(path_);
    H5Lcreate_external(other.c_str(), "hits", file.id(), "hits", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_CONTAINS(opening_error(), ": hits is a link; give the file that holds the dataset");
  {
    const ArrayFile file(path_);
    const std::vector<hsize_t> shape{1, 1, width};
    const hid_t space = H5Screate_simple(3, shape.data(), nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(properties, other.c_str(), 0, width * sizeof(float));
    H5Dclose(H5Dcreate2(file.id(), "hits", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, properties,
                        H5P_DEFAULT));
    H5Pclose(properties);
    H5Sclose(space);
  }
  EXPECT_CONTAINS(opening_error(), ": hits has its values in other files");
}

}  // namespace
}  // namespace stationhit::hdf5_io
