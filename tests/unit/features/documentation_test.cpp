// docs/features.md holds the table of known_features(). After a change: UPDATE_DOCS=1
// build/release/bin/test_features
// --gtest_filter='Documentation.*'
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

const std::string begin_mark = "<!-- features: begin -->\n";
const std::string end_mark = "<!-- features: end -->\n";

// "globEdgeLowX" ... "globEdgeHighZ" would fill the page: six of them are one name. What begins
// with spacePoint_ is written without it.
std::string list_branches(const std::string& feature) {
  std::string text;
  for (const std::string& branch : branches_of(feature)) {
    const bool is_edge = branch.starts_with("spacePoint_globEdge");
    const std::string short_name =
        branch.starts_with("spacePoint_") ? branch.substr(branch.find('_') + 1) : branch;
    const bool is_branch = branch.find(' ') == std::string::npos;
    const std::string name =
        is_branch ? "`" + (is_edge ? "globEdge*" : short_name) + "`" : short_name;
    if (text.find(name) == std::string::npos) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string table() {
  std::string text = "| name | unit | meaning | computed from |\n|---|---|---|---|\n";
  for (const FeatureInfo& info : known_features())
    text += "| `" + info.name + "` | " + info.unit + " | " + info.meaning +
            (info.codes.count > 0 ? " (discrete)" : "") + " | " + list_branches(info.name) + " |\n";
  return text;
}

TEST(Documentation, ListsTheFeatures) {
  const std::filesystem::path path = STATIONHIT_DOCS "/features.md";
  const std::string page = core::read_text_file(path);
  const auto begin = page.find(begin_mark);
  const auto end = page.find(end_mark);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end);
  const std::string expected =
      page.substr(0, begin + begin_mark.size()) + table() + page.substr(end);
  if (std::getenv("UPDATE_DOCS") != nullptr) {
    core::write_text_file(path, expected);
  } else {
    EXPECT_EQ(page, expected);
  }
}

}  // namespace
}  // namespace stationhit::features
