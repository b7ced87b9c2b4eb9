#include <stationhit/core/files.hpp>

#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

class ManifestTest : public PrepareTest {};

TEST_F(ManifestTest, ManifestReadsBack) {
  const Manifest made = run();
  const Manifest read = read_manifest(config.output);
  EXPECT_EQ(read.splits, made.splits);
  EXPECT_EQ(read.shards, made.shards);
  EXPECT_EQ(read.inputs, made.inputs);
  EXPECT_EQ(read.input_counts, made.input_counts);
  EXPECT_EQ(read.provenance.fingerprint, made.provenance.fingerprint);
  EXPECT_EQ(read.provenance.split_method, "event");
  EXPECT_EQ(read.inputs.at(0).process, "ttbar");
  EXPECT_FALSE(fs::exists(fs::path(config.output) / "prepare.journal"));
}

TEST_F(ManifestTest, ChoicesAreStoredByName) {
  (void)run();
  const fs::path path = fs::path(config.output) / manifest_file_name;
  const std::string text = core::read_text_file(path);
  EXPECT_CONTAINS(text, "\"balance\": \"equal_files\"");
  EXPECT_CONTAINS(text, "\"by\": \"");
  core::write_text_file(path, std::string(text).replace(text.find("\"by\": \""), 7, "\"by\": \"x"));
  EXPECT_CONTAINS(test::data_error([&] { (void)read_manifest(config.output); }),
                  "expected file, event, auto");
}

TEST_F(ManifestTest, ManifestsSayWhatTheFilesKnowOfTheirSample) {
  PrepareFormats formats = fake.formats();
  formats.examine = [examine = formats.examine](const fs::path& file) {
    InputSummary summary = examine(file);
    summary.sample = {"Toy simulation", {file.filename().string().starts_with("z") ? 200.0 : 60.0}};
    return summary;
  };
  (void)prepare(config, formats);
  const core::SampleInfo expected{"Toy simulation", {60, 200}};
  EXPECT_EQ(read_manifest(config.output).provenance.sample, expected);
  EXPECT_EQ(read_split_manifest(fs::path(config.output) / "test").provenance.sample, expected);
}

TEST_F(ManifestTest, SetsThatDoNotRecordTheirSampleAreRead) {
  (void)run();
  const fs::path path = fs::path(config.output) / "test" / manifest_file_name;
  std::string text = core::read_text_file(path);
  const std::size_t key = text.find("\"sample\"");
  ASSERT_NE(key, std::string::npos);
  core::write_text_file(path, text.replace(key, 8, "\"unheard\""));
  EXPECT_EQ(read_split_manifest(path.parent_path()).provenance.sample, core::SampleInfo{});
}

TEST_F(ManifestTest, DamagedManifestsAreErrors) {
  run();
  const fs::path file = fs::path(config.output) / "val" / manifest_file_name;
  const std::string text = core::read_text_file(file);
  const auto error_with = [&](const std::string& content) {
    core::write_text_file(file, content);
    return test::data_error([&] { (void)open_split(fs::path(config.output) / "val"); });
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    return std::string(text).replace(text.find(from), from.size(), to);
  };
  EXPECT_CONTAINS(error_with(text.substr(0, text.size() / 2)),
                  "val/manifest.json: is not a JSON object");
  EXPECT_CONTAINS(error_with(replaced("\"format\": 1", "\"format\": 99")),
                  "has format 99, this program reads format 1");
  EXPECT_CONTAINS(error_with(replaced("\"shards\"", "\"sherds\"")), "damaged manifest: ");
  EXPECT_CONTAINS(error_with(replaced("\"true_hits\": ", "\"true_hits\": 9")),
                  "not the sum of its shards");
}

}  // namespace
}  // namespace stationhit::data
