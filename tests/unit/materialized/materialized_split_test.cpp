// Events come back bit by bit, and damaged parts are named.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expected_error.hpp>
#include <support/resident_memory.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/data/safetensors.hpp>

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

TEST_F(MaterializedSplitOfEvents, PartsTakeMemoryOnlyWhileTheyAreRead) {
  (void)make();
  const MaterializedSplit split(folder / "train");
  auto stream = split.read({0, 2});
  auto job = stream->next();
  (void)(*job)();
  EXPECT_GT(test::resident_kilobytes(part("000000")), 0U);
  for (int next = 0; next < 3; ++next) (void)stream->next();
  EXPECT_GT(test::resident_kilobytes(part("000000")), 0U) << "a job still reads it";
  job.reset();
  EXPECT_EQ(test::resident_kilobytes(part("000000")), 0U);
  EXPECT_GT(test::resident_kilobytes(part("000004")), 0U);
  stream.reset();
  EXPECT_EQ(test::resident_kilobytes(part("000004")), 0U);
  expect_equal(read({0})[0], shards[0][0]);
}

bool is_place(const std::string& tensor) {
  return tensor.starts_with("station_") || tensor.starts_with("bucket_") || tensor == "layer" ||
         tensor == "muon_q" || tensor == "event_buckets";
}

// Rewrites the parts and the manifest as an earlier format had them: without processes, and format
// 1 without places.
void make_earlier_format(const fs::path& folder, int format) {
  nlohmann::json manifest =
      nlohmann::json::parse(core::read_text_file(folder / data::manifest_file_name));
  manifest["format"] = format;
  for (auto& part : manifest["parts"]) {
    const fs::path path = folder / part["file"].get<std::string>();
    {
      const data::SafetensorsFile file(path);
      std::vector<data::NamedTensor> tensors;
      for (const std::string& name : file.names()) {
        if (name != "mc_channel_number" && !(format == 1 && is_place(name)))
          tensors.push_back({name, file.at(name)});
      }
      data::write_safetensors(folder / "new", tensors, file.metadata());
    }
    fs::rename(folder / "new", path);
    part["checksum"] = data::SafetensorsFile(path).checksum();
  }
  core::write_text_file(folder / data::manifest_file_name, manifest.dump());
}

TEST_F(MaterializedSplitOfEvents, PartsOfFormat1HaveNoPlaces) {
  (void)make();
  const auto expected = read({0, 1, 2});
  make_earlier_format(folder / "train", 1);
  EXPECT_EQ(read_manifest(folder / "train").format, 1);
  const auto events = read({0, 1, 2});
  ASSERT_EQ(events.size(), expected.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_TRUE(expected[i].truth.has_places());
    EXPECT_FALSE(events[i].truth.has_places());
    EXPECT_EQ(events[i].truth.muon_pt, expected[i].truth.muon_pt);
    EXPECT_EQ(events[i].truth.technology, expected[i].truth.technology);
    EXPECT_EQ(events[i].inputs.features.values, expected[i].inputs.features.values);
  }
}

TEST_F(MaterializedSplitOfEvents, PartsOfFormat2DoNotSayTheProcess) {
  (void)make();
  auto expected = read({0, 1, 2});
  make_earlier_format(folder / "train", 2);
  const auto events = read({0, 1, 2});
  ASSERT_EQ(events.size(), expected.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_NE(expected[i].truth.mc_channel_number, 0U);
    expected[i].truth.mc_channel_number = 0;
    EXPECT_EQ(events[i].truth, expected[i].truth);
  }
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
