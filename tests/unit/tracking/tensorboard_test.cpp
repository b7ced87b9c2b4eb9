#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/tracking/tensorboard.hpp>

#include "../../../src/tracking/event_file.hpp"

namespace stationhit::tracking {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\x2C\0\0\0\x02rest"s;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

// The data of all records, whose checksums are compared.
std::vector<std::string> read_records(const fs::path& file) {
  std::string bytes = core::read_text_file(file);
  std::vector<std::string> records;
  while (bytes.size() > 16) {
    const std::size_t length =
        static_cast<std::uint8_t>(bytes[0]) + 256U * static_cast<std::uint8_t>(bytes[1]);
    records.push_back(bytes.substr(12, length));
    EXPECT_EQ(bytes.substr(0, length + 16), encode_record(records.back()));
    bytes.erase(0, length + 16);
  }
  EXPECT_EQ(bytes, "");
  return records;
}

class TensorBoard : public testing::Test {
 protected:
  test::ScratchFolder scratch_;
  fs::path folder_ = scratch_ / "tensorboard";
  std::unique_ptr<Tracker> tracker_ = make_tensorboard_tracker(folder_);
};

TEST_F(TensorBoard, NothingIsWrittenBeforeTheStart) { EXPECT_TRUE(scratch_.empty()); }

TEST_F(TensorBoard, EveryRecordIsInTheFileAtOnce) {
  RunDescription run;
  run.configuration = "seed: 42\n";
  run.versions = {{"commit", "abc"}};
  run.machine.host = "node7";
  tracker_->start(run, {.epoch = 1});
  ASSERT_EQ(files_of(folder_).size(), 1U);
  const fs::path file = files_of(folder_).front();
  EXPECT_TRUE(file.filename().string().starts_with("events.out.tfevents."));
  ASSERT_EQ(read_records(file).size(), 3U);
  EXPECT_CONTAINS(read_records(file)[0], "brain.Event:2");
  EXPECT_CONTAINS(read_records(file)[1], "```yaml\nseed: 42\n```\n");
  EXPECT_CONTAINS(read_records(file)[2], "* commit: abc\n* host: node7\n");
  tracker_->log_metrics(
      std::vector<MetricValue>{{"val_loss", 0.5},
                               {"val_auc", std::numeric_limits<double>::quiet_NaN()}},
      {.epoch = 3});
  ASSERT_EQ(read_records(file).size(), 5U);
  EXPECT_CONTAINS(read_records(file)[3], "\x10\x03"s);  // step
  EXPECT_CONTAINS(read_records(file)[3], "\x0A\x08val_loss\x15\0\0\0\x3F"s);
  EXPECT_CONTAINS(read_records(file)[4], "val_auc");
  core::write_text_file(scratch_ / "roc.png", png);
  tracker_->log_figure(scratch_ / "roc.png", {.epoch = 3});
  EXPECT_CONTAINS(read_records(file).at(5), "\x0A\x03roc\x22"s);
  EXPECT_CONTAINS(read_records(file)[5], "\x08\x02\x10\xAC\x02\x18\x03"s);  // height, width
  tracker_->finish(EndState::interrupted, {.epoch = 3});
  EXPECT_CONTAINS(read_records(file).at(6), "interrupted");
}

TEST_F(TensorBoard, AContinuedTrainingAddsAFile) {
  tracker_->start({}, {});
  make_tensorboard_tracker(folder_)->start({}, {});
  EXPECT_EQ(files_of(folder_).size(), 2U);
}

TEST_F(TensorBoard, ErrorsNameTheFile) {
  core::write_text_file(scratch_ / "roc.png", "no figure, but long enough to be one");
  tracker_->start({}, {});
  EXPECT_EQ(test::data_error([&] { tracker_->log_figure(scratch_ / "roc.png", {.epoch = 1}); }),
            (scratch_ / "roc.png").string() + ": is not a PNG file");
  core::write_text_file(scratch_ / "file", "");
  const auto blocked = make_tensorboard_tracker(scratch_ / "file");
  const std::string error = test::data_error([&] { blocked->start({}, {}); });
  EXPECT_TRUE(error.starts_with((scratch_ / "file").string() + "/events.out.tfevents.")) << error;
  EXPECT_TRUE(error.ends_with(": cannot be written; check free space and rights of the folder"))
      << error;
}

}  // namespace
}  // namespace stationhit::tracking
