// Events come back bit by bit, and damaged parts are named.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/files.hpp>

#include "small_split.hpp"

namespace stationhit::materialized {
namespace {

namespace fs = std::filesystem;

using test::data_error;

class MaterializedSplitOfEvents : public SmallSplit {};

TEST_F(MaterializedSplitOfEvents, EventsComeBackInTheOrderOfThePartsThatIsAskedFor) {
  (void)make();
  const auto events = read({0, 1, 2});
  ASSERT_EQ(events.size(), 7U);
  for (std::size_t i = 0; i < 3; ++i) expect_equal(events[i], shards[0][i]);
  for (std::size_t i = 0; i < 4; ++i) expect_equal(events[3 + i], shards[2][i]);
  const auto other = read({2, 0});
  ASSERT_EQ(other.size(), 7U);
  expect_equal(other[0], shards[2][0]);
  expect_equal(other[4], shards[0][0]);
}

TEST_F(MaterializedSplitOfEvents, JobsOutliveTheSplitAndTheirStream) {
  (void)make();
  auto split = std::make_unique<MaterializedSplit>(folder / "train");
  auto stream = split->read({0});
  const auto job = stream->next();
  stream.reset();
  split.reset();
  expect_equal((*job)(), shards[0][0]);
}

TEST_F(MaterializedSplitOfEvents, ADamagedPartIsNamed) {
  (void)make();
  flip_byte(part("000004"), 100);
  EXPECT_EQ(read({0}).size(), 3U);
  const std::string text = data_error([&] { (void)read({0, 2}); });
  EXPECT_CONTAINS(text,
                  part("000004").string() + ": damaged safetensors file: the data have checksum ");
  EXPECT_CONTAINS(text, "`stationhit prepare --materialize` makes missing and damaged parts again");
}

TEST_F(MaterializedSplitOfEvents, TruncatedMissingAndForeignPartsAreNamed) {
  (void)make();
  const std::string whole = core::read_text_file(part("000004"));
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{9}}) {
    fs::resize_file(part("000004"), size);
    EXPECT_CONTAINS(data_error([&] { (void)read({2}); }),
                    part("000004").string() + ": damaged safetensors file");
    core::write_text_file(part("000004"), whole);
  }
  fs::copy_file(part("000000"), part("000004"), fs::copy_options::overwrite_existing);
  EXPECT_CONTAINS(data_error([&] { (void)read({2}); }),
                  part("000004").string() + ": is not the part that the manifest lists");
  fs::resize_file(part("000004"), 0);
  EXPECT_CONTAINS(data_error([&] { (void)read({0}); }),
                  part("000004").string() + ": the part is empty");
  fs::remove(part("000004"));
  EXPECT_CONTAINS(data_error([&] { (void)read({0}); }),
                  part("000004").string() +
                      ": the manifest of the split lists this part, but it cannot be read");
}

}  // namespace
}  // namespace stationhit::materialized
