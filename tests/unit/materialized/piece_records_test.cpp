#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/materialized/piece_records.hpp>

namespace stationhit::materialized {
namespace {

class PieceRecordsTest : public testing::Test {
 protected:
  std::string error_of_begin(const PieceRecords& of, const data::Piece& piece) {
    return test::error_of<core::DataError>([&] { of.begin(piece); });
  }
  std::string error_of_merge(const PieceRecords& of) {
    return test::error_of<core::DataError>([&] { (void)of.require_all(); });
  }
  void make(const data::Piece& piece) {
    records.begin(piece);
    records.finish(piece);
  }

  const test::ScratchFolder scratch;
  const std::filesystem::path folder = scratch / "set";
  const PieceRecords records{folder, "a.yaml", "mean: 1"};
};

TEST_F(PieceRecordsTest, AllMustBeFinished) {
  EXPECT_EQ(error_of_merge(records),
            folder.string() +
                ": holds no pieces to merge; make them with --shard 1/N to N/N, or leave --merge "
                "out");
  make({1, 3});
  make({3, 3});
  EXPECT_EQ(error_of_merge(records),
            folder.string() +
                ": piece 2/3 is missing; run --shard 2/3, or leave --merge out, which makes what "
                "is missing");
  records.begin({2, 3});
  EXPECT_CONTAINS(error_of_merge(records), ": piece 2/3 is not finished; run --shard 2/3, or");
  records.finish({2, 3});
  EXPECT_EQ(records.require_all(), 3U);
  records.remove();
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(PieceRecordsTest, OfAnotherNumberAreRefused) {
  make({1, 3});
  const std::string text =
      folder.string() +
      ": holds piece 1/3, which overlaps with pieces of 2; give pieces of one number, or another "
      "folder";
  EXPECT_EQ(error_of_begin(records, {1, 2}), text);
  EXPECT_EQ(error_of_begin(records, {1, 3}), "") << "made again";
}

TEST_F(PieceRecordsTest, WithOtherStatisticsAreRefused) {
  make({1, 2});
  const PieceRecords other(folder, "b.yaml", "mean: 2"), none(folder, "", ""),
      moved(folder, "moved/a.yaml", "mean: 1");
  const std::string text = folder.string() +
                           ": piece 1/2 was made with normalization_stats a.yaml, which has other "
                           "numbers than b.yaml here; give the same file, or another folder";
  EXPECT_EQ(error_of_begin(other, {2, 2}), text);
  EXPECT_EQ(error_of_merge(other), text);
  EXPECT_CONTAINS(error_of_begin(none, {2, 2}), "which has other numbers than null here");
  EXPECT_EQ(error_of_begin(moved, {2, 2}), "");
}

TEST_F(PieceRecordsTest, ThatAreDamagedAreNamed) {
  make({1, 1});
  std::ofstream(folder / "materialize.piece.1-of-1") << "{}";
  EXPECT_CONTAINS(error_of_merge(records), "materialize.piece.1-of-1: ");
}

}  // namespace
}  // namespace stationhit::materialized
