#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_file.hpp>
#include <stationhit/root_io/shards.hpp>

#include "foreign_dump.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::random_event;

// Three events: two hits and a muon, nothing, one hit and two muons.
metrics::ScoredSample sample() {
  metrics::ScoredSample result;
  result.event_number = {5000000000ULL, 2, 3};
  result.mc_channel_number = {999001, 0, 601229};
  result.event_offsets = {0, 2, 2, 3};
  result.muon_offsets = {0, 1, 1, 3};
  result.score = {1.5F, -100.0F, 0.25F};
  result.truth_link = {0, -1, 1};
  result.technology = {0, 5, 2};
  result.muon_pt = {10, 20, 30};
  result.muon_eta = {-1, 0, 1};
  result.muon_phi = {0.5F, 1.5F, -3.0F};
  return result;
}

TEST(Scores, RoundTrip) {
  const test::ScratchFolder folder;
  write_scores(folder / "scores.root", sample());
  const metrics::ScoredSample read = read_scores(folder / "scores.root");
  const metrics::ScoredSample expected = sample();
  EXPECT_EQ(read.event_number, expected.event_number);
  EXPECT_EQ(read.mc_channel_number, expected.mc_channel_number);
  EXPECT_EQ(read.event_offsets, expected.event_offsets);
  EXPECT_EQ(read.muon_offsets, expected.muon_offsets);
  EXPECT_EQ(read.score, expected.score);
  EXPECT_EQ(read.truth_link, expected.truth_link);
  EXPECT_EQ(read.technology, expected.technology);
  EXPECT_EQ(read.muon_pt, expected.muon_pt);
  EXPECT_EQ(read.muon_eta, expected.muon_eta);
  EXPECT_EQ(read.muon_phi, expected.muon_phi);
}

TEST(Scores, OtherFilesAreNamed) {
  const test::ScratchFolder folder;
  const auto path = folder / "a.root";
  EXPECT_CONTAINS(data_error([&] { (void)read_scores(path); }), path.string() + ": no such file");
  test::ForeignDump(random_event(1, 2, 1)).write(path);
  EXPECT_CONTAINS(data_error([&] { (void)read_scores(path); }),
                  path.string() + ": no tree scores; the file has: MuonHitDump");
  test::ForeignDump(random_event(1, 2, 1)).write(path, 1, "scores");
  EXPECT_CONTAINS(data_error([&] { (void)read_scores(path); }),
                  path.string() + ": tree scores has no branch event_number");
  EXPECT_CONTAINS(data_error([&] { write_scores(folder / "nowhere/a.root", sample()); }),
                  "nowhere/a.root: cannot write here");
}

const core::ColumnDescription* find_column(const core::ObjectDescription& object,
                                           const std::string& name) {
  for (const core::ColumnDescription& column : object.columns)
    if (column.name == name) return &column;
  return nullptr;
}

TEST(Describe, TellsOurFilesApart) {
  const test::ScratchFolder folder;
  const auto path = folder / "a.root";
  {
    MuonHitDumpWriter writer(path);
    writer.write(random_event(1, 500, 2));
    writer.close();
  }
  core::RootFileDescription file = describe(path);
  EXPECT_EQ(file.kind, "hit ntuple");
  EXPECT_EQ(file.bytes, std::filesystem::file_size(path));
  ASSERT_EQ(file.objects.size(), 1U);
  EXPECT_EQ(file.objects[0].kind, "TTree");
  EXPECT_EQ(file.objects[0].name, "MuonHitDump");
  EXPECT_EQ(file.objects[0].entries, 1U);
  EXPECT_EQ(file.objects[0].columns.size(), 49U);
  ASSERT_NE(find_column(file.objects[0], "spacePoint_driftR"), nullptr);
  EXPECT_EQ(find_column(file.objects[0], "spacePoint_driftR")->type, "vector<float>");
  EXPECT_EQ(find_column(file.objects[0], "eventNumber")->type, "ULong64_t");
  EXPECT_GT(find_column(file.objects[0], "spacePoint_driftR")->bytes, 100U);
  EXPECT_LT(find_column(file.objects[0], "spacePoint_driftR")->bytes, 3000U);

  {
    ShardWriter writer(path);
    writer.write(random_event(1, 500, 2));
    writer.close();
  }
  file = describe(path);
  EXPECT_EQ(file.kind, "prepared shard");
  ASSERT_EQ(file.objects.size(), 1U);
  EXPECT_EQ(file.objects[0].kind, "RNTuple");
  EXPECT_EQ(file.objects[0].entries, 1U);
  ASSERT_NE(find_column(file.objects[0], "spacePoint_driftR"), nullptr);
  EXPECT_EQ(find_column(file.objects[0], "spacePoint_driftR")->type, "std::vector<float>");
  EXPECT_GT(find_column(file.objects[0], "spacePoint_driftR")->bytes, 100U);

  write_scores(path, sample());
  EXPECT_EQ(describe(path).kind, "scores");
  {
    TFile other(path.c_str(), "RECREATE");
    const TNamed note("note", "text");
    note.Write();
  }
  file = describe(path);
  EXPECT_EQ(file.kind, "ROOT file");
  ASSERT_EQ(file.objects.size(), 1U);
  EXPECT_EQ(file.objects[0].kind, "TNamed");
  test::write_bytes(path, "nothing of ROOT");
  EXPECT_CONTAINS(data_error([&] { (void)describe(path); }),
                  path.string() + ": not a readable ROOT file");
}

}  // namespace
}  // namespace stationhit::root_io
