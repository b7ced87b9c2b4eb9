#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/inference/event_dump.hpp>

namespace stationhit::inference {
namespace {

using test::data_error;

DumpedEvent two_nodes() {
  DumpedEvent event;
  event.model_hash = "0123456789abcdef";
  event.run_number = 4'000'000'000;
  event.event_number = 18'000'000'000'000'000'000U;
  event.feature_names = {"localX", "localY"};
  event.cut = -3.6F;
  event.features = {1, 2.5F, -3, 0.1F};
  event.edge_sources = {0, 1};
  event.edge_destinations = {1, 0};
  event.scores = {1.25F, -100};
  event.kept = {1, 0};
  return event;
}

std::string line_of(const DumpedEvent& event, const std::filesystem::path& file) {
  EventDumpWriter writer(file);
  writer.write(event);
  writer.close();
  return core::read_text_file(file);
}

class EventDump : public ::testing::Test {
 protected:
  [[nodiscard]] std::string refusal(const std::string& text) const {
    std::ofstream(file, std::ios::binary) << text;
    EventDumpReader reader(file);
    return data_error([&] {
      DumpedEvent event;
      while (reader.next(event)) {
      }
    });
  }
  // What is said if `from` stands as `to` in the second of two lines.
  [[nodiscard]] std::string refusal(const std::string& from, const std::string& to) const {
    const std::string line = line_of(two_nodes(), file);
    std::string changed = line;
    EXPECT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    std::string said = refusal(line + changed);
    EXPECT_CONTAINS(said, file.string() + ":2: ");
    return said;
  }

  test::ScratchFolder folder;
  std::filesystem::path file = folder / "dump.jsonl";
};

TEST_F(EventDump, IsOneLineOfTheStatedKeys) {
  EXPECT_EQ(line_of(two_nodes(), file),
            R"({"schema":"stationhit-event-dump/1","model":"0123456789abcdef","run":4000000000,)"
            R"("event":18000000000000000000,"feature_names":["localX","localY"],)"
            R"("cut":-3.5999999046325684,"features":[[1.0,2.5],[-3.0,0.10000000149011612]],)"
            R"("edge_index":[[0,1],[1,0]],"scores":[1.25,-100.0],"kept":[true,false]})"
            "\n");
}

TEST_F(EventDump, EveryFloatComesBackBitForBit) {
  DumpedEvent event = two_nodes();
  event.feature_names = {"localX"};
  event.edge_sources = event.edge_destinations = {};
  event.scores = {0.0F,
                  -0.0F,
                  std::numeric_limits<float>::denorm_min(),
                  -std::numeric_limits<float>::max(),
                  std::numeric_limits<float>::min(),
                  16777217.0F};
  std::mt19937 random(1);
  while (event.scores.size() < 20000) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) event.scores.push_back(value);
  }
  event.features = event.scores;
  event.kept.assign(event.scores.size(), 1);
  line_of(event, file);
  EventDumpReader reader(file);
  DumpedEvent read;
  ASSERT_TRUE(reader.next(read));
  for (std::size_t i = 0; i < event.scores.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(read.scores[i]),
              std::bit_cast<std::uint32_t>(event.scores[i]));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(read.features[i]),
              std::bit_cast<std::uint32_t>(event.features[i]));
  }
  EXPECT_EQ(read, event);
  EXPECT_EQ(reader.where(), file.string() + ":1");
  EXPECT_FALSE(reader.next(read));
}

TEST_F(EventDump, AnEventWithoutHits) {
  DumpedEvent event = two_nodes();
  event.features = event.scores = {};
  event.edge_sources = event.edge_destinations = {};
  event.kept = {};
  line_of(event, file);
  DumpedEvent read = two_nodes();
  EventDumpReader reader(file);
  ASSERT_TRUE(reader.next(read));
  EXPECT_EQ(read, event);
}

TEST_F(EventDump, ThereIsNoFileBeforeClose) {
  {
    EventDumpWriter writer(file);
    writer.write(two_nodes());
  }
  EXPECT_TRUE(folder.empty());
}

TEST_F(EventDump, TheWriterNamesWhatItCannotHold) {
  EventDumpWriter writer(file);
  writer.write(two_nodes());
  DumpedEvent event = two_nodes();
  event.features[3] = NAN;
  const auto refused = [&] { return data_error([&] { writer.write(event); }); };
  EXPECT_CONTAINS(refused(), file.string() + ":2: features[3] is nan, which JSON cannot hold");
  event = two_nodes();
  event.scores[0] = INFINITY;
  EXPECT_CONTAINS(refused(), "scores[0] is inf");
  event = two_nodes();
  event.kept.pop_back();
  EXPECT_CONTAINS(refused(), "kept has 1 decisions, expected 2, the number of scores");
  event = two_nodes();
  event.edge_sources.push_back(0);
  EXPECT_CONTAINS(refused(), "edge_index has 3 sources and 2 destinations");
  event = two_nodes();
  event.feature_names.clear();
  EXPECT_CONTAINS(refused(), "feature_names is empty");
  writer.write(two_nodes());
  writer.close();
  EventDumpReader reader(file);
  EXPECT_TRUE(reader.next(event) && reader.next(event) && !reader.next(event));
}

TEST_F(EventDump, LinesThatAreNoEvent) {
  const std::string line = line_of(two_nodes(), file);
  const std::string cut_off = refusal(line + line.substr(0, 100));
  EXPECT_CONTAINS(cut_off, file.string() + ":2: is cut off, it begins with '{\"schema\":");
  EXPECT_CONTAINS(cut_off, "make the dump again, or take the line out");
  EXPECT_CONTAINS(refusal("hits\n"), ":1: is no JSON (which has no NaN), it begins with 'hits'");
  EXPECT_CONTAINS(refusal(line + "\n" + line), ":2: is no JSON");
  EXPECT_CONTAINS(refusal(std::string(100, '[') + "\n"), ":1: is nested deeper than 64 levels");
  EXPECT_CONTAINS(refusal("[1]\n"), ":1: ");
  EXPECT_CONTAINS(refusal("-3.0", "NaN"), "is no JSON (which has no NaN)");
}

TEST_F(EventDump, OtherSchemasAndMissingKeys) {
  EXPECT_CONTAINS(refusal("dump/1", "dump/2"),
                  "schema is \"stationhit-event-dump/2\", expected \"stationhit-event-dump/1\"");
  EXPECT_CONTAINS(refusal("\"kept\"", "\"held\""), "key 'kept' not found");
  EXPECT_CONTAINS(refusal("\"run\":4000000000", "\"run\":-1"),
                  "run is -1, expected a whole number");
}

TEST_F(EventDump, ValuesThatAreWrong) {
  EXPECT_CONTAINS(refusal("-3.0", "null"), "features[1][0] is null, expected a finite number");
  EXPECT_CONTAINS(refusal("-3.0", "1e39"), "features[1][0] is 1e+39, expected a number of float32");
  EXPECT_CONTAINS(refusal("1.25", "\"x\""), "scores[0] is \"x\", expected a finite number");
  EXPECT_CONTAINS(refusal("true", "1"), "kept[0] is 1, expected true or false");
  EXPECT_CONTAINS(refusal("[[0,1]", "[[0,2]"),
                  "edge_index[0][1] is 2, expected a node of the 2 of the event");
  EXPECT_CONTAINS(refusal("[[0,1]", "[[0,-1]"), "edge_index[0][1] is -1");
  EXPECT_CONTAINS(refusal("[[0,1]", "[[0,0.5]"),
                  "edge_index[0][1] is 0.5, expected a whole number");
  EXPECT_CONTAINS(refusal("[[0,1]", "[[0]"), "edge_index has 1 sources and 2 destinations");
  EXPECT_CONTAINS(refusal("[[0,1],[1,0]]", "[[0,1]]"), "edge_index has 1 rows, expected 2");
  EXPECT_CONTAINS(refusal("[1.0,2.5]", "[1.0]"),
                  "features[0] has 1 numbers, expected 2, the number of feature_names");
  EXPECT_CONTAINS(refusal("[1.0,2.5],", ""), "features has 2 numbers, expected 2 x 2");
  EXPECT_CONTAINS(refusal("[true,false]", "[true]"), "kept has 1 decisions, expected 2");
  EXPECT_CONTAINS(refusal("[1.25,-100.0]", "5"), "scores is 5, expected an array");
}

TEST_F(EventDump, WindowsLinesAndNoLastNewline) {
  std::string line = line_of(two_nodes(), file);
  line.pop_back();
  std::ofstream(file, std::ios::binary) << line + "\r\n" + line;
  EventDumpReader reader(file);
  DumpedEvent event;
  EXPECT_TRUE(reader.next(event) && reader.next(event) && !reader.next(event));
  EXPECT_EQ(event, two_nodes());
}

TEST_F(EventDump, AModelHasTheHashOfItsBytes) {
  core::write_text_file(folder / "a", "model");
  core::write_text_file(folder / "b", "modem");
  EXPECT_EQ(hash_model_file(folder / "a").size(), 16U);
  EXPECT_NE(hash_model_file(folder / "a"), hash_model_file(folder / "b"));
  EXPECT_CONTAINS(data_error([&] { (void)hash_model_file(folder / "none"); }), "none");
  EXPECT_CONTAINS(data_error([&] { EventDumpReader(folder / "none"); }), "none");
  EXPECT_CONTAINS(data_error([&] { EventDumpReader(folder.path()); }), folder.path().string());
}

}  // namespace
}  // namespace stationhit::inference
