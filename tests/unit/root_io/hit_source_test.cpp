// Hits that stand in an RNTuple: the events, messages and checks are those of a TTree.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <ROOT/RVec.hxx>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/event_numbers.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_cut.hpp>
#include <stationhit/root_io/shards.hpp>

#include "foreign_ntuple.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::ForeignNtuple;

class NtupleInput : public testing::Test {
 protected:
  // Of the header the ntuples have two numbers.
  NtupleInput() {
    event_.header = {.run_number = event_.header.run_number,
                     .event_number = event_.header.event_number};
  }
  core::Event read(const ForeignNtuple& ntuple, const DumpReaderOptions& options = {}) const {
    ntuple.write(path_);
    return read_file(options);
  }
  core::Event read_file(const DumpReaderOptions& options = {}) const {
    MuonHitDumpReader reader({path_}, options);
    core::Event event;
    EXPECT_TRUE(reader.next(event));
    return event;
  }
  std::string error(const ForeignNtuple& ntuple) const {
    return data_error([&] { (void)read(ntuple); });
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "foreign.root";
  core::Event event_ = test::random_event(1, 200, 2);
};

template <class Wide, class Narrow>
std::vector<Wide> widened(const std::vector<Narrow>& values) {
  return {values.begin(), values.end()};
}

TEST_F(NtupleInput, GivesTheEventsThatWereWritten) {
  ForeignNtuple(event_).write(path_, 3);
  MuonHitDumpReader reader({path_});
  EXPECT_EQ(reader.size(), 3U);
  EXPECT_GT(reader.buffer_bytes(), 10000U);
  core::Event event;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(reader.next(event));
    EXPECT_TRUE(event == event_);
  }
  EXPECT_EQ(reader.where(), path_.string() + ", entry 2");
  EXPECT_FALSE(reader.next(event));
  EXPECT_EQ(reader.missing_branches(),
            (std::vector<std::string>{"lbNumber", "bcid", "mcChannelNumber", "mcEventWeight"}));
}

TEST_F(NtupleInput, RangesBeginAnywhere) {
  ForeignNtuple(event_).write(path_, 5);
  DumpReaderOptions options;
  options.range = {3, 10};
  MuonHitDumpReader reader({path_, path_}, options);
  core::Event event;
  int n = 0;
  while (reader.next(event)) ++n;
  EXPECT_EQ(n, 7);
}

TEST_F(NtupleInput, OtherWidthsGiveTheSameEvent) {
  ForeignNtuple ntuple(event_);
  ntuple.set("spacePoint_truthLink", widened<std::int64_t>(event_.hits.truth_link));
  ntuple.set("spacePoint_stationEta", widened<char>(event_.hits.station_eta));
  ntuple.set("spacePoint_stationPhi", widened<std::int32_t>(event_.hits.station_phi));
  ntuple.set("spacePoint_stationIndex", widened<std::uint64_t>(event_.hits.station_index));
  ntuple.set("spacePoint_technology", widened<std::int16_t>(event_.hits.technology));
  ntuple.set("spacePoint_measEta", widened<bool>(event_.hits.meas_eta));
  ntuple.set("spacePoint_PositionX", widened<double>(event_.hits.local_x));
  const auto& layers = event_.hits.layer;
  ntuple.set("spacePoint_layer", ROOT::RVec<std::uint16_t>(layers.begin(), layers.end()));
  std::ranges::fill(event_.hits.time, 20000.0F);
  ntuple.set("spacePoint_time", widened<std::uint32_t>(event_.hits.time));
  ntuple.set("runNumber", std::int16_t{7});
  event_.header.run_number = 7;
  EXPECT_TRUE(read(ntuple) == event_);
}

TEST_F(NtupleInput, LargeLinksAreBackground) {
  ForeignNtuple ntuple(event_);
  std::vector<std::int32_t> links = widened<std::int32_t>(event_.hits.truth_link);
  std::ranges::replace(links, -1, 1000000);
  ntuple.set("spacePoint_truthLink", links);
  EXPECT_TRUE(read(ntuple) == event_);
}

TEST_F(NtupleInput, ValuesThatDoNotFitAreErrors) {
  ForeignNtuple ntuple(event_);
  std::vector<std::int32_t> channels = widened<std::int32_t>(event_.hits.channel);
  channels[2] = -1;
  ntuple.set("spacePoint_channel", channels);
  EXPECT_CONTAINS(
      error(ntuple),
      path_.string() + ", entry 0: field spacePoint_channel[2] = -1 is out of range (0..65535)");
  ntuple = ForeignNtuple(event_);
  ntuple.set("runNumber", -5);
  EXPECT_CONTAINS(error(ntuple), "field runNumber[0] = -5 is out of range (0..4294967295)");
}

TEST_F(NtupleInput, MissingFieldsAreNamed) {
  ForeignNtuple ntuple(event_);
  ntuple.drop("spacePoint_time");
  EXPECT_CONTAINS(error(ntuple), path_.string() +
                                     ": RNTuple MuonHitDump has no field "
                                     "spacePoint_time, which is needed; check that");
  ntuple = ForeignNtuple(event_);
  ntuple.drop("truthMuon_pt");
  EXPECT_CONTAINS(error(ntuple), "has no field truthMuon_pt, which is needed");
  DumpReaderOptions options;
  options.need_truth = false;
  ntuple.write(path_);
  EXPECT_EQ(read_file(options).muons.size(), 0U);
}

TEST_F(NtupleInput, FieldsOfOtherTypesAreNamed) {
  ForeignNtuple ntuple(event_);
  ntuple.set("spacePoint_time", std::vector<std::string>{"early"});
  EXPECT_CONTAINS(error(ntuple), path_.string() +
                                     ": field spacePoint_time has the type "
                                     "std::vector<std::string>, which is not one of numbers");
  ntuple = ForeignNtuple(event_);
  ntuple.set("spacePoint_time", 3.0F);
  EXPECT_CONTAINS(error(ntuple), "field spacePoint_time has the type float, which is not");
  ntuple = ForeignNtuple(event_);
  ntuple.set("bucket_spacePoints", std::vector<std::vector<float>>{{1.0F}});
  EXPECT_CONTAINS(error(ntuple), "field bucket_spacePoints has the type ");
  // A number of the header in another form is no reason to refuse the hits.
  ntuple = ForeignNtuple(event_);
  ntuple.set("mcEventWeight", std::vector<float>{0.5F, 0.6F});
  EXPECT_EQ(read(ntuple).header.mc_event_weight, 1.0F);
}

TEST_F(NtupleInput, ListsOfUnequalLengthAreErrors) {
  ForeignNtuple ntuple(event_);
  ntuple.set("spacePoint_covXX", std::vector<float>{1.0F});
  EXPECT_CONTAINS(error(ntuple), path_.string() + ", entry 0: branch spacePoint_covXX has 1 ");
}

TEST_F(NtupleInput, StandsInAFolder) {
  ForeignNtuple(event_).write(path_, 1, "dir");
  DumpReaderOptions options;
  options.tree = "dir/MuonHitDump";
  EXPECT_TRUE(read_file(options) == event_);
  EXPECT_CONTAINS(data_error([&] { (void)count_events(path_); }),
                  ": no tree MuonHitDump; the file has: dir/MuonHitDump (--tree names");
}

TEST_F(NtupleInput, MayBeAPreparedShard) {
  ShardWriter writer(path_);
  writer.write(event_);
  writer.close();
  DumpReaderOptions options;
  options.tree = "events";
  EXPECT_TRUE(read_file(options) == event_);
}

TEST_F(NtupleInput, HasNumbersOfEventsAndADescription) {
  ForeignNtuple(event_).write(path_, 2);
  const EventNumbers expected{event_.header.run_number, event_.header.event_number};
  EXPECT_EQ(read_event_numbers(path_), (std::vector<EventNumbers>{expected, expected}));
  EXPECT_EQ(count_events(path_), 2U);
  EXPECT_EQ(describe(path_).kind, "hit ntuple");
  EXPECT_TRUE(read_sample_info(path_) == core::SampleInfo());
  EXPECT_FALSE(read_score_cut(path_));
}

TEST_F(NtupleInput, DamageIsNoticed) {
  ForeignNtuple(event_).write(path_, 2);
  const std::string bytes = test::read_bytes(path_);
  int noticed = 0;
  for (std::size_t position = 1000; position < bytes.size(); position += bytes.size() / 40) {
    std::string damaged = bytes;
    damaged[position] = static_cast<char>(damaged[position] ^ 0x10);
    test::write_bytes(path_, damaged);
    try {
      MuonHitDumpReader reader({path_});
      core::Event event;
      while (reader.next(event)) EXPECT_TRUE(event == event_) << "changed by byte " << position;
    } catch (const core::DataError& error) {
      ++noticed;
      EXPECT_CONTAINS(error.what(), path_.string());
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    }
  }
  EXPECT_GT(noticed, 30);
}

TEST_F(NtupleInput, TruncatedFilesAreNamed) {
  ForeignNtuple(event_).write(path_);
  const std::string bytes = test::read_bytes(path_);
  for (const double part : {0.2, 0.6, 0.99}) {
    test::write_bytes(
        path_, bytes.substr(0, static_cast<std::size_t>(part * static_cast<double>(bytes.size()))));
    EXPECT_CONTAINS(data_error([&] { (void)read_file(); }),
                    path_.string() + ": the ROOT file is truncated");
  }
}

}  // namespace
}  // namespace stationhit::root_io
